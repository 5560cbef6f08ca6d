package social_test

// Logging in by redirect.

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

var flowCases = dbtest.Group{Name: "flow", Cases: []func(*dbtest.Case){
	redirectsLogIn, codesNeedTheirVerifier, codesNeedTheirBrowser, callbacksCountOnce, exchangesCountOnce, callbacksBelongToABrowser, flowsExpire, tabsAreIndependent,
	callbacksOfOtherProvidersAreRefused, issuersOfCallbacksAreChecked, forgedHeadersChangeNothing, failuresLeadToThePage, failingProvidersLeadToThePage, nextLeadsNowhereElse, formPostsNeedNoOrigin, pagesOfOtherSitesCannotBegin,
	otherUsersAreNotReplaced, connectionsBelongToTheirSession, usersWithoutPasswordBecomeRecent, secondFactorsComeByExchange, startsAreLimited, allStartsAreBounded, plainHTTPHasNoPrefix, plainCodesHaveNoPKCE, weakRedirectsAreReported,
}}

const (
	front    = "https://app.example/done"
	verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" // RFC 7636, appendix B
	s256     = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

func flowOptions(p ...social.Provider) social.Options {
	return social.Options{Providers: p, URL: "https://api.example/auth", Pages: []string{front, "com.example.app:/login", "http://127.0.0.1/login"}}
}

func startFlow(c *dbtest.Case, change ...func(*config.Config)) *idp {
	c.Helper()
	return startWith(c, flowOptions(acme(func(p *social.Provider) { p.RedirectURLs = nil })), change...)
}

// leads returns where a redirect leads.
func leads(c *dbtest.Case, r *authtest.Response) *url.URL {
	c.Helper()
	at, err := url.Parse(r.Want(303).Header.Get("Location"))
	if err != nil || at.Scheme == "" || r.Text != "" {
		c.Fatalf("leads to %q: %v, %q", r.Header.Get("Location"), err, r.Text)
	}
	return at
}

// begins starts a login in a browser, and returns the authorization request.
func begins(c *dbtest.Case, browser *authtest.Client, query string) url.Values {
	c.Helper()
	at := leads(c, browser.Get("/auth/acme/login/"+query))
	if at.Host != "idp.example" || at.Path != "/authorize" {
		c.Fatalf("the login leads to %s", at)
	}
	return at.Query()
}

// approved is the callback after the user of the claims has approved the request.
func approved(idp *idp, asked url.Values, claims obj) string {
	claims = maps.Clone(claims)
	if claims["nonce"] == nil {
		claims["nonce"] = asked.Get("nonce")
	}
	code := idp.code(grant{claims, asked.Get("code_challenge"), asked.Get("redirect_uri")})
	return "/auth/acme/callback/?" + url.Values{"code": {code}, "state": {asked.Get("state")}}.Encode()
}

// trip goes through a login in a browser, up to the page of the front end.
func trip(c *dbtest.Case, idp *idp, browser *authtest.Client, query string, claims obj) *url.URL {
	c.Helper()
	return leads(c, browser.Get(approved(idp, begins(c, browser, query), claims)))
}

func exchange(browser *authtest.Client, code, verifier string) *authtest.Response {
	return browser.Post("/auth/socialexchange/", obj{"code": code, "code_verifier": verifier})
}

func wantPage(c *dbtest.Case, at *url.URL, want string) {
	c.Helper()
	if at.String() != want {
		c.Errorf("the browser is at %s, want %s", at, want)
	}
}

// redirectsLogIn: without a challenge, the callback sets the session cookie. The request has state, nonce and PKCE, and nothing
// that the client adds.
func redirectsLogIn(c *dbtest.Case) {
	idp := startFlow(c)
	browser := c.Client()
	asked := begins(c, browser, "?next=/done%3Fa%3D1&scope=admin&redirect_uri=https://evil.example/&login_hint=x")
	for name, want := range map[string]string{
		"redirect_uri": "https://api.example/auth/acme/callback/", "response_type": "code", "client_id": clientID, "code_challenge_method": "S256",
		"scope": "openid email profile", "login_hint": "", "prompt": "",
	} {
		if asked.Get(name) != want {
			c.Errorf("%s is %q, want %q", name, asked.Get(name), want)
		}
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(asked.Get(name)) != 43 {
			c.Errorf("%s is %q", name, asked.Get(name))
		}
	}
	r := browser.Get(approved(idp, asked, idp.claims("s1", verified("ann@example.com"))))
	wantPage(c, leads(c, r), front+"?a=1")
	if me(browser).Email != "ann@example.com" {
		c.Errorf("the user is %+v", me(browser))
	}
	for name := range browser.Cookies {
		if strings.Contains(name, "social") {
			c.Errorf("the cookie %s is left", name)
		}
	}
	if n := count(c, &models.Identity{}); n != 1 {
		c.Errorf("%d identities", n)
	}
}

// codesNeedTheirVerifier: a stolen code is worth nothing, and does not lose its value for the front end.
func codesNeedTheirVerifier(c *dbtest.Case) {
	idp := startFlow(c)
	browser := c.Client()
	at := trip(c, idp, browser, "?code_challenge="+s256, idp.claims("s1"))
	code := at.Query().Get("code")
	wantPage(c, at, front+"?code="+code)
	browser.Get("/auth/user/").Want(401)
	for _, wrong := range []string{"", "wrong", s256} {
		exchange(c.Client(), code, wrong).WantProblems("non_field_errors social_code_not_valid")
		exchange(browser.Clone(), code, wrong).WantProblems("non_field_errors social_code_not_valid")
	}
	exchange(browser, code+"x", verifier).WantProblems("non_field_errors social_code_not_valid")
	app := c.Client() // a native app has not the cookies of the browser
	exchange(app, code, verifier).Want(200)
	me(app)
	exchange(c.Client(), code, verifier).WantProblems("non_field_errors social_code_not_valid")
	begin := "?code_challenge=" + s256 + "&next="
	for _, next := range []string{"com.example.app:/login", "http://127.0.0.1:51234/login", "http://127.0.0.1/login"} {
		if at := trip(c, idp, c.Client(), begin+url.QueryEscape(next), idp.claims("s1")); !strings.HasPrefix(at.String(), next) || at.Query().Get("code") == "" {
			c.Errorf("%s ends at %s", next, at)
		}
	}
	if at := leads(c, c.Client().Get("/auth/acme/login/?code_challenge=short")); at.Query().Get("error") != "social_challenge" {
		c.Errorf("a wrong challenge leads to %s", at)
	}
}

// codesNeedTheirBrowser: without a challenge and without session cookies, the code is bound to the browser.
func codesNeedTheirBrowser(c *dbtest.Case) {
	idp := startFlow(c, func(cfg *config.Config) { cfg.Login = []config.Credential{config.OpaqueToken} })
	browser := c.Client()
	code := trip(c, idp, browser, "", idp.claims("s1")).Query().Get("code")
	exchange(c.Client(), code, "").WantProblems("non_field_errors social_code_not_valid")
	exchange(browser.Clone(), code, s256).WantProblems("non_field_errors social_code_not_valid")
	var login struct{ Key string }
	if exchange(browser, code, "").Want(200).JSON(&login); login.Key == "" {
		c.Error("the exchange gives no token")
	}
}

func flowsExpire(c *dbtest.Case) {
	idp := startFlow(c)
	browser := c.Client()
	late := approved(idp, begins(c, browser, ""), idp.claims("s1"))
	c.Clock.Advance(10*time.Minute - time.Second)
	inTime := approved(idp, begins(c, browser, "?code_challenge="+s256), idp.claims("s1"))
	c.Clock.Advance(time.Second)
	wantPage(c, leads(c, browser.Get(late)), front+"?error=social_state")
	code := leads(c, browser.Get(inTime)).Query().Get("code")
	c.Clock.Advance(time.Minute)
	exchange(browser, code, verifier).WantProblems("non_field_errors social_code_not_valid")
	c.Clock.Advance(time.Hour)
	if _, err := c.Auth.Sweep(c.Context()); err != nil {
		c.Fatal(err)
	}
	for _, table := range []string{"auth_social_code", "auth_social_spent"} {
		var n int64
		if err := c.DB.Table(table).Count(&n).Error; err != nil || n != 0 {
			c.Errorf("%s has %d rows, %v", table, n, err)
		}
	}
}

// tabsAreIndependent: up to five logins of one browser can be in flight.
func tabsAreIndependent(c *dbtest.Case) {
	idp := startFlow(c)
	browser := c.Client()
	var callbacks []string
	for range 6 {
		callbacks = append(callbacks, approved(idp, begins(c, browser, "?code_challenge="+s256), idp.claims("s1")))
		c.Clock.Advance(time.Second)
	}
	wantPage(c, leads(c, browser.Get(callbacks[0])), front+"?error=social_state")
	for _, callback := range []string{callbacks[3], callbacks[1], callbacks[5]} {
		exchange(browser.Clone(), leads(c, browser.Get(callback)).Query().Get("code"), verifier).Want(200)
	}
}

// formPostsNeedNoOrigin: Apple returns by a cross-site POST, with a cookie that is SameSite None, and the name in a field.
func formPostsNeedNoOrigin(c *dbtest.Case) {
	apple := acme(func(p *social.Provider) {
		p.FormPost, p.AuthParams = true, map[string]string{"response_mode": "form_post"}
	})
	idp := startWith(c, flowOptions(apple))
	browser := c.Client()
	r := browser.Get("/auth/acme/login/")
	asked := leads(c, r).Query()
	if cookie := r.Cookies()[0]; cookie.SameSite != http.SameSiteNoneMode || !cookie.Secure || !strings.HasPrefix(cookie.Name, "__Host-") || asked.Get("response_mode") != "form_post" {
		c.Errorf("the cookie is %s", cookie)
	}
	callback := approved(idp, asked, idp.claims("s1"))
	form := callback[strings.Index(callback, "?")+1:] + "&user=" + url.QueryEscape(`{"name":{"firstName":"Ann","lastName":"Dam"}}`)
	cross := []string{"Content-Type", "application/x-www-form-urlencoded", "Origin", "https://idp.example", "Sec-Fetch-Site", "cross-site"}
	wantPage(c, leads(c, c.Client().Do("POST", "/auth/acme/callback/", form, cross...)), front+"?error=social_state")
	at := leads(c, browser.Do("POST", "/auth/acme/callback/", form, cross...))
	exchange(browser, at.Query().Get("code"), "").Want(200)
	if u := me(browser); u.FirstName != "Ann" || u.LastName != "Dam" {
		c.Errorf("the user is %+v", u)
	}
	browser.Do("POST", "/auth/socialexchange/", obj{"code": "x"}, cross[2:]...).Want(403)
	browser.Do("HEAD", "/auth/acme/callback/", nil).Want(405)
}

// plainHTTPHasNoPrefix: on localhost, browsers reject a cookie with __Host-.
func plainHTTPHasNoPrefix(c *dbtest.Case) {
	o := flowOptions(acme())
	o.URL = "http://localhost:8080/auth/"
	startWith(c, o, func(cfg *config.Config) { cfg.Cookie.InsecureHTTP = true })
	r := c.Client().Get("/auth/acme/login/")
	if cookie := r.Cookies()[0]; !strings.HasPrefix(cookie.Name, "social-") || cookie.Secure || cookie.SameSite != http.SameSiteLaxMode {
		c.Errorf("the cookie is %s", cookie)
	}
	if at := leads(c, r).Query().Get("redirect_uri"); at != "http://localhost:8080/auth/acme/callback/" {
		c.Errorf("redirect_uri is %s", at)
	}
}

// plainCodesHaveNoPKCE, for LinkedIn.
func plainCodesHaveNoPKCE(c *dbtest.Case) {
	idp := startWith(c, flowOptions(acme(func(p *social.Provider) { p.AllowPlainCode = true })))
	browser := c.Client()
	asked := begins(c, browser, "")
	if asked.Has("code_challenge") || asked.Has("code_challenge_method") {
		c.Errorf("the request is %v", asked)
	}
	wantPage(c, leads(c, browser.Get(approved(idp, asked, idp.claims("s1", obj{"nonce": "ignored"})))), front)
	if idp.forms.Has("code_verifier") {
		c.Error("the provider got a code_verifier")
	}
}

// weakRedirectsAreReported by Check.
func weakRedirectsAreReported(c *dbtest.Case) {
	plain := func(p *social.Provider) { p.AllowPlainCode = true }
	startWith(c, flowOptions(acme(plain)))
	found := fmt.Sprint(c.Auth.Check(c.Context()))
	for _, want := range []string{"AllowPlainCode is set", "add https://app.example to TrustedOrigins"} {
		if !strings.Contains(found, want) {
			c.Errorf("Check does not say %q: %s", want, found)
		}
	}
	startWith(c, flowOptions(acme()), func(cfg *config.Config) { cfg.TrustedOrigins = []string{"https://app.example"} })
	if found := fmt.Sprint(c.Auth.Check(c.Context())); strings.Contains(found, "AllowPlainCode") || strings.Contains(found, "social.Options.Pages") {
		c.Errorf("Check says %s", found)
	}
}
