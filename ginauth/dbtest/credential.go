package dbtest

import (
	"context"
	"fmt"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var credentialCases = Group{Name: "credential", Cases: []func(*Case){
	browserGetsCookiesOnly, appChoosesItsCredential, everyLoginHonorsTheChoice, tokensGoToListedOrigins, cookieCannotBeTradedForAToken,
	credentialsKeepTheirKind, accessTokensStateTheirKind, loginInTheFormOfDjRestAuth, twoAuthsDoNotShareLogins,
	plantedTokenCookiesAreIgnored, loginEndsSessionsOfTokenCookies, idleTimeDependsOnTheCredential, loginChoosesCredentials,
	pagesDeniedATokenAreLogged,
}}

// browserGetsCookiesOnly: where cookies are on, a login that does not ask for a token gives none that a script could
// read.
func browserGetsCookiesOnly(c *Case) {
	for _, transport := range []config.Transport{config.InBody, config.InCookies, config.InEither} {
		c.Start(withEachCredential, func(cfg *config.Config) { cfg.JWT.Transport = transport })
		ann := c.Client()
		for _, r := range []*authtest.Response{
			ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201), ann.Post("/auth/login/", authtest.Login("ann")).Want(200),
			c.clientAskingFor("cookie").Post("/auth/login/", authtest.Login("ann")).Want(200),
		} {
			var out binding.LoginResponse
			if r.JSON(&out); hasToken(r) || out.User == nil || out.User.Username != "ann" || len(r.Cookies()) == 0 {
				c.Errorf("%s: got %s, %v", transport, r.Text, r.Header)
			}
		}
		ann.Get("/auth/user/").Want(200)
	}
}

// appChoosesItsCredential: one Auth serves browsers and apps. An app gets a token and no cookie.
func appChoosesItsCredential(c *Case) {
	c.Start(withEachCredential, func(cfg *config.Config) { cfg.JWT.Transport = config.InEither })
	browser := c.SignedUp("ann")
	for credential, has := range map[string]func(binding.LoginResponse) bool{
		"token": func(out binding.LoginResponse) bool { return out.Key != "" && out.Tokens == nil },
		"jwt":   func(out binding.LoginResponse) bool { return out.Key == "" && out.Access != "" && out.Refresh != "" },
	} {
		app := c.clientAskingFor(credential)
		app.Cookies = browser.Clone().Cookies // the login leaves the browser's cookies alone
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
		c.clientAskingFor(unknown).Post("/auth/login/", authtest.Login("ann")).WantCode(403, binding.CodeCredential)
	}
	twice := c.clientAskingFor("token")
	twice.Header.Add(config.CredentialHeader, "cookie")
	twice.Post("/auth/login/", authtest.Login("ann")).WantCode(403, binding.CodeCredential)
	before := c.count(&models.User{})
	c.clientAskingFor("jwt-fixed").Post("/auth/registration/", authtest.SignUp("bob")).WantCode(403, binding.CodeCredential)
	if c.count(&models.User{}) != before {
		c.Error("a refused sign-up left a user")
	}
	c.Start()
	c.SignedUp("ann")
	for _, off := range []string{"token", "jwt"} {
		c.clientAskingFor(off).Post("/auth/login/", authtest.Login("ann")).WantCode(403, binding.CodeCredential)
	}
	c.Start(withJWTCookies)
	c.SignedUp("ann")
	c.clientAskingFor("jwt").Post("/auth/login/", authtest.Login("ann")).WantCode(403, binding.CodeCredential)
}

// everyLoginHonorsTheChoice: sign-up, link, reset and code logins honor it as well.
func everyLoginHonorsTheChoice(c *Case) {
	c.StartMail(withEachCredential, byCode, func(cfg *config.Config) { cfg.LoginOnVerify, cfg.LoginOnReset = true, true })
	app := c.clientAskingFor("token")
	var answers []*authtest.Response
	answers = append(answers, app.Post("/auth/registration/", authtest.SignUp("ann")).Want(201))
	key := c.Mail("verify").Key(c.T)
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

// tokensGoToListedOrigins: a page gets a token only if its origin is listed. The origin check of logins runs no matter
// what the client asks for.
func tokensGoToListedOrigins(c *Case) {
	c.Start(withEachCredential, func(cfg *config.Config) {
		cfg.TrustedOrigins = []string{"https://app.example.com", "https://other.example.com"}
		cfg.TokenOrigins = []string{"https://app.example.com", "https://untrusted.example"}
	})
	c.SignedUp("ann")
	login := func(credential string, header ...string) *authtest.Response {
		return c.clientAskingFor(credential).Do("POST", "/auth/login/", authtest.Login("ann"), header...)
	}
	login("token").Want(200) // not from a browser
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

// cookieCannotBeTradedForAToken: an injected script that sends the user's cookie to every route, and asks for a token,
// gets none. Only tokens/ gives one, and it needs a fresh login.
func cookieCannotBeTradedForAToken(c *Case) {
	c.StartMail(withEachCredential, byCode, func(cfg *config.Config) {
		cfg.JWT.Transport, cfg.LoginOnVerify, cfg.LoginOnReset = config.InEither, true, true
	})
	done := 0
	for i, route := range c.Auth.Routes() {
		name := fmt.Sprintf("ann%d", i)
		c.SignedUp(name)
		for _, credential := range []string{"token", "jwt"} {
			script := c.Client()
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
		c.Errorf("only %d requests changed anything", done)
	}
}

// credentialsKeepTheirKind: a credential of one kind is not accepted as another kind.
func credentialsKeepTheirKind(c *Case) {
	c.Start(withEachCredential, func(cfg *config.Config) { cfg.JWT.Transport = config.InEither })
	browser := c.SignedUp("ann")
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
	smuggled := c.Client()
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

// accessTokensStateTheirKind: without a session row as well, a token that an app asked for is not accepted in a cookie,
// before and after a refresh. A client that can read a token out of a cookie has the cookie, so that token is also
// accepted in the header.
func accessTokensStateTheirKind(c *Case) {
	for _, stateless := range []bool{false, true} {
		c.Start(withJWT, withFixedRefresh, func(cfg *config.Config) {
			cfg.JWT.Transport, cfg.JWT.Stateless = config.InEither, stateless
			cfg.JWT.Claims = func(context.Context, models.Account) (map[string]any, error) {
				return map[string]any{"auth_credential": "cookie"}, nil
			}
		})
		c.Router.GET("/id", c.Auth.RequireUser(), func(g *gin.Context) { g.String(200, fmt.Sprint(ginauth.User(g).ID)) })
		c.documented = nil
		browser := c.SignedUp("ann")
		first, fixed := c.loginAs("ann", config.AskJWT), c.loginAs("ann", config.AskFixedJWT)
		browser.Post("/auth/token/refresh/", nil).Want(200)
		for kind, token := range map[string]string{
			"jwt": first.Access, "refreshed": c.refreshed(first.Refresh).Access, "jwt-fixed": fixed.Access, "fixed again": c.refreshed(fixed.Refresh).Access,
		} {
			smuggled := c.browser()
			smuggled.Cookies["access"] = token
			if r := smuggled.Get("/id"); r.StatusCode != 401 {
				c.Errorf("stateless %v: a token of kind %s was accepted in a cookie: %d %s", stateless, kind, r.StatusCode, r.Text)
			}
			c.byToken(token).Get("/id").Want(200)
		}
		browser.Get("/id").Want(200)
		c.byToken(browser.Cookies["access"]).Get("/id").Want(200)
	}
}

// loginInTheFormOfDjRestAuth: AllowTokensWithCookies gives the responses of dj-rest-auth's default, and a client can
// still ask for less.
func loginInTheFormOfDjRestAuth(c *Case) {
	c.Start(withTokens)
	r := c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	if !tokenForm.MatchString(r.Text) || len(r.Cookies()) != 1 {
		c.Errorf("got %s, %v", r.Text, r.Header)
	}
	if r = c.clientAskingFor("cookie").Post("/auth/login/", authtest.Login("ann")).Want(200); hasToken(r) || len(r.Cookies()) != 1 {
		c.Errorf("cookie: got %s, %v", r.Text, r.Header)
	}
	if r = c.clientAskingFor("token").Post("/auth/login/", authtest.Login("ann")).Want(200); !hasToken(r) || len(r.Cookies()) != 0 {
		c.Errorf("token: got %s, %v", r.Text, r.Header)
	}
}

// lastMail returns the last mail of this kind and ignores other mails.
func (c *Case) lastMail(kind string) authtest.Mail {
	c.Helper()
	return authtest.Find(c.T, c.Mails(), kind)
}
