package snippet

import (
	"strconv"
	"testing"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestWithLimits(t *testing.T) {
	app := memory.New(t, func(cfg *config.Config) {
		cfg.Limits = config.Limits{} // authtest turns them off
		*cfg = withLimits(*cfg)
		cfg.TrustedProxies = []string{"192.0.2.0/24"} // where httptest's requests come from
	})
	guess := func(address, name string) int {
		b := app.Client(t)
		b.Header.Set("X-Forwarded-For", address)
		return b.Post("/auth/login/", authtest.Login(name)).StatusCode
	}
	for i := range 100 {
		if status := guess("203.0.113.1", "user"+strconv.Itoa(i)); status != 400 {
			t.Fatalf("guess %d of an office: %d", i, status)
		}
	}
	if status := guess("203.0.113.1", "ann"); status != 429 {
		t.Errorf("one guess more: %d", status)
	}
	if status := guess("198.51.100.7", "ann"); status != 400 {
		t.Errorf("the server that renders pages: %d", status)
	}
}
