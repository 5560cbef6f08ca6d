package snippet

import (
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/models"
)

func TestWithOwnValues(t *testing.T) {
	app := memory.New(t)
	withOwnValues(app.Router, app.Auth)
	client := app.Client(t)
	client.Post("/theme/dark", nil).Want(401)
	client.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	client.Post("/theme/dark", nil).Want(204)
	client.Post("/auth/login/", authtest.Login("ann")).Want(200)
	if theme := client.Get("/theme").Want(200).Text; theme != "dark" {
		t.Errorf("after another login the theme is %q", theme)
	}
	client.Post("/auth/logout/", nil).Want(200)
	if theme := client.Get("/theme").Want(200).Text; theme != "" {
		t.Errorf("after the logout the theme is %q", theme)
	}
}

func TestMoveUser(t *testing.T) {
	db := memory.Open(t)
	app := authtest.New(t, db)
	hash, err := bcrypt.GenerateFromPassword([]byte("the old password"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	user := &models.User{Username: "ann", Email: "ann@example.com"}
	if err := moveUser(t.Context(), app.Auth, db, user, string(hash)); err != nil {
		t.Fatal(err)
	}
	app.Client(t).Post("/auth/login/", map[string]string{"username": "ann", "password": "another password"}).Want(400)
	for range 2 {
		app.Client(t).Post("/auth/login/", map[string]string{"username": "ann", "password": "the old password"}).Want(200)
	}
	var stored models.User
	if err := db.Take(&stored, user.ID).Error; err != nil || stored.Password == string(hash) {
		t.Errorf("the hash was not renewed: %v", err)
	}
}
