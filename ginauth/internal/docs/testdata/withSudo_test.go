package snippet

import (
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestWithSudo(t *testing.T) {
	app := memory.New(t)
	withSudo(app.Router, app.Auth)
	app.Client(t).Post("/payouts", nil).Want(401)
	ann := app.Login(t, app.User(t, "ann"))
	ann.Post("/payouts", nil).Want(200)
	app.Clock.Advance(11 * time.Minute)
	ann.Post("/payouts", nil).WantCode(403, binding.CodeFreshLogin)
	ann.Post("/auth/reauthenticate/", map[string]string{"password": "wrong"}).WantProblems("password password_incorrect")
	ann.Post("/payouts", nil).WantCode(403, binding.CodeFreshLogin)
	ann.Post("/auth/reauthenticate/", map[string]string{"password": authtest.Password}).Want(200)
	ann.Post("/payouts", nil).Want(200)
}
