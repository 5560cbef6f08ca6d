package dbtest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// asking returns a client that asks for a credential.
func (c *Case) clientAskingFor(credential string) *authtest.Client {
	client := c.Client()
	client.Header.Set(config.CredentialHeader, credential)
	return client
}

// loginAs logs a user in with a credential.
func (c *Case) loginAs(name, credential string) (out binding.LoginResponse) {
	c.Helper()
	c.clientAskingFor(credential).Post("/auth/login/", authtest.Login(name)).Want(200).JSON(&out)
	return out
}

func hasToken(r *authtest.Response) bool {
	return strings.Contains(r.Text, "gat_") || strings.Contains(r.Text, "grt_") || strings.Contains(r.Text, "eyJ")
}

func withFixedRefresh(cfg *config.Config) { cfg.JWT.AllowFixedRefresh = 2 * time.Hour }

func withJWT(cfg *config.Config) { cfg.Login = []config.Credential{config.JSONWebToken} }

func withJWTCookies(cfg *config.Config) {
	withJWT(cfg)
	cfg.JWT.Transport = config.InCookies
}

// pairOf logs in and returns the tokens.
func (c *Case) tokenPairOf(name string) *binding.Tokens {
	c.Helper()
	return c.tokenPairFor(authtest.Login(name))
}

func (c *Case) tokenPairFor(login binding.Login) *binding.Tokens {
	c.Helper()
	var out binding.LoginResponse
	c.Client().Post("/auth/login/", login).Want(200).JSON(&out)
	return out.Tokens
}

// refresh exchanges a refresh token.
func (c *Case) refresh(token string) *authtest.Response {
	return c.Client().Post("/auth/token/refresh/", obj{"refresh": token})
}

func (c *Case) refreshed(token string) (out binding.Tokens) {
	c.Helper()
	c.refresh(token).Want(200).JSON(&out)
	return out
}

func payload(token string) (claims obj) {
	part, _ := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	_ = json.Unmarshal(part, &claims)
	return claims
}

func byCode(cfg *config.Config) { cfg.LoginByCode = true }

var foreignForm = []string{
	"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example", "Content-Type", "application/x-www-form-urlencoded",
}

// withEverything turns on all credentials, and logins return all of them at once. It turns on no mails; see StartMail.
func withEverything(cfg *config.Config) {
	withEachCredential(cfg)
	cfg.AllowTokensWithCookies = true
}

// withEachCredential lets the client choose among all credentials.
func withEachCredential(cfg *config.Config) {
	cfg.Login = []config.Credential{config.SessionCookie, config.OpaqueToken, config.JSONWebToken}
}

func listed(c *Case, browser *authtest.Client) (all []binding.Session) {
	c.Helper()
	browser.Get("/auth/sessions/").Want(200).JSON(&all)
	return all
}

// current returns the session of a browser.
func (c *Case) current(browser *authtest.Client) binding.Session {
	c.Helper()
	all := listed(c, browser)
	return all[slices.IndexFunc(all, func(s binding.Session) bool { return s.Current })]
}

// wantCookies compares all cookies of a response. They must be HttpOnly.
func (c *Case) wantCookies(r *authtest.Response, want string) {
	c.Helper()
	var all []string
	for _, k := range r.Want(200).Cookies() {
		site := []string{"", "", "Lax", "Strict", "None"}[k.SameSite]
		all = append(all, fmt.Sprintf("%s %s [%s] %d %v %s", k.Name, k.Path, k.Domain, k.MaxAge, k.Secure, site))
		if !k.HttpOnly {
			c.Errorf("scripts can read %s", k.Name)
		}
	}
	if got := strings.Join(all, ", "); got != want {
		c.Errorf("cookies %s\nwant %s", got, want)
	}
}

// withTokens makes logins return cookie and token, as dj-rest-auth does by default.
func withTokens(cfg *config.Config) {
	cfg.Login, cfg.AllowTokensWithCookies = []config.Credential{config.SessionCookie, config.OpaqueToken}, true
	cfg.Token.Scopes = []string{"orders:read", "orders:write"}
}

// byToken returns a browser without cookies that sends a token.
func (c *Case) byToken(key string) *authtest.Client {
	browser := c.Client()
	browser.Header.Set("Authorization", "Bearer "+key)
	return browser
}

// tokenOf logs in and returns the token.
func (c *Case) tokenOf(name string) string {
	c.Helper()
	var out binding.LoginResponse
	c.Client().Post("/auth/login/", authtest.Login(name)).Want(200).JSON(&out)
	return out.Key
}

// personal creates a personal token.
func (c *Case) personal(browser *authtest.Client, body obj) binding.NewToken {
	c.Helper()
	var out binding.NewToken
	browser.Post("/auth/tokens/", body).Want(201).JSON(&out)
	return out
}

var tokenForm = regexp.MustCompile(`^\{"key":"gat_[A-Za-z0-9_-]{49}"\}$`)
