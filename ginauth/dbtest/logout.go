package dbtest

import (
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var logoutCases = Group{Name: "logout", Cases: []func(*Case){
	logoutIsIdempotent, logoutEndsTheSession, logoutOnGetOnlyWhenAllowed, otherSitesCannotLogOut, logoutReadsItsBody,
}}

func logoutIsIdempotent(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	ann.Post("/auth/logout/", nil).Want(200)
	ann.Post("/auth/logout", obj{}).Want(200)
	stranger := c.Client()
	if r := stranger.Post("/auth/logout/", "{").Want(200); r.Header.Get("Set-Cookie") != "" {
		c.Errorf("an anonymous request got a cookie: %v", r.Header)
	}
}

// logoutEndsTheSession covers T035: the old cookie is invalid, even though its signature is valid.
func logoutEndsTheSession(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	other, copied := c.LoggedIn("ann"), ann.Clone()
	r := ann.Post("/auth/logout/", nil).Want(200)
	want := "__Host-session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; HttpOnly; Secure; SameSite=Lax"
	if got := r.Header.Values("Set-Cookie"); len(got) != 1 || got[0] != want {
		c.Errorf("Set-Cookie %q, want %q", got, want)
	}
	copied.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	other.Get("/auth/user/").Want(200)
}

func logoutOnGetOnlyWhenAllowed(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	ann.Get("/auth/logout/").WantCode(405, binding.CodeMethodNotAllowed)
	ann.Get("/auth/user/").Want(200)

	c.Start(func(cfg *config.Config) { cfg.AllowLogoutOnGet = true })
	ann = c.SignedUp("ann")
	ann.Do("HEAD", "/auth/logout/", nil).Want(405)
	ann.Do("GET", "/auth/logout/", nil, "Sec-Fetch-Site", "cross-site").WantCode(403, binding.CodeCrossSite)
	ann.Get("/auth/user/").Want(200)
	ann.Get("/auth/logout/").Want(200)
	ann.Get("/auth/user/").Want(401)
}

// otherSitesCannotLogOut: not even if the browser did not send the cookies, but would accept their deletion.
func otherSitesCannotLogOut(c *Case) {
	for _, with := range []func(*config.Config){withJWTCookies, func(*config.Config) {}} {
		c.Start(with)
		if r := c.Client().Do("POST", "/auth/logout/", "", foreignForm...).WantCode(403, binding.CodeCrossSite); len(r.Cookies()) != 0 {
			c.Errorf("cookies %v", r.Cookies())
		}
	}
	c.Start(withJWT) // no cookies
	c.Client().Do("POST", "/auth/logout/", "", foreignForm...).Want(200)
}

// logoutReadsItsBody: a refresh token in the body ends its session, or the response is an error.
func logoutReadsItsBody(c *Case) {
	c.Start(withJWT)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p := c.tokenPairOf("ann")
	body := `{"refresh":"` + p.Refresh + `"}`
	logout := func(body, media string, header ...string) *authtest.Response {
		return c.Client().Do("POST", "/auth/logout/", body, append(header, "Content-Type", media)...)
	}
	logout(body, "text/plain;charset=UTF-8").WantCode(415, binding.CodeUnsupportedMediaType)
	logout(body, "application/json; charset=utf-16").WantCode(415, binding.CodeUnsupportedMediaType)
	logout(body, "application/json", "Content-Encoding", "gzip").WantCode(415, binding.CodeUnsupportedMediaType)
	logout(body[:30], "application/json").WantCode(400, binding.CodeParseError)
	logout(`{"refresh":"x",`+body[1:], "application/json").WantCode(400, binding.CodeParseError)
	logout(`{"x":"`+strings.Repeat("x", binding.MaxBody)+`",`+body[1:], "application/json").WantCode(413, binding.CodeTooLarge)
	p = new(c.refreshed(p.Refresh))
	logout(`{"refresh":"`+p.Refresh+`"}`, "application/json").Want(200)
	c.refresh(p.Refresh).WantCode(401, binding.CodeInvalidToken)
	logout("", "text/plain").Want(200)

	p = c.tokenPairOf("ann") // the session in the header ends, whatever the body is
	logout("{}", "text/plain", "Authorization", "Bearer "+p.Access).Want(200)
	c.refresh(p.Refresh).WantCode(401, binding.CodeInvalidToken)
	logout(body, "text/plain", "Authorization", "Bearer "+p.Access).WantCode(415, binding.CodeUnsupportedMediaType) // it has ended

	c.Start(withJWTCookies)
	ann := c.SignedUp("ann")
	ann.Do("POST", "/auth/logout/", "bye", "Content-Type", "text/plain").Want(200)
	if len(ann.Cookies) != 0 || c.count(&models.Session{}) != 0 {
		c.Errorf("cookies %v", ann.Cookies)
	}
	c.Start()
	c.Client().Do("POST", "/auth/logout/", "bye", "Content-Type", "text/plain").Want(200) // nothing in the body could count
}
