package snippet

import (
	"testing"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

// TestWithReports: a scoped token of an editor passes, one of a reader does not, and neither does one with another scope.
func TestWithReports(t *testing.T) {
	db := memory.Open(t)
	app := authtest.New(t, db, func(cfg *config.Config) {
		cfg.NewUser = config.Model[Employee]()
		cfg.Login = []config.Credential{config.SessionCookie, config.OpaqueToken}
		cfg.Token.Scopes = []string{"reports:read", "orders:read"}
	})
	withReports(app.Router, app.Auth, db)
	for name, want := range map[string]int{"editor": 200, "reader": 403} {
		user := authtest.UserAs[Employee](t, app, name, func(e *Employee) { e.Role = name })
		client := app.Login(t, user)
		client.Get("/reports").Want(want)
		get := func(scopes ...string) *authtest.Response {
			var token struct{ Key string }
			client.Post("/auth/tokens/", map[string]any{"name": "report", "scopes": scopes}).Want(201).JSON(&token)
			return app.Client(t).Do("GET", "/reports", nil, "Authorization", "Bearer "+token.Key)
		}
		get("reports:read").Want(want)
		get("orders:read").WantCode(403, binding.CodeInsufficientScope)
	}
}
