package dbtest

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// tokenCookiesLastAsLongAsTokens: also if the time of the login has milliseconds.
func tokenCookiesLastAsLongAsTokens(c *Case) {
	c.Start(withJWTCookies)
	ann := c.SignedUp("ann")
	for _, part := range []time.Duration{0, time.Millisecond, 499 * time.Millisecond, 998 * time.Millisecond} {
		c.Clock.Advance(part)
		c.wantCookies(ann.Post("/auth/login/", authtest.Login("ann")),
			"access / [] 300 true Lax, refresh /auth/token/refresh [] 1209600 true Strict, refresh /auth/logout [] 1209600 true Strict")
	}
}

// refreshCookieIsSentBack: a browser that follows RFC 6265 sends the refresh cookie to the routes that read it, at any
// mount point.
func refreshCookieIsSentBack(c *Case) {
	for _, try := range []struct{ group, public, url, paths string }{
		{"/auth", "", "/auth", "/auth/token/refresh /auth/logout"},
		{"/t/:tenant/auth", "", "/t/acme/auth", "/t"},
		{"/:tenant", "", "/acme", "/"},
		{"/v:version/auth", "", "/v1/auth", "/"},
		{"/my app/auth", "", "/my%20app/auth", "/my%20app/auth/token/refresh /my%20app/auth/logout"},
		{"/größe", "", "/gr%C3%B6%C3%9Fe", "/gr%C3%B6%C3%9Fe/token/refresh /gr%C3%B6%C3%9Fe/logout"},
		{"/auth", "/api/auth", "/api/auth", "/api/auth/token/refresh /api/auth/logout"},
		{"/auth", "/t/:tenant/auth/", "/t/acme/auth", "/t"},
		{"/auth", "/", "", "/token/refresh /logout"},
	} {
		c.DB = c.open(c.T)
		c.App = authtest.Prepare(c.T, c.DB, withJWTCookies, func(cfg *config.Config) { cfg.PublicPath = try.public })
		if err := c.Auth.Register(c.Router.Group(try.group)); err != nil {
			c.Fatal(err)
		}
		internal, err := url.PathUnescape(try.url) // as a proxy in front forwards it, or unchanged
		if err != nil {
			c.Fatal(err)
		}
		if try.public != "" {
			internal = try.group
		}
		jar, err := cookiejar.New(nil)
		if err != nil {
			c.Fatal(err)
		}
		send := func(path string, body string) *http.Response {
			public := &url.URL{Scheme: "https", Host: "example.com", Path: try.url + path} // escaped, because Go's cookie jar does not do that
			r := httptest.NewRequest("POST", (&url.URL{Path: internal + path}).EscapedPath(), strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			for _, cookie := range jar.Cookies(public) {
				r.AddCookie(cookie)
			}
			w := httptest.NewRecorder()
			c.Router.ServeHTTP(w, r)
			jar.SetCookies(public, w.Result().Cookies())
			return w.Result()
		}
		r := send("/registration/", `{"username": "ann", "email": "a@example.com", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7"}`)
		var paths []string
		for _, cookie := range r.Cookies() {
			if cookie.Name == "refresh" {
				paths = append(paths, cookie.Path)
			}
		}
		if got := strings.Join(paths, " "); r.StatusCode != 201 || got != try.paths {
			c.Errorf("%+v: %d with %q", try, r.StatusCode, got)
		}
		for _, path := range []string{"/token/refresh/", "/token/refresh"} {
			if got := send(path, "").StatusCode; got != 200 {
				c.Errorf("%+v: %s answers %d", try, path, got)
			}
		}
		if r := send("/logout/", ""); r.StatusCode != 200 || send("/token/refresh/", "").StatusCode != 401 {
			c.Errorf("%+v: logout answers %d and leaves the refresh cookie", try, r.StatusCode)
		}
	}
}

// partitionedCookies: either all cookies are partitioned, when set and when deleted, or none.
func partitionedCookies(c *Case) {
	embedded := func(on bool) func(*config.Config) {
		return func(cfg *config.Config) {
			cfg.Login = []config.Credential{config.SessionCookie, config.JSONWebToken}
			cfg.JWT.Transport, cfg.Cookie.Partitioned = config.InCookies, on
			cfg.Cookie.SameSite = http.SameSiteNoneMode
			cfg.JWT.AccessCookie.SameSite, cfg.JWT.RefreshCookie.SameSite = http.SameSiteNoneMode, http.SameSiteNoneMode
		}
	}
	for _, on := range []bool{true, false} {
		c.StartMail(embedded(on))
		ann := c.SignedUp("ann")
		set := ann.Post("/auth/login/", authtest.Login("ann")).Want(200).Cookies()
		names := map[string]bool{}
		for _, cookie := range append(set, ann.Post("/auth/logout/", nil).Want(200).Cookies()...) {
			names[fmt.Sprint(cookie.Name, cookie.MaxAge > 0)] = true
			if cookie.Partitioned != on || !cookie.Secure {
				c.Errorf("with %v: %v", on, cookie)
			}
		}
		want := []string{"__Host-devicetrue", "__Host-sessionfalse", "__Host-sessiontrue", "accessfalse", "accesstrue", "refreshfalse", "refreshtrue"}
		if got := slices.Sorted(maps.Keys(names)); !slices.Equal(got, want) {
			c.Errorf("cookies %q", got)
		}
	}
}

// tokenCookiesAsConfigured: checks each attribute of both cookies, in the responses that set and delete them.
func tokenCookiesAsConfigured(c *Case) {
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
		c.Start(withJWTCookies, func(cfg *config.Config) {
			cfg.JWT.AccessCookie, cfg.JWT.RefreshCookie, cfg.Cookie.InsecureHTTP = try.access, try.refresh, try.insecure
		})
		ann := c.SignedUp("ann")
		c.wantCookies(ann.Post("/auth/login/", authtest.Login("ann")), try.want)
		ann.Get("/auth/user/").Want(200)
		c.wantCookies(ann.Post("/auth/token/refresh/", nil), try.want)
		ann.Get("/auth/user/").Want(200)
		c.wantCookies(ann.Post("/auth/logout/", nil), strings.NewReplacer(" 300 ", " -1 ", " 1209600 ", " -1 ").Replace(try.want))
	}
}
