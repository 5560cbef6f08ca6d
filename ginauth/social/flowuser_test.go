package social_test

// Logging in by redirect as a user who is logged in, or who has a second factor.

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/example/pin"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

// otherUsersAreNotReplaced: a login by redirect does not end the session of another user.
func otherUsersAreNotReplaced(c *dbtest.Case) {
	idp := startFlow(c)
	entered(c, idp, "s1")
	bob := c.SignedUp("bob")
	for _, subject := range []string{"s1", "new"} {
		wantPage(c, trip(c, idp, bob, "", idp.claims(subject)), front+"?error=social_other_user")
		code := trip(c, idp, bob, "?code_challenge="+s256, idp.claims(subject)).Query().Get("code")
		exchange(bob, code, verifier).WantCode(403, social.CodeOtherUser)
		if me(bob).Username != "bob" {
			c.Error("bob is logged out")
		}
		if r := exchange(c.Client(), code, verifier); r.StatusCode != 200 { // the code is not used up
			c.Fatalf("%s: %s %s", subject, r.Text, c.Log)
		}
	}
	ann, user := entered(c, idp, "s1", obj{"jti": "another"})
	wantPage(c, trip(c, idp, ann, "", idp.claims("s1")), front)
	if me(ann).PK != user.PK {
		c.Error("ann is logged in as another user")
	}
}

// connectionsBelongToTheirSession: only the session that began one can finish it (T147).
func connectionsBelongToTheirSession(c *dbtest.Case) {
	idp := startFlow(c)
	ann, bob := c.SignedUp("ann"), c.SignedUp("bob")
	c.Mails()
	begun := func(browser *authtest.Client, body obj) string {
		var out social.Begun
		browser.Post("/auth/acme/connect/login/", body).Want(200).JSON(&out)
		at, err := url.Parse(out.URL)
		if err != nil || at.Host != "api.example" || at.Path != "/auth/acme/login/" {
			c.Fatalf("the URL is %s", out.URL)
		}
		return "?" + at.RawQuery
	}
	query := begun(ann, obj{"code_challenge": s256})
	system := c.Client() // the browser in which an app opens the URL
	code := trip(c, idp, system, query, idp.claims("s1")).Query().Get("code")
	for _, other := range []*authtest.Client{c.Client(), bob, c.LoggedIn("ann")} {
		exchange(other, code, verifier).WantCode(403, social.CodeOtherUser)
	}
	exchange(ann, code, verifier).Want(200)
	if !slices.ContainsFunc(c.Mails(), func(m authtest.Mail) bool { return m.Kind == "social_connected" }) {
		c.Error("ann was not told")
	}
	if _, user := entered(c, idp, "s1"); user.Username != "ann" {
		c.Errorf("the account is connected to %s", user.Username)
	}
	// The attacker begins, and the victim opens the URL in a browser that is logged in: by cookie, and with session cookies.
	code = trip(c, idp, bob, begun(ann, obj{}), idp.claims("victim")).Query().Get("code")
	exchange(bob, code, "").WantCode(403, social.CodeOtherUser)
	exchange(ann, code, "").WantProblems("non_field_errors social_code_not_valid")
	code = trip(c, idp, ann, begun(ann, obj{}), idp.claims("s2")).Query().Get("code")
	exchange(ann, code, "").Want(200)
	code = trip(c, idp, bob, begun(bob, obj{}), idp.claims("s1")).Query().Get("code")
	exchange(bob, code, "").WantProblems("non_field_errors social_connected")
	if n := count(c, &models.Identity{}); n != 2 {
		c.Errorf("%d identities", n)
	}
	query = begun(bob, obj{"code_challenge": s256})
	bob.Post("/auth/acme/connect/login/", obj{"next": "https://evil.example/"}).WantProblems("next social_next")
	bob.Post("/auth/acme/connect/login/", obj{"code_challenge": "x"}).WantProblems("code_challenge social_challenge")
	c.Clock.Advance(5 * time.Minute)
	wantPage(c, leads(c, bob.Get("/auth/acme/login/"+query)), front+"?error=social_state")
	c.Clock.Advance(time.Hour)
	bob.Post("/auth/acme/connect/login/", obj{}).WantCode(403, binding.CodeFreshLogin)
	code = trip(c, idp, bob, begun(bob, obj{"password": authtest.Password}), idp.claims("s3")).Query().Get("code")
	bob.Post("/auth/logout/", nil).Want(200)
	exchange(bob, code, "").WantCode(403, social.CodeOtherUser)
}

// usersWithoutPasswordBecomeRecent by logging in to their provider again: auth_time says that they did.
func usersWithoutPasswordBecomeRecent(c *dbtest.Case) {
	idp := startFlow(c)
	ann, _ := entered(c, idp, "s1")
	entered(c, idp, "s2")
	c.Clock.Advance(2 * time.Hour)
	ann.Post("/auth/user/delete/", nil).WantCode(403, binding.CodeFreshLogin)
	back := func(claims obj) *url.URL {
		var out social.Begun
		ann.Post("/auth/acme/reauthenticate/login/", obj{"code_challenge": s256}).Want(200).JSON(&out)
		asked := begins(c, ann, out.URL[strings.Index(out.URL, "?"):])
		if asked.Get("prompt") != "login" || asked.Get("max_age") != "0" {
			c.Errorf("the request is %v", asked)
		}
		return leads(c, ann.Get(approved(idp, asked, claims)))
	}
	now := c.Clock.Now().Unix()
	for _, old := range []obj{{}, {"auth_time": now - 3600}, {"auth_time": "now"}} {
		wantPage(c, back(idp.claims("s1", old)), front+"?error=social_not_recent")
	}
	exchange(ann, back(idp.claims("s2", obj{"auth_time": now})).Query().Get("code"), verifier).WantProblems("non_field_errors social_other_account")
	ann.Post("/auth/user/delete/", nil).WantCode(403, binding.CodeFreshLogin)
	code := back(idp.claims("s1", obj{"auth_time": now})).Query().Get("code")
	exchange(c.Client(), code, verifier).WantCode(403, social.CodeOtherUser)
	exchange(ann, code, verifier).Want(200)
	exchange(ann, code, verifier).WantProblems("non_field_errors social_code_not_valid")
	ann.Post("/auth/acme/connect/login/", obj{}).Want(200)
	ann.Post("/auth/user/delete/", nil).Want(200)
}

// secondFactorsComeByExchange: a login that needs one sets no session, and the challenge is in no URL.
func secondFactorsComeByExchange(c *dbtest.Case) {
	idp := newIDP(c.T)
	o := flowOptions(acme())
	o.Transport = idp.Transport()
	c.With(social.Feature(o), pin.Feature(pin.Options{})).StartMail()
	idp.now = c.Clock.Now
	ann, _ := entered(c, idp, "s1")
	ann.Post("/auth/pin/", obj{"pin": "482915"}).Want(200)
	for query, given := range map[string]string{"": "", "?code_challenge=" + s256: verifier} {
		browser := c.Client()
		at := trip(c, idp, browser, query, idp.claims("s1"))
		code := at.Query().Get("code")
		wantPage(c, at, front+"?code="+code)
		browser.Get("/auth/user/").Want(401)
		var challenge binding.Challenge
		if exchange(browser, code, given).Want(200).JSON(&challenge); !challenge.MFARequired || challenge.EphemeralToken == "" {
			c.Fatalf("the exchange gives %+v", challenge)
		}
		browser.Get("/auth/user/").Want(401)
		browser.Post("/auth/pin/verify/", obj{"ephemeral_token": challenge.EphemeralToken, "pin": "482915"}).Want(200)
		me(browser)
	}
}
