package dbtest

import (
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// The cases of T114: somebody signs up with an address that is not his, and waits.
var claimCases = []func(*Case){
	ClaimedAddressIsFreeForItsOwner, ClaimedAddressIsFreeWhereOptional, ResetTakesAClaimedAccountOver, LoginCodeTakesAClaimedAccountOver,
	ClaimOfASecondAddressCostsOnlyIt, ClaimsNameNoUser, ClaimantsWhoAreGoneKeepNothing,
}

// foothold is what somebody may keep from the time before an address is confirmed.
type foothold struct {
	browser                 *authtest.Client
	login, personal, access string
	refresh, link           string
}

func (c *Case) foothold(name string) foothold {
	c.Helper()
	f := foothold{browser: c.signedUp(name)}
	f.link = c.mail("verify").Key(c.T)
	f.login = c.tokenOf(name)
	f.personal = c.personal(f.browser, obj{"name": "backdoor"}).Key
	pair := c.pairOf(name)
	f.access, f.refresh = pair.Access, pair.Refresh
	c.mails()
	return f
}

// wantGone wants that nothing of it opens anything.
func (f foothold) wantGone(c *Case, name string) {
	c.Helper()
	f.browser.Get("/auth/user/").Want(401)
	for _, token := range []string{f.login, f.personal, f.access} {
		c.byToken(token).Get("/auth/user/").Want(401)
	}
	c.refresh(f.refresh).Want(401)
	c.client().Post("/auth/login/", authtest.Login(name)).WantProblems("non_field_errors invalid_credentials")
	c.verify(f.link).WantCode(404, binding.CodeInvalidTicket)
}

// owner signs the owner of an address up that a stranger has claimed.
func (c *Case) owner(username, address string) *authtest.Client {
	c.Helper()
	in := authtest.SignUp(username)
	in.Email = address
	browser := c.client()
	browser.Post("/auth/registration/", in).Want(201)
	return browser
}

// ClaimantsWhoAreGoneKeepNothing: a later sign-up with the address that was deactivated, or is
// to be deleted, does not keep the owner from his mails.
func ClaimantsWhoAreGoneKeepNothing(c *Case) {
	for _, leave := range []func(thief *authtest.Client){
		func(*authtest.Client) {
			if err := c.Auth.SetActive(c.Context(), c.user("mallory").ID, false); err != nil {
				c.Fatal(err)
			}
		},
		func(thief *authtest.Client) {
			thief.Post("/auth/user/delete/", nil).Want(200)
			c.Clock.Advance(time.Hour)
		},
	} {
		c.documented = nil
		c.startMail(func(cfg *config.Config) { cfg.DeleteGrace = time.Hour })
		c.owner("victim", "victim@example.com")
		c.Clock.Advance(time.Second)
		leave(c.squat("mallory", "victim@example.com"))
		c.mails()
		c.Clock.Advance(time.Hour)
		c.askReset("victim@example.com")
		c.resend("victim@example.com")
		if got := c.kinds(); got["reset"] != 1 || got["verify"] != 1 {
			c.Errorf("the victim got %v", got)
		}
	}
}

func ClaimedAddressIsFreeForItsOwner(c *Case) {
	c.startMail(mandatory)
	c.owner("mallory", "victim@example.com")
	claim := c.mail("verify").Key(c.T)
	c.owner("victim", "Victim@example.com")
	mail := c.mail("verify")
	c.verify(mail.Key(c.T)).Want(200)
	c.reset(c.mail("reset"), "Mirror-Maze-88").Want(200)
	c.client().Post("/auth/login/", obj{"username": "victim", "password": "Mirror-Maze-88"}).Want(200)
	c.client().Post("/auth/login/", obj{"email": "victim@example.com", "password": "Mirror-Maze-88"}).Want(200)
	c.verify(claim).WantCode(404, binding.CodeInvalidTicket)
	c.client().Post("/auth/login/", authtest.Login("mallory")).WantProblems("non_field_errors invalid_credentials")
	if m := c.user("mallory"); m.Email != "" || m.EmailKey != nil {
		c.Errorf("mallory has %+v", m)
	}
}

func ClaimedAddressIsFreeWhereOptional(c *Case) {
	c.startMail(withEverything)
	thief := c.foothold("victim") // with victim@example.com
	owner := c.owner("owner", "victim@example.com")
	owner.Get("/auth/user/").Want(200)
	verifyIn(owner, c.mail("verify").Key(c.T)).Want(200)
	owner.Get("/auth/user/").Want(200)
	thief.wantGone(c, "victim")
	c.client().Post("/auth/login/", obj{"email": "victim@example.com", "password": authtest.Password}).Want(200)
	if u := c.user("owner"); u.EmailKey == nil {
		c.Error("the owner is not found by his address")
	}
	in := authtest.SignUp("late")
	in.Email = "victim@example.com"
	c.client().Post("/auth/registration/", in).WantProblems("email taken")
}

func ResetTakesAClaimedAccountOver(c *Case) {
	c.startMail(withEverything)
	thief := c.foothold("victim")
	thief.browser.Post("/auth/emails/", obj{"email": "thief@example.com"}).Want(201)
	back := c.mail("verify").Key(c.T)
	c.Clock.Advance(time.Second)
	c.askReset("victim@example.com")
	c.reset(c.mail("reset"), "Mirror-Maze-88").Want(200)
	c.mails()
	thief.wantGone(c, "victim")
	c.verify(back).WantCode(404, binding.CodeInvalidTicket)
	owner := c.client()
	owner.Post("/auth/login/", obj{"email": "victim@example.com", "password": "Mirror-Maze-88"}).Want(200)
	if all := emails(owner); len(all) != 1 || !all[0].Verified {
		c.Errorf("addresses: %+v", all)
	}
}

func LoginCodeTakesAClaimedAccountOver(c *Case) {
	c.startMail(withEverything, func(cfg *config.Config) { cfg.LoginByCode = true })
	thief := c.foothold("victim")
	c.client().Post("/auth/login/code/", obj{"email": "victim@example.com"}).Want(200)
	owner := c.client()
	owner.Post("/auth/login/code/confirm/", obj{"key": c.mail("login_code").Key(c.T)}).Want(200)
	owner.Get("/auth/user/").Want(200)
	thief.wantGone(c, "victim")
}

// ClaimOfASecondAddressCostsOnlyIt: who has confirmed another address keeps his account.
func ClaimOfASecondAddressCostsOnlyIt(c *Case) {
	c.startMail()
	ann := c.verified("ann")
	ann.Post("/auth/emails/", obj{"email": "typo@example.com"}).Want(201)
	c.mail("verify")
	c.owner("owner", "typo@example.com")
	c.verify(c.mail("verify").Key(c.T)).Want(200)
	ann.Get("/auth/user/").Want(200)
	if all := emails(ann); len(all) != 1 || all[0].Email != "ann@example.com" {
		c.Errorf("ann has %+v", all)
	}
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
}

// ClaimsNameNoUser covers T010: adding somebody's address tells its owner, not the one who
// asks.
func ClaimsNameNoUser(c *Case) {
	c.startMail()
	c.verified("ann")
	bob := c.verified("bob")
	r := bob.Post("/auth/emails/", obj{"email": "ann@example.com"}).Want(201)
	other := bob.Post("/auth/emails/", obj{"email": "new@example.com"}).Want(201)
	if masked(r.Text) != masked(other.Text) {
		c.Errorf("%s and %s", r.Text, other.Text)
	}
	kinds := map[string]string{}
	for _, m := range c.mails() {
		kinds[m.To] = m.Kind
	}
	if kinds["ann@example.com"] != "account_exists" || kinds["new@example.com"] != "verify" {
		c.Errorf("mails: %v", kinds)
	}
	bob.Post(emailPath(emails(bob)[1].ID, "resend"), nil).Want(200)
	c.noMailTo("verify", "ann@example.com")
}
