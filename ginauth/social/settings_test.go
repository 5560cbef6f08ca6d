package social_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
)

// invalidSettingsAreErrors: New refuses providers that cannot work, or whose routes would replace others.
func invalidSettingsAreErrors(c *dbtest.Case) {
	c.Start()
	try := func(features ...core.Feature) string {
		_, err := ginauth.New(c.DB, config.Config{Secret: authtest.Secret, LoginByCode: false}, features...)
		if err == nil {
			return ""
		}
		return err.Error()
	}
	for want, change := range map[string]func(*social.Provider){
		"Name: social: is taken":            func(p *social.Provider) { p.Name = "login" },
		"social: is taken by a route":       func(p *social.Provider) { p.Name = "socialaccounts" },
		"(emails).Name: social: is taken":   func(p *social.Provider) { p.Name = "emails" },
		"(a/b).Name":                        func(p *social.Provider) { p.Name = "a/b" },
		"().Name":                           func(p *social.Provider) { p.Name = "" },
		"(:id).Name":                        func(p *social.Provider) { p.Name = ":id" },
		"(Acme).Name":                       func(p *social.Provider) { p.Name = "Acme" },
		"ClientID: social: is empty":        func(p *social.Provider) { p.ClientID = "" },
		"ClientSecret: social: is empty":    func(p *social.Provider) { p.ClientSecret = "" },
		"Audiences":                         func(p *social.Provider) { p.Audiences = []string{""} },
		"must begin with https://":          func(p *social.Provider) { p.Issuer = "http://idp.example" },
		"is not a URL with a host":          func(p *social.Provider) { p.Issuer = "idp.example" },
		"Issuer: social: is empty":          func(p *social.Provider) { p.Issuer = "" },
		"RedirectURLs: social: has":         func(p *social.Provider) { p.RedirectURLs = []string{"/callback"} },
		"EmailDomains: social: has":         func(p *social.Provider) { p.EmailDomains = []string{"@acme.example"} },
		"(acme).Issuer: social: \"https://": func(p *social.Provider) { p.Issuer = "https://user:password@idp.example" },
	} {
		if err := try(social.Login(acme(change))); !strings.Contains(err, want) || strings.Contains(err, secret) {
			c.Errorf("want %q, got %s", want, err)
		}
	}
	other := func(s *core.Setup) error {
		core.Add(s, core.Route{Method: "POST", Path: "acme/own", Doc: "A route of another feature."}, nothing)
		return nil
	}
	for name, features := range map[string][]core.Feature{
		"no provider":          {social.Login()},
		"the same name twice":  {social.Login(acme(), acme())},
		"a route of a feature": {other, social.Login(acme())},
		"twice":                {social.Login(acme()), social.Login(acme())},
		"a bad tenant":         {social.Login(social.Microsoft("acme.example", clientID, secret))},
		"a bad key":            {social.Login(social.Apple(clientID, social.AppleKey{TeamID: "T", KeyID: "K", PEM: "private"}))},
		"a bad timeout":        {social.Feature(social.Options{Providers: []social.Provider{acme()}, Timeout: -1})},
	} {
		if err := try(features...); err == "" || strings.Contains(err, "private") {
			c.Errorf("%s: New returns %q", name, err)
		}
	}
	work := social.Google(clientID, secret)
	work.Name = "google-work"
	if err := try(social.Login(social.Google(clientID, secret), work, acme(func(p *social.Provider) { p.Issuer = "http://localhost:8080/realms/x" }))); err != "" {
		c.Errorf("two of a kind: %s", err)
	}
}

// weakSettingsAreFindings: Check reports settings that weaken security, and a discovery document that cannot be read.
func weakSettingsAreFindings(c *dbtest.Case) {
	start(c, acme(func(p *social.Provider) {
		p.CheckToken, p.AllowUncheckedAccessToken, p.RedirectURLs = nil, true, []string{"http://app.example/"}
	}))
	findings := func() string {
		return fmt.Sprint(c.Auth.Check(c.Context()))
	}
	for _, want := range []string{"AllowUncheckedAccessToken is set", "RedirectURLs has http://app.example/"} {
		if all := findings(); !strings.Contains(all, want) || strings.Contains(all, "discovery document cannot") || strings.Contains(all, secret) {
			c.Errorf("want %q, got %s", want, all)
		}
	}
	idp := start(c, acme(func(p *social.Provider) { p.RedirectURLs = nil }))
	idp.fails("idp.example/.well-known/openid-configuration", 404)
	if all := findings(); !strings.Contains(all, "discovery document cannot be used") || !strings.Contains(all, "RedirectURLs is empty") {
		c.Errorf("got %s", all)
	}
}

// theContractIsKept: fields, statuses and texts are those of dj-rest-auth.
func theContractIsKept(c *dbtest.Case) {
	idp := start(c, acme())
	plain := func(browser *authtest.Client, path string, body any) string {
		return strings.TrimSpace(browser.Do("POST", path, body, "Accept", "application/json").Text)
	}
	browser := c.SignedUp("ann")
	for _, path := range []string{"/auth/acme/", "/auth/acme", "/auth/acme/connect/"} {
		for _, body := range []obj{{}, {"access_token": "", "code": " ", "id_token": ""}, {"access_token": nil}} {
			if got := plain(browser, path, body); got != `{"non_field_errors":["Incorrect input. access_token or code is required."]}` {
				c.Errorf("%s %v: %s", path, body, got)
			}
		}
		if got := plain(browser, path, obj{"access_token": "unknown"}); got != `{"non_field_errors":["Incorrect value"]}` {
			c.Errorf("%s: %s", path, got)
		}
		if got := plain(browser, path, obj{"code": "unknown"}); got != `{"non_field_errors":["Failed to exchange code for access token"]}` {
			c.Errorf("%s: %s", path, got)
		}
	}
	if got := plain(c.Client(), "/auth/acme/", obj{"id_token": idp.idToken("s1", obj{"email": "ann@example.com"})}); got != `{"non_field_errors":["User is already registered with this e-mail address."]}` {
		c.Errorf("a taken address: %s", got)
	}
	if allow := browser.Get("/auth/acme/").Want(405).Header.Get("Allow"); allow != "OPTIONS, POST" && allow != "POST, OPTIONS" {
		c.Errorf("Allow is %q", allow)
	}
	for lang, want := range map[string]string{"de": "Mit dieser E-Mail-Adresse", "fr": "Un compte existe", "es": "Ya existe", "pt": "Já existe", "zh": "此邮箱地址", "ja": "このメールアドレス"} {
		r := c.Client().Do("POST", "/auth/acme/", obj{"id_token": idp.idToken("s1", obj{"email": "ann@example.com", "jti": lang})}, "Accept", "application/json", "Accept-Language", lang)
		if !strings.Contains(r.Text, want) {
			c.Errorf("%s: %s", lang, r.Text)
		}
	}
}

// TestReadme: the tables of codes and providers are complete.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	db := testdb.SQLite(t)
	auth, err := ginauth.New(db, config.Config{Secret: authtest.Secret}, social.Login(acme()))
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range core.Of(auth).Codes() {
		if row := fmt.Sprintf("| `%s` | %s |\n", code.Code, code.Meaning); !strings.Contains(string(text), row) {
			t.Errorf("there is no row %s", row)
		}
	}
	for _, r := range auth.Routes() {
		path := strings.Replace(r.Path, "acme/", "{provider}/", 1)
		if r.Tag == "Logging in with other accounts" && !strings.Contains(string(text), "| "+r.Method+" | `"+path+"` |") {
			t.Errorf("there is no row for %s %s", r.Method, path)
		}
	}
	for _, b := range builtIns() {
		if !strings.Contains(strings.ToLower(string(text)), "| `"+b.provider.Name+"` |") {
			t.Errorf("there is no row for %s", b.provider.Name)
		}
	}
}

func nothing(*gin.Context, *binding.Empty) (binding.Empty, error) { return binding.Empty{}, nil }
