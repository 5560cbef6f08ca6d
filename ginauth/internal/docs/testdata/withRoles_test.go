package snippet

import (
	"fmt"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestWithRoles(t *testing.T) {
	db := memory.Open(t)
	app := authtest.New(t, db, func(cfg *config.Config) { cfg.NewUser = config.Model[Employee]() })
	withRoles(app.Router, app.Auth, db)
	ann := authtest.UserAs[Employee](t, app, "ann")
	if err := firstAdmin(t.Context(), app.Auth, "root", authtest.Password); err != nil {
		t.Fatal(err)
	}
	reader, admin := app.Login(t, ann), app.Client(t)
	admin.Post("/auth/login/", authtest.Login("root")).Want(200)

	reader.Do("PATCH", "/auth/user/", map[string]string{"role": "admin"}).Want(200)
	reader.Post("/articles/", nil).WantCode(403, binding.CodePermissionDenied)
	role := func(id int64, role string) string { return fmt.Sprintf("/admin/users/%d/role/%s", id, role) }
	reader.Put(role(ann.ID, "admin"), nil).WantCode(403, binding.CodePermissionDenied)
	admin.Put(role(ann.ID, "emperor"), nil).Want(400)
	admin.Put(role(ann.ID+1, "reader"), nil).Want(400) // themselves
	admin.Put(role(ann.ID, "editor"), nil).Want(200)
	reader.Post("/articles/", nil).Want(201)
	admin.Put(role(ann.ID, "reader"), nil).Want(200)
	reader.Post("/articles/", nil).Want(403)
	app.Clock.Advance(16 * time.Minute)
	admin.Put(role(ann.ID, "editor"), nil).WantCode(403, binding.CodeFreshLogin)
}
