package snippet

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestBehindProxy(t *testing.T) {
	router := gin.New()
	app := authtest.New(t, memory.Open(t), func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.JSONWebToken}
		cfg.JWT.Transport, cfg.PublicPath = config.InCookies, "/api/auth"
		if err := behindProxy(cfg, router, []string{"192.0.2.1"}); err != nil {
			t.Fatal(err)
		}
	})
	client := app.Client(t)
	signedUp := client.Do("POST", "/auth/registration/", authtest.SignUp("ann"), "X-Forwarded-For", "198.51.100.66, 203.0.113.9:50324").Want(201)
	if cookies := strings.Join(signedUp.Header["Set-Cookie"], "\n"); !strings.Contains(cookies, "Path=/api/auth/") {
		t.Errorf("the cookies are %s", cookies)
	}
	if sessions := client.Get("/auth/sessions/").Want(200).Text; !strings.Contains(sessions, `"203.0.113.9"`) {
		t.Errorf("the sessions are %s", sessions)
	}
	for peer, want := range map[string]string{"192.0.2.1:5": "203.0.113.9", "198.51.100.5:5": "198.51.100.5"} {
		c := gin.CreateTestContextOnly(httptest.NewRecorder(), router)
		c.Request = httptest.NewRequest("GET", "/", nil)
		c.Request.RemoteAddr = peer
		c.Request.Header.Set("X-Forwarded-For", "203.0.113.9")
		if got := c.ClientIP(); got != want {
			t.Errorf("from %s Gin sees %s", peer, got)
		}
		c.Request.Header.Set("X-Forwarded-For", "203.0.113.9:50324") // Gin does not read a port
		if got := c.ClientIP(); got+":5" != peer {
			t.Errorf("from %s Gin reads a port: %s", peer, got)
		}
	}
}
