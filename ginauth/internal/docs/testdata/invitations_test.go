package snippet

import (
	"testing"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/models"
)

func TestInvitations(t *testing.T) {
	for _, verification := range []config.Verification{config.VerifyOptional, config.VerifyMandatory} {
		box := &authtest.Mailbox{}
		app := memory.New(t, box.Configure, func(cfg *config.Config) { cfg.EmailVerification = verification })
		invitations(app.Router, app.Auth)
		app.Login(t, app.User(t, "eve")).Post("/admin/users", map[string]string{"email": "x@example.com"}).Want(403)
		admin := app.Login(t, app.User(t, "root", func(u *models.User) { u.IsStaff = true }))
		admin.Post("/admin/users", map[string]string{"username": "ann", "email": "eve@example.com"}).WantProblems("email taken")
		admin.Post("/admin/users", map[string]string{"username": "ann"}).WantProblems("email required")
		admin.Post("/admin/users", map[string]string{"username": "ann", "email": "ann@example.com"}).Want(201)
		app.Mails(t, box)
		admin.Post("/auth/password/reset/", map[string]string{"email": "ann@example.com"}).Want(200)
		mails := app.Mails(t, box)
		if len(mails) != 1 || mails[0].Kind != "reset" || mails[0].To != "ann@example.com" {
			t.Fatalf("mails %v", mails)
		}
		ann := app.Client(t)
		ann.Post("/auth/password/reset/confirm/", map[string]string{
			"uid": mails[0].UID(t), "token": mails[0].Key(t), "new_password1": authtest.Password, "new_password2": authtest.Password,
		}).Want(200)
		ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
		var addresses []struct{ Verified bool }
		ann.Get("/auth/emails/").Want(200).JSON(&addresses)
		if len(addresses) != 1 || !addresses[0].Verified {
			t.Errorf("addresses %v", addresses)
		}
	}
}
