package social_test

// LinkByEmail and second factors.

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

var linkCases = dbtest.Group{Name: "link", Cases: []func(*dbtest.Case){
	linksWaitForTheSecondFactor, waitingLinksAreCheckedAgain, raceForALink, linksTakeNoCodeFromAMail, linksWaitForARequiredFactor,
}}

// withApp starts an application where acme links by address, and returns a user with a second factor.
func withApp(c *dbtest.Case) (*idp, *models.User, *authtest.TOTP) {
	c.Helper()
	idp := newIDP(c.T)
	options := social.Options{Providers: []social.Provider{acme(linking)}, Transport: idp.Transport(), StoreTokens: true}
	c.With(mfa.Feature(mfa.Options{}), social.Feature(options)).StartMail()
	idp.now = c.Clock.Now
	user := confirmed(c, "ann", nil)
	phone := c.TOTP(c.T, c.LoggedIn("ann"))
	c.Mails()
	return idp, user, phone
}

// challenged logs in with a subject whose address is ann's, and returns the token of the challenge.
func challenged(c *dbtest.Case, idp *idp, subject string) (*authtest.Client, string) {
	c.Helper()
	browser, r := enter(c, obj{"code": idp.code(grant{claims: idp.claims(subject, verified("ann@example.com")), redirect: redirect})})
	var out binding.Challenge
	if r.Want(200).JSON(&out); !out.MFARequired {
		c.Fatalf("no challenge: %s", r.Text)
	}
	return browser, out.EphemeralToken
}

func passes(browser *authtest.Client, token, code string) *authtest.Response {
	return browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": code})
}

// linksWaitForTheSecondFactor: a login whose second factor never comes connects nothing, so it leaves no way in (T142, T167).
func linksWaitForTheSecondFactor(c *dbtest.Case) {
	idp, user, phone := withApp(c)
	browser, token := challenged(c, idp, "s1")
	if rows := identities(c, user.ID); len(rows) != 0 {
		c.Errorf("the first factor connected %+v", rows)
	}
	c.NoMail()
	passes(browser, token, "000000").Want(400)
	if rows := identities(c, user.ID); len(rows) != 0 {
		c.Errorf("a wrong code connected %+v", rows)
	}
	passes(browser, token, phone.Code()).Want(200)
	rows := identities(c, user.ID)
	if me(browser).PK != user.ID || len(rows) != 1 || rows[0].Subject != "s1" || !strings.Contains(rows[0].Profile, "ann@example.com") || rows[0].Tokens == "" {
		c.Errorf("the second factor connected %+v", rows)
	}
	if kinds := kindsOf(c); kinds != "[new_device social_connected]" {
		c.Errorf("the mails are %s", kinds)
	}
	c.Clock.Advance(time.Minute)
	again, token := challenged(c, idp, "s1")
	passes(again, token, phone.Code()).Want(200)
	if len(identities(c, user.ID)) != 1 || c.DB.Table("auth_social_code").Where("1 = 1").Find(&[]map[string]any{}).RowsAffected != 0 {
		c.Error("a proof still waits")
	}
	if kinds := kindsOf(c); kinds != "[new_device]" {
		c.Errorf("the mails are %s", kinds)
	}
}

// kindsOf returns the kinds of the mails that arrived, sorted.
func kindsOf(c *dbtest.Case) string {
	c.Helper()
	var kinds []string
	for _, m := range c.Mails() {
		kinds = append(kinds, m.Kind)
	}
	slices.Sort(kinds)
	return fmt.Sprint(kinds)
}

// waitingLinksAreCheckedAgain: between the two factors, the user may have given the address away, or somebody else may have connected the
// account.
func waitingLinksAreCheckedAgain(c *dbtest.Case) {
	for name, change := range map[string]func(*idp, *models.User){
		"the address": func(_ *idp, user *models.User) {
			if err := c.DB.Where("user_id = ?", user.ID).Delete(&models.Email{}).Error; err != nil {
				c.Fatal(err)
			}
		},
		"the account": func(idp *idp, _ *models.User) {
			c.SignedUp("eve").Post("/auth/acme/connect/", obj{"id_token": idp.idToken("s1")}).Want(200)
		},
		"staff": func(_ *idp, user *models.User) { c.DB.Model(user).Update("is_staff", true) },
	} {
		idp, user, phone := withApp(c)
		browser, token := challenged(c, idp, "s1")
		change(idp, user)
		passes(browser, token, phone.Code()).Want(400)
		browser.Get("/auth/user/").Want(401)
		if rows := identities(c, user.ID); len(rows) != 0 {
			c.Errorf("%s: connected %+v", name, rows)
		}
	}
}

// raceForALink: of concurrent logins that wait, each with its own subject, no two use one code, and a subject is connected once.
func raceForALink(c *dbtest.Case) {
	idp, user, phone := withApp(c)
	var browsers []*authtest.Client
	var tokens []string
	for range 4 {
		browser, token := challenged(c, idp, "s1")
		browsers, tokens = append(browsers, browser), append(tokens, token)
	}
	code := phone.Code()
	got := concurrently(4, func(i int) int { return passes(browsers[i], tokens[i], code).StatusCode })
	if got[200] != 1 || len(identities(c, user.ID)) != 1 {
		c.Errorf("the responses are %v, connected %v", fmt.Sprint(got), identities(c, user.ID))
	}
}

// linksTakeNoCodeFromAMail: the provider knows the user by the mailbox, so a code from a mail would prove the same again (T167). Once the
// accounts are connected, the provider's account is a factor of its own.
func linksTakeNoCodeFromAMail(c *dbtest.Case) {
	idp := newIDP(c.T)
	c.With(mfa.Feature(mfa.Options{EmailCodes: true}), social.Feature(social.Options{Providers: []social.Provider{acme(linking)}, Transport: idp.Transport()})).StartMail()
	idp.now = c.Clock.Now
	user := confirmed(c, "ann", nil)
	browser := c.LoggedIn("ann")
	c.Mails()
	mailed := func(browser *authtest.Client, token string) string {
		browser.Post("/auth/mfa/email/send/", obj{"ephemeral_token": token}).Want(200)
		kind := "mfa_code"
		if token == "" { // to turn them on
			kind = "email_code"
		}
		return c.Mail(kind).Code(c.T)
	}
	var on mfa.Activated
	browser.Post("/auth/mfa/email/activate/", obj{"code": mailed(browser, "")}).Want(200).JSON(&on)
	c.Mails()
	enters := func(jti, factors string) (*authtest.Client, string) {
		c.Helper()
		c.Clock.Advance(time.Minute)
		browser, r := enter(c, obj{"id_token": idp.idToken("s1", verified("ann@example.com"), obj{"jti": jti})})
		var out binding.Challenge
		if r.Want(200).JSON(&out); fmt.Sprint(out.Factors) != factors {
			c.Errorf("the challenge offers %v, want %s", out.Factors, factors)
		}
		return browser, out.EphemeralToken
	}
	linked, token := enters("1", "[recovery_code]")
	linked.Post("/auth/mfa/email/send/", obj{"ephemeral_token": token}).WantCode(403, "permission_denied")
	byPassword := c.Client()
	var asked binding.Challenge
	byPassword.Post("/auth/login/", authtest.Login("ann")).Want(200).JSON(&asked)
	passes(linked, token, mailed(byPassword, asked.EphemeralToken)).WantProblems("code factor_not_valid")
	if rows := identities(c, user.ID); len(rows) != 0 {
		c.Errorf("the mailbox alone connected %+v", rows)
	}
	passes(linked, token, on.RecoveryCodes[0]).Want(200)
	c.Mails()
	connected, token := enters("2", "[email recovery_code]")
	passes(connected, token, mailed(connected, token)).Want(200)
}

// linksWaitForARequiredFactor: a user who must set up a second factor connects nothing before they have (T142).
func linksWaitForARequiredFactor(c *dbtest.Case) {
	idp := newIDP(c.T)
	required := func(a models.Account) bool { return a.Base().FirstName == "must" }
	c.With(mfa.Feature(mfa.Options{RequireFor: required}), social.Feature(social.Options{Providers: []social.Provider{acme(linking)}, Transport: idp.Transport()})).StartMail()
	idp.now = c.Clock.Now
	user := confirmed(c, "ann", obj{"first_name": "must"})
	browser, token := challenged(c, idp, "s1")
	if rows := identities(c, user.ID); len(rows) != 0 {
		c.Errorf("the first factor connected %+v", rows)
	}
	c.NoMail()
	var setup mfa.Setup
	browser.Post("/auth/mfa/setup/", obj{"ephemeral_token": token}).Want(200).JSON(&setup)
	body := obj{"ephemeral_token": token, "activation_token": setup.ActivationToken, "code": c.TOTPWith(c.T, setup.Secret).At(c.Clock.Now()), "email_code": "2222-2222"}
	browser.Post("/auth/mfa/setup/confirm/", body).WantProblems("email_code ticket_not_valid")
	if rows := identities(c, user.ID); len(rows) != 0 {
		c.Errorf("a wrong code connected %+v", rows)
	}
	body["email_code"] = c.Mail("mfa_code").Code(c.T)
	browser.Post("/auth/mfa/setup/confirm/", body).Want(200)
	if rows := identities(c, user.ID); me(browser).PK != user.ID || len(rows) != 1 || rows[0].Subject != "s1" {
		c.Errorf("the second factor connected %+v", rows)
	}
	if kinds := kindsOf(c); kinds != "[social_connected totp_on]" {
		c.Errorf("the mails are %s", kinds)
	}
}
