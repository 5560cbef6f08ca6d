package social_test

// Logging in by redirect: attacks, races and failures.

import (
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

// callbacksCountOnce: of concurrent callbacks with one state, one logs in.
func callbacksCountOnce(c *dbtest.Case) {
	idp := startFlow(c)
	browser := c.Client()
	asked := begins(c, browser, "?code_challenge="+s256)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var ends []string
	for range 8 {
		callback := approved(idp, asked, idp.claims("s1"))
		tab := browser.Clone()
		wg.Go(func() {
			r := tab.Get(callback)
			at, _ := url.Parse(r.Header.Get("Location"))
			mu.Lock()
			defer mu.Unlock()
			if at.Query().Get("code") != "" {
				ends = append(ends, at.Query().Get("code"))
			} else if at.Query().Get("error") != "social_state" {
				c.Errorf("%d %s", r.StatusCode, at)
			}
		})
	}
	wg.Wait()
	if len(ends) != 1 {
		c.Errorf("%d callbacks count", len(ends))
	}
}

// exchangesCountOnce: of concurrent exchanges of one code, one logs in.
func exchangesCountOnce(c *dbtest.Case) {
	idp := startFlow(c)
	entered(c, idp, "s1")
	code := trip(c, idp, c.Client(), "?code_challenge="+s256, idp.claims("s1")).Query().Get("code")
	var wg sync.WaitGroup
	var mu sync.Mutex
	wins := 0
	for range 8 {
		browser := c.Client()
		wg.Go(func() {
			if r := exchange(browser, code, verifier); r.StatusCode == 200 {
				mu.Lock()
				defer mu.Unlock()
				wins++
			} else {
				r.WantProblems("non_field_errors social_code_not_valid")
			}
		})
	}
	wg.Wait()
	if n := count(c, &models.Session{}); wins != 1 || n != 2 {
		c.Errorf("%d exchanges won, %d sessions", wins, n)
	}
}

// callbacksBelongToABrowser: an attacker's callback logs no victim in, and a victim's callback no attacker.
func callbacksBelongToABrowser(c *dbtest.Case) {
	idp := startFlow(c)
	attacker, victim := c.Client(), c.Client()
	callback := approved(idp, begins(c, attacker, ""), idp.claims("attacker"))
	wantPage(c, leads(c, victim.Get(callback)), front+"?error=social_state")
	begins(c, victim, "") // a login of the victim is in flight
	wantPage(c, leads(c, victim.Get(callback)), front+"?error=social_state")
	victim.Get("/auth/user/").Want(401)
	for _, query := range []string{"", "?state=", "?code=x", "?state=x&code=x", "?error=access_denied", callback[strings.Index(callback, "?"):] + "&state=x"} {
		wantPage(c, leads(c, attacker.Clone().Get("/auth/acme/callback/"+query)), front+"?error=social_state")
	}
	if idp.requests("idp.example/token") != 0 {
		c.Error("a code was sent to the provider")
	}
	leads(c, attacker.Get(callback))
	me(attacker)
	code := trip(c, idp, c.Client(), "?code_challenge="+s256, idp.claims("attacker")).Query().Get("code")
	exchange(victim, code, "").WantProblems("non_field_errors social_code_not_valid") // the page with the attacker's code, opened by the victim
}

// callbacksOfOtherProvidersAreRefused: state and cookie belong to one provider.
func callbacksOfOtherProvidersAreRefused(c *dbtest.Case) {
	other := acme(func(p *social.Provider) { p.Name = "other" })
	idp := startWith(c, flowOptions(acme(), other))
	browser := c.Client()
	callback := approved(idp, begins(c, browser, ""), idp.claims("s1"))
	wantPage(c, leads(c, browser.Clone().Get(strings.Replace(callback, "/acme/", "/other/", 1))), front+"?error=social_state")
	wantPage(c, leads(c, browser.Get(callback)), front)
}

// issuersOfCallbacksAreChecked: RFC 9207, against mix-up.
func issuersOfCallbacksAreChecked(c *dbtest.Case) {
	idp := startFlow(c)
	back := func(iss string) *url.URL {
		browser := c.Client()
		return leads(c, browser.Get(approved(idp, begins(c, browser, ""), idp.claims("s1"))+iss))
	}
	wantPage(c, back("&iss="+url.QueryEscape(issuer)), front)
	tokens := idp.requests("idp.example/token")
	for _, iss := range []string{"&iss=https://evil.example", "&iss=", "&iss=" + issuer + "/"} {
		wantPage(c, back(iss), front+"?error=social_code_not_valid")
	}
	browser := c.Client()
	asked := begins(c, browser, "")
	wantPage(c, leads(c, browser.Get("/auth/acme/callback/?iss=https://evil.example&error=access_denied&state="+asked.Get("state"))), front+"?error=social_code_not_valid")
	if idp.requests("idp.example/token") != tokens {
		c.Error("a code of another issuer was sent to the provider")
	}
}

func forgedHeadersChangeNothing(c *dbtest.Case) {
	idp := startFlow(c)
	browser := c.Client()
	forged := []string{"Host", "evil.example", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "http", "Forwarded", "host=evil.example;proto=http", "X-Original-Url", "//evil.example"}
	r := browser.Do("GET", "/auth/acme/login/", nil, forged...)
	asked := leads(c, r).Query()
	if asked.Get("redirect_uri") != "https://api.example/auth/acme/callback/" {
		c.Errorf("redirect_uri is %s", asked.Get("redirect_uri"))
	}
	for _, cookie := range r.Cookies() {
		if !strings.HasPrefix(cookie.Name, "__Host-social-") || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" || cookie.MaxAge != 600 {
			c.Errorf("the cookie is %s", cookie)
		}
	}
	wantPage(c, leads(c, browser.Do("GET", approved(idp, asked, idp.claims("s1")), nil, forged...)), front)
}

// failuresLeadToThePage: whatever the provider does, the browser ends at the page with a code, and no text of the provider.
func failuresLeadToThePage(c *dbtest.Case) {
	idp := startFlow(c)
	back := func(more string) (string, *authtest.Client) {
		browser := c.Client()
		asked := begins(c, browser, "?next=/done%3Fa%3D1")
		r := browser.Get("/auth/acme/callback/?state=" + asked.Get("state") + more)
		at := leads(c, r)
		if !strings.HasPrefix(at.String(), front+"?a=1&error=") || strings.Contains(at.String(), "script") {
			c.Errorf("the browser is at %s", at)
		}
		browser.Get("/auth/user/").Want(401)
		wantPage(c, leads(c, browser.Get("/auth/acme/callback/?state="+asked.Get("state")+more)), front+"?error=social_state") // the state is burned
		return at.Query().Get("error"), browser
	}
	for more, want := range map[string]string{
		"&error=access_denied&error_description=<script>": "social_cancelled", "&error=user_cancelled_authorize": "social_cancelled",
		"&error=server_error": "provider_unavailable", "&error=<script>": "social_code_not_valid", "&code=unknown": "social_code_not_valid", "": "social_code_not_valid",
	} {
		if got, _ := back(more); got != want {
			c.Errorf("%s: %s, want %s", more, got, want)
		}
	}
	for want, answer := range map[string]http.HandlerFunc{
		"provider_unavailable":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(502) },
		"social_code_not_valid": func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, 200, obj{"error": "<script>"}) },
		"social_token_not_valid": func(w http.ResponseWriter, _ *http.Request) {
			writeJSON(w, 200, obj{"access_token": "x", "id_token": "x.y.z"})
		},
	} {
		idp.on("idp.example/token", answer)
		if got, _ := back("&code=x"); got != want {
			c.Errorf("%s, want %s", got, want)
		}
	}
	idp.on("idp.example/token", nil)
	browser := c.Client()
	if at := trip(c, idp, browser, "", idp.claims("s1", obj{"nonce": "another"})); at.Query().Get("error") != "social_token_not_valid" {
		c.Errorf("another nonce ends at %s", at)
	}
	c.SignedUp("bob")
	c.Client().Post("/auth/registration/verify-email/", obj{"key": c.Mail("verify").Key(c.T)}).Want(200)
	if at := trip(c, idp, browser, "", idp.claims("s2", verified("bob@example.com"))); at.Query().Get("error") != "social_email_taken" {
		c.Errorf("an address of another user ends at %s", at)
	}
	for _, next := range []string{
		"//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example/done", "https://app.example@evil.example/done", "https://app.example.evil.example/done",
		"https:evil.example", "javascript:alert(1)", "/%2f%2fevil.example", "/%5cevil.example", "https://app.example/other", "https://app.example/done#x", "http://app.example/done",
		"https://app.example:444/done", "/done\t", "https://app.example/done/..", "http://127.0.0.1:1/other", "http://127.0.0.2/login", "com.example.app:/other", "com.example.app://login", "data:text/html,x",
		"https://аpp.example/done", "/" + strings.Repeat("x", 2000), "done",
	} {
		at := leads(c, c.Client().Get("/auth/acme/login/?next="+url.QueryEscape(next)))
		if at.String() != front+"?error=social_next" {
			c.Errorf("next=%q leads to %s", next, at)
		}
	}
}

// pagesOfOtherSitesCannotBegin a login that ends in a session; one that ends in a code needs a verifier that they do not have.
func pagesOfOtherSitesCannotBegin(c *dbtest.Case) {
	startFlow(c)
	for _, site := range []string{"cross-site", "same-site"} {
		wantPage(c, leads(c, c.Client().Do("GET", "/auth/acme/login/", nil, "Sec-Fetch-Site", site)), front+"?error=cross_site_request")
		at := leads(c, c.Client().Do("GET", "/auth/acme/login/?code_challenge="+s256, nil, "Sec-Fetch-Site", site))
		if at.Host != "idp.example" {
			c.Errorf("%s leads to %s", site, at)
		}
	}
	for _, path := range []string{"/auth/acme/connect/login/", "/auth/acme/reauthenticate/login/"} { // T059
		c.Client().Get(path).Want(405)
		c.Client().Post(path, obj{}).Want(401)
	}
}

// startsAreLimited: 60 in 5 minutes for each network; the browser still ends at the page.
func startsAreLimited(c *dbtest.Case) {
	startFlow(c, func(cfg *config.Config) { cfg.Limits.AllowUnlimited = false })
	for range 60 {
		begins(c, c.Client(), "")
	}
	wantPage(c, leads(c, c.Client().Get("/auth/acme/login/")), front+"?error=rate_limited")
	c.Clock.Advance(5 * time.Minute)
	begins(c, c.Client(), "")
}

// failingProvidersLeadToThePage: a provider that is dead at the start, and slow or dead at the callback.
func failingProvidersLeadToThePage(c *dbtest.Case) {
	o := flowOptions(acme())
	o.Timeout = time.Second
	idp := startWith(c, o)
	idp.fails("idp.example/.well-known/openid-configuration", 500)
	wantPage(c, leads(c, c.Client().Get("/auth/acme/login/?next=/done%3Fa%3D1")), front+"?a=1&error=provider_unavailable")
	idp.on("idp.example/.well-known/openid-configuration", nil)
	browser := c.Client()
	asked := begins(c, browser, "")
	idp.on("idp.example/token", wait)
	wantPage(c, leads(c, browser.Get(approved(idp, asked, idp.claims("s1")))), front+"?error=provider_unavailable")
	asked = begins(c, browser, "")
	idp.server.Close()
	wantPage(c, leads(c, browser.Get(approved(idp, asked, idp.claims("s1")))), front+"?error=provider_unavailable")
	browser.Get("/auth/user/").Want(401)
}

// nextLeadsNowhereElse: whatever next is, the browser ends at one of the pages (T066). The error of the challenge shows where that would be.
func nextLeadsNowhereElse(c *dbtest.Case) {
	startFlow(c)
	pieces := []string{
		"/", "//", "\\", "/\\", ":", "@", "?", "#", "%2f", "%5c", "%00", "%0a", "\t", "\n", " ", ".", "..", ";", "https:", "http:", "javascript:", "com.example.app:", "https://app.example", "/done",
		"app.example", "evil.example", "127.0.0.1", ":80", "[::1]", "login", "a=b", "&", "é", "\u202e", "。",
	}
	pages := regexp.MustCompile(`^(https://app\.example/done|com\.example\.app:/login|http://127\.0\.0\.1(:\d*)?/login)\?([\w.=&%+*-]*&)?error=social_(challenge|next)(&[\w.=&%+*-]*)?$`)
	random, kept := mathrand.New(mathrand.NewPCG(1, 2)), 0
	for range 3000 {
		next := ""
		if random.IntN(2) == 0 {
			next = []string{front, "/done", "com.example.app:/login", "http://127.0.0.1:99/login"}[random.IntN(4)]
		}
		for range random.IntN(5) {
			next += pieces[random.IntN(len(pieces))]
		}
		at := c.Client().Get("/auth/acme/login/?code_challenge=short&next=" + url.QueryEscape(next)).Header.Get("Location")
		if !pages.MatchString(at) {
			c.Errorf("%q leads to %s", next, at)
		}
		if next != "" && strings.Contains(at, "social_challenge") {
			kept++
		}
	}
	if kept < 300 {
		c.Errorf("only %d are allowed", kept)
	}
}
