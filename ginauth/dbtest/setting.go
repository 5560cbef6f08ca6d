package dbtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// Cases of settings that dj-rest-auth has, too, where no other case shows what they do.
var settingCases = []func(*Case){
	LoginChoosesCredentials, ViewsOfTokenLogins, TokenCookiesAsTold, TokenLoginsAreCheckedByOrigin, ResetLinkIsNotOfTheHost,
}

// LoginChoosesCredentials: what a login gives, and which routes are there.
func LoginChoosesCredentials(c *Case) {
	cookie, opaque, signed := config.SessionCookie, config.OpaqueToken, config.JSONWebToken
	c.DB = c.open(c.T)
	for i, try := range []struct {
		login                []config.Credential
		transport            config.Transport
		atOnce               bool
		body, cookies, paths string
	}{
		{nil, "", false, "user", "__Host-session", ""},
		{[]config.Credential{cookie, opaque}, "", false, "user", "__Host-session", "tokens"},
		{[]config.Credential{cookie, opaque}, "", true, "key", "__Host-session", "tokens"},
		{[]config.Credential{opaque}, "", false, "key user", "", "tokens"},
		{[]config.Credential{opaque}, "", true, "key", "", "tokens"},
		{[]config.Credential{opaque, signed}, "", false, "access key refresh user", "", "token/refresh token/verify tokens"},
		{[]config.Credential{signed}, "", false, "access refresh user", "", "token/refresh token/verify"},
		{[]config.Credential{signed}, config.InCookies, false, "user", "access refresh", "token/refresh token/verify"},
		{[]config.Credential{signed}, config.InEither, false, "user", "access refresh", "token/refresh token/verify"},
		{[]config.Credential{cookie, signed}, "", false, "user", "__Host-session", "token/refresh token/verify"},
		{[]config.Credential{cookie, signed}, "", true, "access refresh user", "__Host-session", "token/refresh token/verify"},
		{[]config.Credential{cookie, opaque, signed}, "", false, "user", "__Host-session", "token/refresh token/verify tokens"},
		{[]config.Credential{cookie, opaque, signed}, "", true, "access key refresh user", "__Host-session", "token/refresh token/verify tokens"},
	} {
		c.App = authtest.New(c.T, c.DB, func(cfg *config.Config) {
			cfg.Login, cfg.JWT.Transport, cfg.AllowTokensWithCookies = try.login, try.transport, try.atOnce
		})
		browser, body := c.client(), obj{}
		browser.Post("/auth/registration/", authtest.SignUp(fmt.Sprint("ann", i))).Want(201).JSON(&body)
		var paths []string
		for _, path := range []string{"token/refresh", "token/verify", "tokens"} {
			if c.client().Post("/auth/"+path+"/", obj{}).StatusCode != 404 {
				paths = append(paths, path)
			}
		}
		got := []string{sortedKeys(body), sortedKeys(browser.Cookies), strings.Join(paths, " ")}
		if !slices.Equal(got, []string{try.body, try.cookies, try.paths}) {
			c.Errorf("%v %s: body, cookies and paths are %q", try.login, try.transport, got)
		}
	}
}

func sortedKeys[V any](m map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), " ")
}

// tokenViews are answers of an application's own.
func tokenViews(cfg *config.Config) {
	cfg.Views = config.Views{
		config.View(func(r binding.LoginResponse) obj {
			return obj{"opaque": r.Key, "bearer": r.Access, "until": r.AccessExpiration, "longest": r.RefreshExpiration}
		}),
		config.View(func(t binding.Tokens) obj {
			return obj{"next": t.Refresh, "bearer": t.Access, "until": t.AccessExpiration}
		}),
	}
}

// ViewsOfTokenLogins: they see what the library would have answered, for each kind of token.
func ViewsOfTokenLogins(c *Case) {
	c.DB = c.open(c.T)
	c.App = authtest.New(c.T, c.DB, withJWT)
	c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p := c.pairOf("ann")
	until, longest := c.Clock.Now().Add(5*time.Minute).Format(time.RFC3339), c.Clock.Now().Add(14*24*time.Hour).Format(time.RFC3339)
	answer := func(path string, body any, change ...func(*config.Config)) (out map[string]string) {
		c.App = authtest.New(c.T, c.DB, append(change, tokenViews)...)
		c.client().Post(path, body).Want(200).JSON(&out)
		c.byToken(out["opaque"] + out["bearer"]).Get("/auth/user/").Want(200)
		return out
	}
	login := authtest.Login("ann")
	out := answer("/auth/login/", login, func(cfg *config.Config) { cfg.Login = []config.Credential{config.OpaqueToken} })
	if len(out) != 4 || out["opaque"] == "" || out["bearer"] != "" {
		c.Errorf("a token: %q", out)
	}
	if out = answer("/auth/login/", login, withJWT); len(out) != 4 || out["bearer"] == "" || out["until"]+out["longest"] != "" {
		c.Errorf("JWT: %q", out)
	}
	out = answer("/auth/login/", login, withJWT, func(cfg *config.Config) { cfg.JWT.ReturnExpiration = true })
	if len(out) != 4 || out["bearer"] == "" || out["until"] != until || out["longest"] != longest {
		c.Errorf("JWT with expirations: %q", out)
	}
	if out = answer("/auth/token/refresh/", obj{"refresh": p.Refresh}, withJWT); len(out) != 3 || out["next"] == "" || out["until"] != until {
		c.Errorf("refreshed: %q", out)
	}
}

// TokenCookiesAsTold: each attribute of both cookies, in the answers that set and delete them.
func TokenCookiesAsTold(c *Case) {
	for _, try := range []struct {
		access, refresh config.JWTCookie
		insecure        bool
		want            string
	}{
		{config.JWTCookie{}, config.JWTCookie{Path: "/"}, false,
			"access / [] 300 true Lax, refresh / [] 1209600 true Strict"},
		{config.JWTCookie{}, config.JWTCookie{Path: "/"}, true,
			"access / [] 300 false Lax, refresh / [] 1209600 false Strict"},
		{config.JWTCookie{Name: "__Host-at", SameSite: 3}, config.JWTCookie{Name: "rt", Path: "/auth/", SameSite: 2}, false,
			"__Host-at / [] 300 true Strict, rt /auth/ [] 1209600 true Lax"},
		{config.JWTCookie{Name: "at", Path: "/api", Domain: "example.com"}, config.JWTCookie{Name: "rt", Path: "/", Domain: "id.example.com", SameSite: 4}, false,
			"at /api [example.com] 300 true Lax, rt / [id.example.com] 1209600 true None"},
	} {
		c.start(withJWTCookies, func(cfg *config.Config) {
			cfg.JWT.AccessCookie, cfg.JWT.RefreshCookie, cfg.Cookie.InsecureHTTP = try.access, try.refresh, try.insecure
		})
		ann := c.signedUp("ann")
		c.wantCookies(ann.Post("/auth/login/", authtest.Login("ann")), try.want)
		ann.Get("/auth/user/").Want(200)
		c.wantCookies(ann.Post("/auth/token/refresh/", nil), try.want)
		ann.Get("/auth/user/").Want(200)
		c.wantCookies(ann.Post("/auth/logout/", nil), strings.NewReplacer(" 300 ", " -1 ", " 1209600 ", " -1 ").Replace(try.want))
	}
}

// wantCookies compares all cookies of an answer. Whatever else they are, they are HttpOnly.
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

// TokenLoginsAreCheckedByOrigin covers T058: also in a browser that has no cookies yet, and
// only where it would get some.
func TokenLoginsAreCheckedByOrigin(c *Case) {
	c.start(withJWTCookies, func(cfg *config.Config) { cfg.TrustedOrigins = []string{"https://app.example.org"} })
	c.signedUp("ann")
	post := func(path string, body any, origin string) *authtest.Response {
		return c.client().Do("POST", path, body, "Origin", origin)
	}
	post("/auth/login/", authtest.Login("ann"), "https://evil.example").WantCode(403, binding.CodeCrossOrigin)
	post("/auth/registration/", authtest.SignUp("eve"), "https://evil.example").WantCode(403, binding.CodeCrossOrigin)
	post("/auth/login/", authtest.Login("ann"), "https://app.example.org").Want(200)
	post("/auth/token/verify/", obj{"token": "x"}, "https://evil.example").WantCode(401, binding.CodeInvalidToken)

	c.start(withJWT)
	c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	post("/auth/login/", authtest.Login("ann"), "https://evil.example").Want(200)
}

// ResetLinkIsNotOfTheHost: the link leads where the configuration says, not the request.
func ResetLinkIsNotOfTheHost(c *Case) {
	c.startMail(func(cfg *config.Config) { cfg.Mail.URLs.Reset = "https://id.example/new?user={uid}&key={token}" })
	c.verified("ann")
	c.client().Do("POST", "https://evil.example/auth/password/reset/", obj{"email": "ann@example.com"},
		"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "evil", "Forwarded", "host=evil.example;proto=evil").Want(200)
	if m := c.mail("reset"); !strings.Contains(m.Text, "https://id.example/new?user=") || strings.Contains(m.Text+m.HTML, "evil") {
		c.Errorf("mailed %s", m.Text)
	}
}
