package snippet

import (
	"testing"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestNewSPAServer(t *testing.T) {
	router, err := newSPAServer(memory.Open(t), authtest.Secret)
	if err != nil {
		t.Fatal(err)
	}
	const page = "http://localhost:5173"
	browser := authtest.NewClient(t, router)
	preflight := browser.Do("OPTIONS", "/auth/login/", nil, "Origin", page,
		"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type").Want(204)
	if h := preflight.Header; h.Get("Access-Control-Allow-Origin") != page || h.Get("Access-Control-Allow-Credentials") != "true" {
		t.Errorf("the preflight returned %v", h)
	}
	browser.Do("POST", "/auth/registration/", authtest.SignUp("ann"), "Origin", page, "Sec-Fetch-Site", "same-site").Want(201)
	browser.Do("GET", "/auth/user/", nil, "Origin", page).Want(200)
	browser.Do("PATCH", "/auth/user/", map[string]string{"first_name": "Ann"}, "Origin", page, "Sec-Fetch-Site", "same-site").Want(200)
	browser.Do("PATCH", "/auth/user/", map[string]string{"first_name": "Eve"}, "Origin", "http://localhost:9999", "Sec-Fetch-Site", "same-site").Want(403)
	if config.ValidOrigin(page + "/") {
		t.Error("the slash is part of no origin")
	}
}
