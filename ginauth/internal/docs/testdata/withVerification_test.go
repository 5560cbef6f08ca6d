package snippet

import (
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestWithVerification(t *testing.T) {
	box, db, router := &authtest.Mailbox{}, memory.Open(t), gin.New()
	auth, err := ginauth.New(db, withVerification(config.Config{Secret: authtest.Secret}, box, "https://app.example.com"))
	if err != nil {
		t.Fatal(err)
	}
	if err := auth.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := auth.Register(router); err != nil {
		t.Fatal(err)
	}
	app := authtest.Wrap(auth, db, router)
	const verify = "/auth/registration/verify-email/"
	ann := app.Client(t)
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	if mails := app.Mails(t, box); len(mails) != 1 || mails[0].Kind != "verify" {
		t.Fatalf("mails %v", mails)
	}
	ann.Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors email_unverified")
	ann.Post(verify, map[string]string{"email": "ann@example.com", "code": "WRONGONE"}).WantCode(404, binding.CodeInvalidTicket)

	ann.Post("/auth/registration/resend-email/", map[string]string{"email": "ann@example.com"}).Want(200)
	ann.Post("/auth/registration/resend-email/", map[string]string{"email": "nobody@example.com"}).Want(200)
	app.Mails(t, box)
	ann.Post("/auth/registration/correct-email/", map[string]string{
		"username": "ann", "password": authtest.Password, "email": "ann@example.org",
	}).Want(200)
	mail := app.Mails(t, box)[0]
	if mail.To != "ann@example.org" {
		t.Errorf("the mail went to %s", mail.To)
	}
	ann.Post(verify, map[string]string{"email": "ann@example.org", "code": mail.Code(t)}).Want(200)
	ann.Get("/auth/user/").Want(401)
	ann.Post("/auth/login/", authtest.Login("ann")).Want(200)

	second := authtest.SignUp("eve")
	second.Email = "ann@example.org"
	app.Client(t).Post("/auth/registration/", second).Want(201)
	if mails := app.Mails(t, box); len(mails) != 1 || mails[0].Kind != "account_exists" {
		t.Errorf("mails %v", mails)
	}
	app.Client(t).Post("/auth/registration/", authtest.SignUp("bob")).Want(201)
	app.Client(t).Post(verify, map[string]string{"key": app.Mails(t, box)[0].Key(t)}).Want(200)
	app.Client(t).Post("/auth/login/", authtest.Login("bob")).Want(200)
}
