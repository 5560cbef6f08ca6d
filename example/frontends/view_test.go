package frontends_test

import (
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

// viewOfToken starts a server with the view that tokenAuthProvider needs, which is a setting of a program and not of the example.
func viewOfToken(t *testing.T) string {
	app := memory.New(t, func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.OpaqueToken}
		cfg.Views = config.Views{config.View(func(r binding.LoginResponse) gin.H { return gin.H{"token": r.Key, "user": r.User} })}
	})
	server := httptest.NewServer(app.Router)
	t.Cleanup(server.Close)
	signUp(t, server.URL, "ann")
	return server.URL
}
