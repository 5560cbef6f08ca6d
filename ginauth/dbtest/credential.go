package dbtest

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// Cases of which credential a login gives (C6, C19).
var credentialCases = []func(*Case){
	BrowserGetsCookiesOnly, AppAsksForItsCredential, EveryWayInAsks, TokensGoToListedOrigins, CookieBecomesNoToken,
	CredentialsStayOfTheirKind, AccessTokensSayTheirKind, RefreshStaysOfItsKind, FixedRefreshIsNamed, FixedRefreshEnds, LoginInTheOldShape,
	PersonalTokensNeedAFreshLogin, PersonalTokensEndWithSessions, SignUpWithoutLogin,
	DifferencesBeyondTheRecord,
}

// asking returns a client that asks for a credential.
func (c *Case) asking(credential string) *authtest.Client {
	client := c.client()
	client.Header.Set(config.CredentialHeader, credential)
	return client
}

// loginAs logs a user in for a credential.
func (c *Case) loginAs(name, credential string) (out binding.LoginResponse) {
	c.Helper()
	c.asking(credential).Post("/auth/login/", authtest.Login(name)).Want(200).JSON(&out)
	return out
}

func hasToken(r *authtest.Response) bool {
	return strings.Contains(r.Text, "gat_") || strings.Contains(r.Text, "grt_") || strings.Contains(r.Text, "eyJ")
}

// BrowserGetsCookiesOnly: where cookies are on, a login that asks for nothing gives no script a token.
func BrowserGetsCookiesOnly(c *Case) {
	for _, transport := range []config.Transport{config.InBody, config.InCookies, config.InEither} {
		c.start(withEachCredential, func(cfg *config.Config) { cfg.JWT.Transport = transport })
		ann := c.client()
		for _, r := range []*authtest.Response{
			ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201), ann.Post("/auth/login/", authtest.Login("ann")).Want(200),
			c.asking("cookie").Post("/auth/login/", authtest.Login("ann")).Want(200),
		} {
			var out binding.LoginResponse
			if r.JSON(&out); hasToken(r) || out.User == nil || out.User.Username != "ann" || len(r.Cookies()) == 0 {
				c.Errorf("%s: got %s, %v", transport, r.Text, r.Header)
			}
		}
		ann.Get("/auth/user/").Want(200)
	}
}

// AppAsksForItsCredential: one Auth serves browsers and apps; an app gets a token and no cookie.
func AppAsksForItsCredential(c *Case) {
	c.start(withEachCredential, func(cfg *config.Config) { cfg.JWT.Transport = config.InEither })
	browser := c.signedUp("ann")
	for credential, has := range map[string]func(binding.LoginResponse) bool{
		"token": func(out binding.LoginResponse) bool { return out.Key != "" && out.Tokens == nil },
		"jwt":   func(out binding.LoginResponse) bool { return out.Key == "" && out.Access != "" && out.Refresh != "" },
	} {
		app := c.asking(credential)
		app.Cookies = browser.Clone().Cookies // which the login leaves alone
		r := app.Post("/auth/login/", authtest.Login("ann")).Want(200)
		var out binding.LoginResponse
		if r.JSON(&out); !has(out) || out.User == nil || len(r.Cookies()) != 0 {
			c.Errorf("%s: got %s, %v", credential, r.Text, r.Header)
		}
		browser.Get("/auth/user/").Want(200)
		token := out.Key
		if out.Tokens != nil {
			token = out.Access
		}
		c.byToken(token).Get("/auth/user/").Want(200)
		c.byToken(token).Post("/auth/logout/", nil).Want(200)
		c.byToken(token).Get("/auth/user/").Want(401)
	}
	for _, unknown := range []string{"", "Token", "session", "jwt-fixed", "token,jwt", "cookie, token"} {
		c.asking(unknown).Post("/auth/login/", authtest.Login("ann")).WantCode(403, binding.CodeCredential)
	}
	twice := c.asking("token")
	twice.Header.Add(config.CredentialHeader, "cookie")
	twice.Post("/auth/login/", authtest.Login("ann")).WantCode(403, binding.CodeCredential)
	before := c.count(&models.User{})
	c.asking("jwt-fixed").Post("/auth/registration/", authtest.SignUp("bob")).WantCode(403, binding.CodeCredential)
	if c.count(&models.User{}) != before {
		c.Error("a sign-up that was refused left a user")
	}
	c.start()
	c.signedUp("ann")
	for _, off := range []string{"token", "jwt"} {
		c.asking(off).Post("/auth/login/", authtest.Login("ann")).WantCode(403, binding.CodeCredential)
	}
	c.start(withJWTCookies)
	c.signedUp("ann")
	c.asking("jwt").Post("/auth/login/", authtest.Login("ann")).WantCode(403, binding.CodeCredential)
}

// EveryWayInAsks: the choice is in the one door, so sign-up, link, reset and code have it, too.
func EveryWayInAsks(c *Case) {
	c.startMail(withEachCredential, byCode, func(cfg *config.Config) { cfg.LoginOnVerify, cfg.LoginOnReset = true, true })
	app := c.asking("token")
	var answers []*authtest.Response
	answers = append(answers, app.Post("/auth/registration/", authtest.SignUp("ann")).Want(201))
	key := c.mail("verify").Key(c.T)
	answers = append(answers, app.Post("/auth/registration/verify-email/", obj{"key": key}).Want(200))
	app.Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	answers = append(answers, app.Post("/auth/login/code/confirm/", obj{"key": c.lastMail("login_code").Key(c.T)}).Want(200))
	app.Post("/auth/password/reset/", obj{"email": "ann@example.com"}).Want(200)
	m := c.lastMail("reset")
	answers = append(answers, app.Post("/auth/password/reset/confirm/", obj{
		"uid": m.UID(c.T), "token": m.Key(c.T), "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88",
	}).Want(200))
	for i, r := range answers {
		var out binding.LoginResponse
		if r.JSON(&out); out.Key == "" || out.User == nil || out.Tokens != nil || len(r.Cookies()) != 0 {
			c.Errorf("%d: got %s, %v", i, r.Text, r.Header)
		}
	}
}

// TokensGoToListedOrigins: a page gets a token only if its origin is listed, and the origin
// check of logins runs whatever the client asks for.
func TokensGoToListedOrigins(c *Case) {
	c.start(withEachCredential, func(cfg *config.Config) {
		cfg.TrustedOrigins = []string{"https://app.example.com", "https://other.example.com"}
		cfg.TokenOrigins = []string{"https://app.example.com", "https://untrusted.example"}
	})
	c.signedUp("ann")
	login := func(credential string, header ...string) *authtest.Response {
		return c.asking(credential).Do("POST", "/auth/login/", authtest.Login("ann"), header...)
	}
	login("token").Want(200) // no browser
	login("token", "Origin", "https://app.example.com").Want(200)
	login("jwt", "Origin", "https://app.example.com", "Sec-Fetch-Site", "cross-site").Want(200)
	for _, header := range [][]string{
		{"Sec-Fetch-Site", "same-origin"}, {"Origin", "http://example.com"}, {"Origin", "https://other.example.com"},
		{"Origin", "http://example.com", "Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"},
		{"Origin", "null", "Sec-Fetch-Site", "same-origin"}, {"Origin", "", "Sec-Fetch-Site", "same-origin"},
	} {
		for _, credential := range []string{"token", "jwt"} {
			if r := login(credential, header...).WantCode(403, binding.CodeCredential); hasToken(r) || len(r.Cookies()) != 0 {
				c.Errorf("%q: got %s, %v", header, r.Text, r.Header)
			}
		}
		if header[len(header)-1] == "same-origin" {
			login("cookie", header...).Want(200)
		}
	}
	login("token", "Origin", "https://untrusted.example").WantCode(403, binding.CodeCrossOrigin)
	login("token", "Sec-Fetch-Site", "cross-site").WantCode(403, binding.CodeCrossSite)
	login("cookie", "Sec-Fetch-Site", "cross-site").WantCode(403, binding.CodeCrossSite)
}

// CookieBecomesNoToken: an injected script that sends the user's cookie to every route, and asks
// for a token, reads none. The one exception is tokens/, which needs a fresh login.
func CookieBecomesNoToken(c *Case) {
	c.startMail(withEachCredential, byCode, func(cfg *config.Config) {
		cfg.JWT.Transport, cfg.LoginOnVerify, cfg.LoginOnReset = config.InEither, true, true
	})
	done := 0
	for i, route := range c.Auth.Routes() {
		name := fmt.Sprintf("ann%d", i)
		c.signedUp(name)
		for _, credential := range []string{"token", "jwt"} {
			script := c.client()
			if r := script.Post("/auth/login/", authtest.Login(name)); r.StatusCode != 200 {
				break // the route deleted the account
			}
			body := obj{"refresh": "", "token": script.Cookies["__Host-session"], "key": script.Cookies["__Host-session"]}
			r := script.Do(route.Method, "/auth/"+strings.NewReplacer(":id", "1").Replace(route.Path), body,
				config.CredentialHeader, credential, "Sec-Fetch-Site", "same-origin")
			if hasToken(r) {
				c.Errorf("%s %s answers %s", route.Method, route.Path, r.Text)
			}
			if r.StatusCode < 300 {
				done++
			}
		}
	}
	if done < 10 {
		c.Errorf("only %d requests did anything", done)
	}
}

// CredentialsStayOfTheirKind: what one kind of login gave is not taken as the other.
func CredentialsStayOfTheirKind(c *Case) {
	c.start(withEachCredential, func(cfg *config.Config) { cfg.JWT.Transport = config.InEither })
	browser := c.signedUp("ann")
	app := c.byToken(c.loginAs("ann", "token").Key)
	program := c.byToken(c.personal(browser, obj{"name": "backup"}).Key)
	tokens := c.loginAs("ann", "jwt")
	kinds := map[string]int{}
	var rows []models.Session
	if err := c.DB.Find(&rows).Error; err != nil {
		c.Fatal(err)
	}
	for _, s := range rows {
		kinds[s.Credential]++
		if (s.RefreshSalt != "") != (s.Credential != "token") {
			c.Errorf("the session for %q has the salt %q", s.Credential, s.RefreshSalt)
		}
	}
	if kinds["cookie"] != 1 || kinds["token"] != 2 || kinds["jwt"] != 1 || len(rows) != 4 {
		c.Errorf("kinds %v", kinds)
	}
	smuggled := c.client()
	smuggled.Cookies["access"] = tokens.Access
	smuggled.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)

	for _, client := range []*authtest.Client{app, program, browser} {
		client.Get("/auth/user/").Want(200)
	}
	swap := func(from, to string) {
		if err := c.DB.Model(&models.Session{}).Where("credential = ?", from).Update("credential", to).Error; err != nil {
			c.Fatal(err)
		}
	}
	swap("token", "swapped")
	swap("cookie", "token")
	swap("swapped", "cookie")
	for _, client := range []*authtest.Client{app, program, browser} {
		client.Get("/auth/user/").Want(401)
	}
}

// AccessTokensSayTheirKind: without the session row, too, a token that an app asked for is not taken
// from a cookie, before and after a refresh. A client that can read a token out of a cookie has the
// cookie, so that one is taken from the header as well.
func AccessTokensSayTheirKind(c *Case) {
	for _, stateless := range []bool{false, true} {
		c.start(withJWT, withFixedRefresh, func(cfg *config.Config) {
			cfg.JWT.Transport, cfg.JWT.Stateless = config.InEither, stateless
			cfg.JWT.Claims = func(context.Context, models.Account) (map[string]any, error) {
				return map[string]any{"auth_credential": "cookie"}, nil
			}
		})
		c.Router.GET("/id", c.Auth.RequireUser(), func(g *gin.Context) { g.String(200, fmt.Sprint(ginauth.User(g).ID)) })
		c.documented = nil
		browser := c.signedUp("ann")
		first, fixed := c.loginAs("ann", config.AskJWT), c.loginAs("ann", config.AskFixedJWT)
		browser.Post("/auth/token/refresh/", nil).Want(200)
		for kind, token := range map[string]string{
			"jwt": first.Access, "refreshed": c.refreshed(first.Refresh).Access, "jwt-fixed": fixed.Access, "fixed again": c.refreshed(fixed.Refresh).Access,
		} {
			smuggled := c.browser()
			smuggled.Cookies["access"] = token
			if r := smuggled.Get("/id"); r.StatusCode != 401 {
				c.Errorf("stateless %v: a token of kind %s is taken from a cookie: %d %s", stateless, kind, r.StatusCode, r.Text)
			}
			c.byToken(token).Get("/id").Want(200)
		}
		browser.Get("/id").Want(200)
		c.byToken(browser.Cookies["access"]).Get("/id").Want(200)
	}
}

// RefreshStaysOfItsKind: a refresh answers as its login did, whoever asks for what.
func RefreshStaysOfItsKind(c *Case) {
	c.start(withJWT, func(cfg *config.Config) { cfg.JWT.Transport = config.InEither })
	browser := c.signedUp("ann")
	tokens := c.loginAs("ann", "jwt")

	smuggled := c.client()
	smuggled.Cookies["refresh"] = tokens.Refresh
	if r := smuggled.Post("/auth/token/refresh/", nil).WantCode(401, binding.CodeInvalidToken); len(r.Cookies()) != 0 {
		c.Errorf("set %v", r.Header)
	}
	r := c.asking("cookie").Post("/auth/token/refresh/", obj{"refresh": tokens.Refresh}).Want(200)
	var next binding.Tokens
	if r.JSON(&next); len(r.Cookies()) != 0 || next.Refresh == "" {
		c.Errorf("a refresh of the app: %s, %v", r.Text, r.Header)
	}
	c.byToken(next.Access).Get("/auth/user/").Want(200)

	stolen := browser.Cookies["refresh"]
	r = browser.Do("POST", "/auth/token/refresh/", nil, config.CredentialHeader, "jwt").Want(200)
	if hasToken(r) || len(r.Cookies()) != 3 {
		c.Errorf("a refresh of the browser: %s, %v", r.Text, r.Header)
	}
	if r = c.asking("jwt").Post("/auth/token/refresh/", obj{"refresh": stolen}).Want(200); hasToken(r) {
		c.Errorf("a refresh with the browser's token in the body: %s", r.Text)
	}
	browser.Get("/auth/user/").Want(200)
}

func withFixedRefresh(cfg *config.Config) { cfg.JWT.AllowFixedRefresh = 2 * time.Hour }

// FixedRefreshIsNamed: a server that asks for it may use one refresh token again and again; no
// other client, no browser and no cookie can (C19).
func FixedRefreshIsNamed(c *Case) {
	c.start(withEachCredential, withFixedRefresh, func(cfg *config.Config) {
		cfg.JWT.Transport, cfg.TokenOrigins = config.InEither, []string{"http://example.com"}
	})
	c.signedUp("ann")
	server := c.loginAs("ann", "jwt-fixed")
	for range 3 {
		next := c.refreshed(server.Refresh)
		if next.Refresh != server.Refresh {
			c.Error("the refresh token changed")
		}
		c.byToken(next.Access).Get("/auth/user/").Want(200)
		c.client().Post("/auth/token/verify/", obj{"token": server.Refresh}).Want(200)
		c.Clock.Advance(30 * time.Minute)
	}
	for _, header := range []string{"Origin", "Sec-Fetch-Site"} {
		value := map[string]string{"Origin": "http://example.com", "Sec-Fetch-Site": "same-origin"}[header]
		c.asking("jwt-fixed").Do("POST", "/auth/login/", authtest.Login("ann"), header, value).WantCode(403, binding.CodeCredential)
	}
	smuggled := c.client()
	smuggled.Cookies["refresh"] = server.Refresh
	smuggled.Post("/auth/token/refresh/", nil).WantCode(401, binding.CodeInvalidToken)

	rotating := c.loginAs("ann", "jwt")
	next := c.refreshed(rotating.Refresh)
	c.Clock.Advance(11 * time.Second)
	c.refresh(rotating.Refresh).WantCode(401, binding.CodeInvalidToken)
	c.refresh(next.Refresh).WantCode(401, binding.CodeInvalidToken)

	c.start(withJWT, withFixedRefresh) // without cookies, too, no browser can
	c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	c.asking("jwt-fixed").Do("POST", "/auth/login/", authtest.Login("ann"), "Origin", "http://example.com").WantCode(403, binding.CodeCredential)
	c.start(withJWT)
	c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	c.asking("jwt-fixed").Post("/auth/login/", authtest.Login("ann")).WantCode(403, binding.CodeCredential)
}

// FixedRefreshEnds: with its setting, with the session, and with a logout.
func FixedRefreshEnds(c *Case) {
	c.start(withJWT, withFixedRefresh)
	c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	one, two := c.loginAs("ann", "jwt-fixed"), c.loginAs("ann", "jwt-fixed")
	c.client().Post("/auth/logout/", obj{"refresh": one.Refresh}).Want(200)
	c.refresh(one.Refresh).WantCode(401, binding.CodeInvalidToken)
	c.Clock.Advance(2*time.Hour - time.Minute)
	last := c.refreshed(two.Refresh)
	if !last.AccessExpiration.Equal(c.Clock.Now().Add(time.Minute)) {
		c.Errorf("access until %v", last.AccessExpiration)
	}
	c.Clock.Advance(time.Minute)
	c.refresh(two.Refresh).WantCode(401, binding.CodeInvalidToken)
	c.byToken(last.Access).Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)

	three := c.loginAs("ann", "jwt-fixed")
	off := authtest.New(c.T, c.DB, withJWT, func(cfg *config.Config) { cfg.Now = c.Clock.Now })
	authtest.NewClient(c.T, off.Router).Post("/auth/token/refresh/", obj{"refresh": three.Refresh}).WantCode(401, binding.CodeInvalidToken)
}

// LoginInTheOldShape: AllowTokensWithCookies answers what dj-rest-auth does by default, and a
// client can still ask for less.
func LoginInTheOldShape(c *Case) {
	c.start(withTokens)
	r := c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	if !tokenForm.MatchString(r.Text) || len(r.Cookies()) != 1 {
		c.Errorf("got %s, %v", r.Text, r.Header)
	}
	if r = c.asking("cookie").Post("/auth/login/", authtest.Login("ann")).Want(200); hasToken(r) || len(r.Cookies()) != 1 {
		c.Errorf("cookie: got %s, %v", r.Text, r.Header)
	}
	if r = c.asking("token").Post("/auth/login/", authtest.Login("ann")).Want(200); !hasToken(r) || len(r.Cookies()) != 0 {
		c.Errorf("token: got %s, %v", r.Text, r.Header)
	}
}

// lastMail returns the last mail of a kind, whatever other mails there are.
func (c *Case) lastMail(kind string) (last authtest.Mail) {
	c.Helper()
	for _, m := range c.mails() {
		if m.Kind == kind {
			last = m
		}
	}
	if last.Kind == "" {
		c.Fatalf("no mail of kind %s", kind)
	}
	return last
}

// PersonalTokensNeedAFreshLogin: a token outlives its session, so an open session is not enough
// to make one, and its user hears of it (S5).
func PersonalTokensNeedAFreshLogin(c *Case) {
	c.startMail(withEachCredential)
	ann := c.signedUp("ann")
	c.mail("verify")
	c.personal(ann, obj{"name": "fresh"})
	if m := c.mail("token_created"); m.To != "ann@example.com" || !strings.Contains(m.Link(c.T), "/notice/") {
		c.Errorf("the notice is %v", m)
	}
	c.Clock.Advance(3 * time.Hour)
	tokens := c.count(&models.Session{})
	ann.Post("/auth/tokens/", obj{"name": "stale"}).WantCode(403, binding.CodeFreshLogin)
	ann.Post("/auth/tokens/", obj{"name": "stale", "password": "Wrong-Glass-7"}).WantProblems("password password_incorrect")
	if c.count(&models.Session{}) != tokens {
		c.Error("a token was made")
	}
	c.noMail()
	key := c.personal(ann, obj{"name": "proven", "password": authtest.Password}).Key
	revoke := c.mail("token_created").Key(c.T)
	c.byToken(key).Get("/auth/user/").Want(200)
	c.client().Post("/auth/security/revoke/", obj{"key": revoke}).Want(200) // "it was not me"
	c.byToken(key).Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
}

// PersonalTokensEndWithSessions: where the setting says so, ending the other sessions ends the
// programs, too (S5).
func PersonalTokensEndWithSessions(c *Case) {
	for _, ends := range []bool{false, true} {
		var told atomic.Int64
		c.start(withEachCredential, func(cfg *config.Config) {
			cfg.Token.EndWithSessions = ends
			cfg.Hooks.AfterSessionRevoked = func(context.Context, config.Event) error { told.Add(1); return nil }
		})
		ann, bob := c.signedUp("ann"), c.signedUp("bob")
		program, other := c.byToken(c.personal(ann, obj{"name": "backup"}).Key), c.byToken(c.personal(bob, obj{"name": "bob's"}).Key)
		app := c.byToken(c.loginAs("ann", "token").Key)
		ann.Delete("/auth/sessions/").Want(204)
		app.Get("/auth/user/").WantCode(401, binding.CodeInvalidToken)
		other.Get("/auth/user/").Want(200)
		ann.Get("/auth/user/").Want(200)
		want, events := 200, int64(1)
		if ends {
			want, events = 401, 2
		}
		program.Get("/auth/user/").Want(want)
		if told.Load() != events {
			c.Errorf("EndWithSessions %v: %d events", ends, told.Load())
		}
	}
}

// SignUpWithoutLogin: a sign-up need not log in (C23).
func SignUpWithoutLogin(c *Case) {
	only := func(cfg *config.Config) { cfg.LoginOnSignUp = config.SignUpOnly }
	for _, with := range []func(*config.Config){withJWTCookies, withEachCredential, withJWT} {
		c.start(with, only)
		ann := c.client()
		r := ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
		if len(r.Cookies()) != 0 || hasToken(r) || !strings.Contains(r.Text, `"detail"`) || c.count(&models.Session{}) != 0 {
			c.Errorf("got %s, %v", r.Text, r.Header)
		}
		ann.Get("/auth/user/").Want(401)
		ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
	}
}

// DifferencesBeyondTheRecord: rows of the README's table of differences that no recorded case
// shows (C4).
func DifferencesBeyondTheRecord(c *Case) {
	c.start(func(cfg *config.Config) {
		cfg.Login, cfg.JWT.Transport = []config.Credential{config.SessionCookie, config.JSONWebToken}, config.InCookies
		cfg.LogoutOnPasswordChange = true
	})
	ann := c.signedUp("ann")
	alone := c.client()
	alone.Cookies["__Host-session"] = ann.Cookies["__Host-session"]
	alone.Get("/auth/user/").Want(200)                                       // session-alone
	ann.Post("/auth/token/refresh/", obj{"refresh": ""}).Want(200)           // blank-refresh
	ann.Do("GET", "/auth/user/", nil, "Accept", "application/xml").Want(200) // accept
	ann.Patch("/auth/user/", obj{"username": "ANN"}).Want(200)               // own-name
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	if len(ann.Cookies) != 0 { // change-deletes
		c.Errorf("cookies %v", ann.Cookies)
	}
	c.start(func(cfg *config.Config) { cfg.Login = []config.Credential{config.OpaqueToken, config.JSONWebToken} })
	r := c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	var out binding.LoginResponse
	if r.JSON(&out); len(r.Cookies()) != 0 { // session-off
		c.Errorf("set %v", r.Cookies())
	}
	for _, header := range []string{"bearer " + out.Access, "Bearer " + out.Key} { // scheme-case, bearer-opaque
		c.client().Do("GET", "/auth/user/", nil, "Authorization", header).Want(200)
	}
	c.refreshed(out.Refresh)
	c.Clock.Advance(11 * time.Second)
	c.client().Post("/auth/token/verify/", obj{"token": out.Refresh}).WantCode(401, binding.CodeInvalidToken) // black-listed
}
