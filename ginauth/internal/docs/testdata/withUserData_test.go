package snippet

import (
	"strings"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/models"
)

func TestWithUserData(t *testing.T) {
	db := memory.Open(t)
	if err := db.AutoMigrate(&Note{}); err != nil {
		t.Fatal(err)
	}
	app := authtest.New(t, db, func(cfg *config.Config) { *cfg = withUserData(*cfg) })
	ann, bob := app.User(t, "ann"), app.User(t, "bob")
	db.Create(&[]Note{{UserID: ann.ID, Text: "remember the milk"}, {UserID: bob.ID, Text: "secret"}})
	client := app.Login(t, ann)
	export := client.Get("/auth/user/export/").Want(200).Text
	for _, want := range []string{"remember the milk", "ann@example.com", `"username":"ann"`, "192.0.2.1", `"user_agent"`} {
		if !strings.Contains(export, want) {
			t.Errorf("%s is not in %s", want, export)
		}
	}
	for _, secret := range []string{"secret", "bob", "argon2", "hash"} {
		if strings.Contains(export, secret) {
			t.Errorf("%s is in %s", secret, export)
		}
	}
	left := func() (users, notes int64) {
		db.Model(&models.User{}).Count(&users)
		db.Model(&Note{}).Count(&notes)
		return users, notes
	}
	app.Clock.Advance(11 * time.Minute)
	client.Get("/auth/user/export/").WantCode(403, binding.CodeFreshLogin)
	client.Post("/auth/user/delete/", nil).WantCode(403, binding.CodeFreshLogin)
	remove := func() {
		client.Post("/auth/user/delete/", map[string]string{"password": authtest.Password}).Want(200)
		client.Get("/auth/user/").Want(401)
	}
	remove()
	app.Clock.Advance(13 * 24 * time.Hour)
	client.Post("/auth/login/", authtest.Login("ann")).Want(200) // restores it
	app.Clock.Advance(2 * 24 * time.Hour)
	if _, err := app.Auth.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if users, notes := left(); users != 2 || notes != 2 {
		t.Errorf("restored: %d users, %d notes", users, notes)
	}
	client.Post("/auth/login/", authtest.Login("ann")).Want(200)
	remove()
	app.Clock.Advance(15 * 24 * time.Hour)
	if _, err := app.Auth.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if users, notes := left(); users != 1 || notes != 1 {
		t.Errorf("deleted: %d users, %d notes", users, notes)
	}
}
