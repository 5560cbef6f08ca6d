package docs_test

// What the documents say about gin-contrib/cors, held against the module.

import (
	"testing"
	"time"

	"github.com/gin-contrib/cors"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

// webView is the origin of a page inside an app.
const webView = "capacitor://localhost"

// preflighted sends the preflight of a login for a token, and returns the origin that the response allows.
func preflighted(client *authtest.Client) string {
	return client.Do("OPTIONS", "/auth/login/", nil, "Origin", webView, "Access-Control-Request-Method", "POST",
		"Access-Control-Request-Headers", "auth-credential,content-type").Header.Get("Access-Control-Allow-Origin")
}

// TestCORS: a page of another origin gets through gin-contrib/cors with a preflight, a login and an unsafe request by its cookie, and
// a web view logs in for a token.
func TestCORS(t *testing.T) {
	t.Parallel()
	const page = "https://app.example.com"
	app := authtest.Prepare(t, memory.Open(t), func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.SessionCookie, config.OpaqueToken}
		cfg.TrustedOrigins, cfg.TokenOrigins = []string{page, webView}, []string{webView}
	})
	app.Router.Use(cors.New(cors.Config{
		AllowOrigins: []string{page, webView}, CustomSchemas: []string{"capacitor://"}, AllowCredentials: true, MaxAge: time.Hour,
		AllowMethods: []string{"GET", "POST", "PUT", "PATCH", "DELETE"}, AllowHeaders: []string{"Content-Type", "Authorization", "Auth-Credential"},
	}))
	if err := app.Auth.Register(app.Router); err != nil {
		t.Fatal(err)
	}
	app.User(t, "ann")

	browser := app.Client(t)
	fromPage := []string{"Origin", page, "Sec-Fetch-Site", "same-site"}
	login := browser.Do("POST", "/auth/login/", authtest.Login("ann"), fromPage...).Want(200)
	if login.Header.Get("Access-Control-Allow-Origin") != page || login.Header.Get("Access-Control-Allow-Credentials") != "true" {
		t.Errorf("the login returned %v", login.Header)
	}
	browser.Do("PATCH", "/auth/user/", map[string]string{"first_name": "Ann"}, fromPage...).Want(200)
	browser.Do("DELETE", "/auth/sessions/", nil, fromPage...).Want(204)
	browser.Do("POST", "/auth/logout/", nil, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site").Want(403)

	if origin := preflighted(app.Client(t)); origin != webView {
		t.Errorf("the preflight of the web view allowed %q", origin)
	}
	inApp := app.Client(t)
	var token struct{ Key string }
	inApp.Do("POST", "/auth/login/", authtest.Login("ann"), "Origin", webView, "Sec-Fetch-Site", "cross-site", "Auth-Credential", "token").Want(200).JSON(&token)
	inApp.Do("PATCH", "/auth/user/", map[string]string{"first_name": "A."}, "Origin", webView, "Authorization", "Token "+token.Key).Want(200)
}

// TestCORSAfterRegister: Gin runs middleware only for routes that come after it, so no preflight is answered.
func TestCORSAfterRegister(t *testing.T) {
	t.Parallel()
	app := memory.New(t)
	app.Router.Use(cors.New(cors.Config{AllowOrigins: []string{webView}, CustomSchemas: []string{"capacitor://"}}))
	if origin := preflighted(app.Client(t)); origin != "" {
		t.Errorf("allowed %q", origin)
	}
}
