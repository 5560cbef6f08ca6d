package snippet

import (
	"fmt"
	"testing"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/models"
)

func TestWithAuditLog(t *testing.T) {
	db := memory.Open(t)
	if err := db.AutoMigrate(&AuditEntry{}); err != nil {
		t.Fatal(err)
	}
	app := authtest.New(t, db, func(cfg *config.Config) { *cfg = withAuditLog(*cfg, db) })
	deleteByAdmin(app.Router, app.Auth)
	ann := app.User(t, "ann")
	root := app.Login(t, app.User(t, "root", func(u *models.User) { u.IsSuperuser = true }))
	client := app.Client(t)
	client.Post("/auth/login/", binding.Login{Username: "ann", Password: "a guess"}).Want(400)
	client.Post("/auth/login/", authtest.Login("ann")).Want(200)
	client.Post("/auth/reauthenticate/", binding.Reauthenticate{Password: "a guess"}).Want(400)
	client.Delete(fmt.Sprint("/admin/users/", ann.ID)).Want(403)
	root.Delete("/admin/users/0").Want(404)
	root.Delete(fmt.Sprint("/admin/users/", ann.ID)).Want(204)
	var entries []AuditEntry
	if err := db.Order("id").Find(&entries).Error; err != nil || len(entries) != 5 {
		t.Fatal(entries, err)
	}
	if e := entries[1]; e.Event != config.EventLoginFailed || e.Login != "ann" || e.UserID != 0 || e.IP == "" {
		t.Errorf("the failed login: %+v", e)
	}
	if e := entries[2]; e.Event != config.EventLogin || e.UserID != ann.ID || e.ActorID != 0 {
		t.Errorf("the login: %+v", e)
	}
	if e := entries[3]; e.Event != config.EventLoginFailed || e.Login != "ann" || e.UserID != ann.ID {
		t.Errorf("the wrong password of a logged-in user: %+v", e)
	}
	if e := entries[4]; e.Event != config.EventDelete || e.UserID != ann.ID || e.ActorID == 0 || e.CreatedAt.IsZero() {
		t.Errorf("the deletion: %+v", e)
	}
}
