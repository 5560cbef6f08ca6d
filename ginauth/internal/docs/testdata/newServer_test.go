package snippet

import (
	"testing"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/models"
)

// TestNewServer uses three recipes together: pages on another origin, mandatory verification, and roles.
func TestNewServer(t *testing.T) {
	t.Setenv("AUTH_SECRET", string(authtest.Secret))
	t.Setenv("MAIL_URL", "dir:"+t.TempDir())
	db := memory.Open(t)
	auth, router, err := newServer(t.Context(), db)
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
	from := []string{"Origin", page, "Sec-Fetch-Site", "same-site"}
	browser.Do("POST", "/auth/registration/", authtest.SignUp("ann"), from...).Want(201)
	browser.Do("POST", "/auth/login/", authtest.Login("ann"), from...).WantProblems("non_field_errors email_unverified")
	var ann models.User
	if err := db.Take(&ann).Error; err != nil {
		t.Fatal(err)
	}
	if err := auth.ConfirmEmail(t.Context(), ann.ID, ann.Email); err != nil {
		t.Fatal(err)
	}
	browser.Do("POST", "/auth/login/", authtest.Login("ann"), from...).Want(200)
	browser.Do("GET", "/auth/user/", nil, "Origin", page).Want(200)
	browser.Do("PATCH", "/auth/user/", map[string]string{"first_name": "Ann"}, from...).Want(200)
	browser.Do("POST", "/articles/", nil, from...).Want(403) // of withRoles: a reader
	refused := browser.Do("PATCH", "/auth/user/", map[string]string{"first_name": "Eve"}, "Origin", "http://127.0.0.1:5173", "Sec-Fetch-Site", "cross-site").Want(403)
	if refused.Text != "" { // gin-contrib/cors refused it
		t.Errorf("the response is %s", refused.Text)
	}
	if config.ValidOrigin(page + "/") {
		t.Error("the slash is part of no origin")
	}
}
