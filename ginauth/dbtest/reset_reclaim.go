package dbtest

// What a password reset removes of an account that a stranger made with the address of someone else.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// takeOver opens the link that confirms an address, without a session, and later resets the password by a mail to it.
func (c *Case) takeOver(address string) {
	c.Helper()
	c.Clock.Advance(time.Minute)
	c.verify(c.lastMail("verify").Key(c.T)).Want(200)
	c.Clock.Advance(2 * time.Hour)
	c.askReset(address)
	c.reset(c.lastMail("reset"), "Mirror-Maze-88").Want(200)
}

// resetRemovesPasskeysOfStrangers who signed up with the passkey, or with a password, or made it a second factor.
func resetRemovesPasskeysOfStrangers(c *Case) {
	for _, second := range []bool{false, true} {
		c.With(passkeys(func(o *passkey.Options) { o.SignUp, o.SecondFactor = true, second })).StartMail(mandatory)
		key := c.NewPasskey(c.T)
		key.SignUp(c.Client(), obj{"username": "eve", "email": "victim@example.com"}).Want(201)
		c.takeOver("victim@example.com")
		key.LogIn(c.Client()).WantProblems("non_field_errors passkey_unknown")
		c.Client().Post("/auth/login/", obj{"username": "eve", "password": "Mirror-Maze-88"}).Want(200)
		if user := c.user("eve"); user.Factors != "" {
			c.Errorf("factors %q", user.Factors)
		}
	}
	c.startPasskeys()
	eve := c.SignedUp("victim")
	key := c.Passkey(c.T, eve)
	c.takeOver("victim@example.com")
	key.LogIn(c.Client()).WantProblems("non_field_errors passkey_unknown")
}

// noticesRemoveWhatStrangersAddLater: what is added after the link stays at a reset, and the owner gets a mail whose link removes it.
func noticesRemoveWhatStrangersAddLater(c *Case) {
	c.With(passkeys(func(o *passkey.Options) { o.SignUp = true })).StartMail(mandatory)
	first, eve := c.NewPasskey(c.T), c.Client()
	first.SignUp(eve, obj{"username": "eve", "email": "victim@example.com"}).Want(201)
	c.Clock.Advance(time.Minute)
	c.verify(c.lastMail("verify").Key(c.T)).Want(200)
	c.Clock.Advance(time.Minute)
	first.LogIn(eve).Want(200)
	second := c.Passkey(c.T, eve)
	notice := c.lastMail("passkey_added").Key(c.T)
	c.askReset("victim@example.com")
	c.reset(c.lastMail("reset"), "Mirror-Maze-88").Want(200)
	first.LogIn(c.Client()).WantProblems("non_field_errors passkey_unknown")
	second.LogIn(c.Client()).Want(200)
	c.Client().Post("/auth/security/revoke/", obj{"key": notice}).Want(200)
	second.LogIn(c.Client()).WantProblems("non_field_errors passkey_unknown")
}

// resetRemovesAccountsOfStrangers: an account of a provider whose user typed the address of someone else. One that has verified the
// address stays.
func resetRemovesAccountsOfStrangers(c *Case) {
	idp := socialtest.New(c.T)
	c.With(idp.Feature(acme())).StartMail(mandatory, func(cfg *config.Config) { cfg.SignUpFields.Email = config.FieldRequired })
	eve := c.Client()
	var out struct{ Ticket string }
	c.byAcme(idp, eve, socialtest.Claims{"sub": "1004", "preferred_username": "eve"}).Want(200).JSON(&out)
	eve.Post("/auth/socialsignup/", obj{"ticket": out.Ticket, "email": "victim@example.com", "username": "eve"}).Want(201)
	c.takeOver("victim@example.com")
	if n := c.count(&models.Identity{}); n != 0 {
		c.Errorf("%d identities", n)
	}

	trusted := acme()
	trusted.EmailDomains = []string{"example.com"}
	c.With(idp.Feature(trusted)).StartMail()
	c.Client().Post("/auth/acme/", obj{"id_token": idp.IDToken(c.App, trusted, socialtest.Claims{
		"sub": "1", "preferred_username": "ann", "email": "ann@example.com", "email_verified": true,
	})}).Want(200)
	c.Clock.Advance(2 * time.Hour)
	c.askReset("ann@example.com")
	c.reset(c.lastMail("reset"), "Mirror-Maze-88").Want(200)
	if n := c.count(&models.Identity{}); n != 1 {
		c.Errorf("%d identities", n)
	}
}

// resetKeepsWhatTheOwnerSetUp: in a session that confirmed the address, or after the address was confirmed.
func resetKeepsWhatTheOwnerSetUp(c *Case) {
	c.With(passkeys(), mfa.Feature(mfa.Options{})).StartMail()
	ann := c.SignedUp("ann")
	link := c.lastMail("verify").Key(c.T)
	first := c.Passkey(c.T, ann)
	phone := c.TOTP(c.T, ann)
	c.Clock.Advance(time.Minute)
	ann.Post("/auth/registration/verify-email/", obj{"key": link}).Want(200)
	bob := c.SignedUp("bob")
	c.Clock.Advance(time.Minute)
	c.verify(c.lastMail("verify").Key(c.T)).Want(200)
	c.Clock.Advance(time.Minute)
	second := c.Passkey(c.T, bob)
	c.Clock.Advance(2 * time.Hour)
	for _, name := range []string{"ann", "bob"} {
		c.askReset(name + "@example.com")
		c.reset(c.lastMail("reset"), "Mirror-Maze-88").Want(200)
	}
	for _, key := range []*authtest.Passkey{first, second} {
		key.LogIn(c.Client()).Want(200)
	}
	browser := c.Client()
	token := c.waits(browser.Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}), "totp passkey recovery_code")
	browser.Post("/auth/mfa/verify/", obj{"ephemeral_token": token, "code": phone.Code()}).Want(200)
}

// operatorsDoNotVouchForStrangers: the stranger's address was confirmed by the application, and the stranger added a passkey, before the owner opened
// the link.
func operatorsDoNotVouchForStrangers(c *Case) {
	c.startPasskeys()
	eve := c.SignedUp("victim")
	link := c.lastMail("verify").Key(c.T)
	c.must(c.Auth.ConfirmEmail(c.Context(), c.user("victim").ID, "victim@example.com"))
	c.Clock.Advance(time.Minute)
	key := c.Passkey(c.T, eve)
	c.Clock.Advance(time.Minute)
	c.verify(link).Want(200)
	c.Clock.Advance(2 * time.Hour)
	c.askReset("victim@example.com")
	c.reset(c.lastMail("reset"), "Mirror-Maze-88").Want(200)
	key.LogIn(c.Client()).WantProblems("non_field_errors passkey_unknown")
}

// linksKeepPasskeysOfSignUps: the only way in of a new user who opens the link, also if it is a second factor.
func linksKeepPasskeysOfSignUps(c *Case) {
	c.With(passkeys(func(o *passkey.Options) { o.SignUp, o.SecondFactor = true, true })).StartMail(mandatory)
	key := c.NewPasskey(c.T)
	key.SignUp(c.Client(), obj{"username": "ann", "email": "ann@example.com"}).Want(201)
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	key.LogIn(c.Client()).Want(200)
	if user := c.user("ann"); user.Factors != passkey.Method {
		c.Errorf("factors %q", user.Factors)
	}
}

// resetKeepsFactorsAfterASecondConfirmation of an address that is confirmed already, by an operator or the application: it does not make
// what the owner has set up since the first one older than it.
func resetKeepsFactorsAfterASecondConfirmation(c *Case) {
	c.startMFA(mandatory)
	c.SignedUp("ann")
	c.verify(c.lastMail("verify").Key(c.T)).Want(200)
	c.Clock.Advance(time.Minute)
	c.TOTP(c.T, c.LoggedIn("ann"))
	c.Clock.Advance(time.Hour)
	c.must(c.Auth.ConfirmEmail(c.Context(), c.user("ann").ID, "ann@example.com"))
	c.Clock.Advance(time.Hour)
	c.Mails()
	c.askReset("ann@example.com")
	c.reset(c.lastMail("reset"), "Mirror-Maze-88").Want(200)
	c.asksForCode(c.Client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}))
}
