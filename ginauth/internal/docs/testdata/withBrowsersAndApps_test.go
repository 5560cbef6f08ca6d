package snippet

import (
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestWithBrowsersAndApps(t *testing.T) {
	auth, err := ginauth.New(memory.Open(t), withBrowsersAndApps(config.Config{Secret: authtest.Secret}))
	if err != nil {
		t.Fatal(err)
	}
	if err := auth.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	router := gin.New()
	if err := auth.Register(router); err != nil {
		t.Fatal(err)
	}
	page := authtest.NewClient(t, router)
	if signedUp := page.Do("POST", "/auth/registration/", authtest.SignUp("ann"), "Sec-Fetch-Site", "same-origin").Want(201); strings.Contains(signedUp.Text, "key") {
		t.Errorf("a page got %s", signedUp.Text)
	}
	page.Get("/auth/user/").Want(200)
	page.Do("POST", "/auth/login/", authtest.Login("ann"), "Sec-Fetch-Site", "same-origin", "Auth-Credential", "token").WantCode(403, binding.CodeCredential)

	for name, header := range map[string][]string{
		"native":    {"Auth-Credential", "token"},
		"capacitor": {"Auth-Credential", "token", "Origin", "capacitor://localhost", "Sec-Fetch-Site", "cross-site"},
	} {
		client := authtest.NewClient(t, router)
		var login struct{ Key string }
		client.Do("POST", "/auth/login/", authtest.Login("ann"), header...).Want(200).JSON(&login)
		if login.Key == "" || len(client.Cookies) != 0 {
			t.Errorf("%s: key %q, cookies %v", name, login.Key, client.Cookies)
		}
		client.Do("GET", "/auth/user/", nil, "Authorization", "Token "+login.Key).Want(200)
	}
}
