package dbtest

import (
	"context"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// The cases of T114: somebody signs up with an address that is not theirs, and waits.
var claimCases = []func(*Case){
	ClaimedAddressIsFreeForItsOwner, ClaimedAddressIsTakenWhereOptional, ResetTakesAClaimedAccountOver, LoginCodeTakesAClaimedAccountOver,
	ClaimOfASecondAddressCostsOnlyIt, ClaimsNameNoUser, ClaimantsWhoAreGoneKeepNothing, ContestedAddressNeedsANewPassword,
	LinkInItsOwnSessionCostsNothing, LinkOfAnotherIsRefused, LinkOfAStrangerTakesNoAccount, LoginCodeOfAnotherIsRefused, NoticeOfAStrangerTakesNothing,
	DirectoryTakesNoAddress, RowsWithoutAUserCountForNothing, NoticesPassOverRowsWithoutAUser, AddressIsLeftToWhoHasNothingElse,
}

const thiefs = "Thiefs-Maze-99"

// squat signs somebody up with the address of another user and a password of their own.
func (c *Case) squat(name, address string) *authtest.Client {
	c.Helper()
	in := authtest.SignUp(name)
	in.Email, in.Password1, in.Password2 = address, thiefs, thiefs
	browser := c.client()
	browser.Post("/auth/registration/", in).Want(201)
	return browser
}

// created makes a user by CreateUser, and returns the account.
func (c *Case) created(name, address string) *models.User {
	c.Helper()
	user := &models.User{Username: name, Email: address, IsSuperuser: true}
	if err := c.Auth.CreateUser(c.Context(), user, authtest.Password); err != nil {
		c.Fatal(err)
	}
	return user
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

// ClaimantsWhoAreGoneKeepNothing: an earlier sign-up with the address that was deactivated, or is
// to be deleted, keeps neither the address nor the mails from its owner.
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
		leave(c.squat("mallory", "victim@example.com"))
		c.Clock.Advance(time.Second)
		c.owner("victim", "victim@example.com")
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
	c.client().Post("/auth/login/", authtest.Login("mallory")).WantProblems("non_field_errors email_unverified")
	if m := c.user("mallory"); m.Email != "" || m.EmailKey != nil || !m.HasPassword() {
		c.Errorf("mallory has %+v", m)
	}
}

// ClaimedAddressIsTakenWhereOptional: its owner cannot sign up, and gets into the account that
// names it, where nothing is left of the stranger.
func ClaimedAddressIsTakenWhereOptional(c *Case) {
	c.startMail(withEverything)
	thief := c.foothold("victim") // with victim@example.com
	in := authtest.SignUp("owner")
	in.Email = "Victim@example.com"
	c.client().Post("/auth/registration/", in).WantProblems("email taken")
	c.askReset("victim@example.com")
	c.reset(c.mail("reset"), "Mirror-Maze-88").Want(200)
	thief.wantGone(c, "victim")
	owner := c.client()
	owner.Post("/auth/login/", obj{"email": "victim@example.com", "password": "Mirror-Maze-88"}).Want(200)
	if all := emails(owner); len(all) != 1 || !all[0].Verified {
		c.Errorf("addresses: %+v", all)
	}
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
	for _, mail := range c.mails() { // the account has no password any more
		if mail.Kind == "reset" {
			c.reset(mail, "Mirror-Maze-88").Want(200)
		}
	}
	c.client().Post("/auth/login/", obj{"email": "victim@example.com", "password": "Mirror-Maze-88"}).Want(200)
}

// ClaimOfASecondAddressCostsOnlyIt: who has confirmed another address keeps his account.
func ClaimOfASecondAddressCostsOnlyIt(c *Case) {
	c.startMail()
	ann := c.verified("ann")
	ann.Post("/auth/emails/", obj{"email": "typo@example.com"}).Want(201)
	c.mail("verify")
	c.owner("owner", "typo@example.com") // ann's is not a primary address
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

// ContestedAddressNeedsANewPassword: whichever link the owner opens, no password from before
// and no session counts any more, and a mail brings them in.
func ContestedAddressNeedsANewPassword(c *Case) {
	for name, change := range map[string]func(*config.Config){
		"mandatory": mandatory, "logging in": func(cfg *config.Config) { mandatory(cfg); cfg.LoginOnVerify = true },
	} {
		for _, last := range []bool{false, true} {
			c.documented = nil
			c.startMail(change)
			c.owner("victim", "victim@example.com")
			first := c.mail("verify")
			c.Clock.Advance(time.Second)
			thief := c.squat("mallory", "victim@example.com")
			mail := c.mail("verify")
			if !last {
				mail = first
			}
			if text := c.verify(mail.Key(c.T)).Want(200).Text; !strings.Contains(text, "mailed you a link to set a new password") {
				c.Errorf("answers %s", text)
			}
			for _, in := range []obj{
				{"username": "victim", "password": authtest.Password}, {"username": "mallory", "password": thiefs},
				{"email": "victim@example.com", "password": authtest.Password}, {"email": "victim@example.com", "password": thiefs},
			} {
				c.client().Post("/auth/login/", in).WantCode(400, binding.CodeInvalid)
			}
			thief.Get("/auth/user/").Want(401)
			reset := c.mail("reset")
			c.client().Post("/auth/password/reset/confirm/", resetForm(reset.UID(c.T), reset.Key(c.T), "Mirror-Maze-88")).Want(200)
			c.client().Post("/auth/login/", obj{"email": "victim@example.com", "password": "Mirror-Maze-88"}).Want(200)
			if c.Failed() {
				c.Fatalf("%s, the last link %v", name, last)
			}
		}
	}
}

// LinkInItsOwnSessionCostsNothing: the session says whose the link is, so the password stays; the
// other account that names the address loses the address and nothing else.
func LinkInItsOwnSessionCostsNothing(c *Case) {
	c.startMail()
	victim := c.owner("victim", "victim@example.com")
	mail := c.mail("verify")
	c.created("boss", "victim@example.com")
	boss := c.loggedIn("boss")
	c.mails()
	verifyIn(victim, mail.Key(c.T)).Want(200)
	c.noMail()
	victim.Get("/auth/user/").Want(200)
	boss.Get("/auth/user/").Want(200)
	c.loggedIn("boss")
	c.client().Post("/auth/login/", obj{"email": "victim@example.com", "password": authtest.Password}).Want(200)
	if got := c.user("boss").Email; got != "" {
		c.Errorf("boss has %s", got)
	}
}

// LinkOfAnotherIsRefused: in the session of one user no link takes the address for another's
// account; the link stays valid.
func LinkOfAnotherIsRefused(c *Case) {
	c.startMail()
	c.squat("mallory", "boss@example.com")
	mail := c.mail("verify")
	c.created("boss", "boss@example.com")
	boss := c.loggedIn("boss")
	verifyIn(boss, mail.Key(c.T)).WantCode(403, binding.CodePermissionDenied)
	if emails(boss)[0].Verified {
		c.Error("it is confirmed")
	}
	c.verify(mail.Key(c.T)).WantCode(404, binding.CodeInvalidTicket)
	if boss.Get("/auth/user/").Want(200); c.user("boss").Email != "boss@example.com" {
		c.Error("boss lost the address")
	}
}

// LinkOfAStrangerTakesNoAccount: the user of an account that was not made by sign-up, and who has
// no password yet, opens whatever a stranger's sign-up with the address brings. It leads to the
// user's own account.
func LinkOfAStrangerTakesNoAccount(c *Case) {
	for _, change := range []func(*config.Config){mandatory, func(*config.Config) {}} {
		c.documented = nil
		c.startMail(change, byCode)
		c.squat("early", "boss@example.com")
		early := c.mail("verify")
		boss := &models.User{Username: "boss", Email: "boss@example.com", IsStaff: true}
		if err := c.Auth.CreateUser(c.Context(), boss, ""); err != nil {
			c.Fatal(err)
		}
		c.verify(early.Key(c.T)).WantCode(404, binding.CodeInvalidTicket)
		c.client().Post("/auth/registration/verify-email/", obj{"email": "boss@example.com", "code": early.Code(c.T)}).Want(404)
		if c.Auth.Config().EmailVerification == config.VerifyMandatory {
			c.squat("late", "boss@example.com")
			if mail := c.mail("account_exists"); mail.To != "boss@example.com" {
				c.Errorf("sent to %s", mail.To)
			}
		}
		c.Clock.Advance(2 * time.Hour)
		c.askReset("boss@example.com")
		c.reset(c.mail("reset"), "Mirror-Maze-88").Want(200)
		var out binding.LoginResponse
		c.client().Post("/auth/login/", obj{"email": "boss@example.com", "password": "Mirror-Maze-88"}).Want(200).JSON(&out)
		if out.User == nil || out.User.PK != boss.ID {
			c.Errorf("the reset leads to %+v", out.User)
		}
		if u := c.user("early"); u.Email != "" {
			c.Errorf("the stranger has %q", u.Email)
		}
	}
}

// LoginCodeOfAnotherIsRefused covers T111: a link that somebody else sent ends no session.
func LoginCodeOfAnotherIsRefused(c *Case) {
	c.startMail(byCode)
	c.verified("mallory")
	ann := c.verified("ann")
	c.client().Post("/auth/login/code/", obj{"email": "mallory@example.com"}).Want(200)
	mail := c.mail("login_code")
	for range 6 {
		ann.Post("/auth/login/code/confirm/", obj{"key": mail.Key(c.T)}).WantCode(403, binding.CodePermissionDenied)
		ann.Post("/auth/login/code/confirm/", obj{"email": "mallory@example.com", "code": mail.Code(c.T)}).WantCode(403, binding.CodePermissionDenied)
	}
	var user binding.User
	if ann.Get("/auth/user/").Want(200).JSON(&user); user.Username != "ann" {
		c.Errorf("ann is %s", user.Username)
	}
	c.client().Post("/auth/login/code/confirm/", obj{"email": "mallory@example.com", "code": mail.Code(c.T)}).Want(200)
}

// NoticeOfAStrangerTakesNothing: a stranger's account names the address of an account that was
// not made by sign-up. Whatever its owner gets and opens costs the stranger the account, and the
// owner nothing.
func NoticeOfAStrangerTakesNothing(c *Case) {
	c.startMail(byCode)
	c.squat("mallory", "boss@example.com")
	c.mails()
	thief := c.client()
	thief.Post("/auth/login/", obj{"username": "mallory", "password": thiefs}).Want(200)
	notice := c.mail("new_device")
	c.created("boss", "boss@example.com")
	boss := c.loggedIn("boss")
	if c.client().Post("/auth/login/", obj{"username": "mallory", "password": thiefs}).Want(200); len(c.mails()) != 0 {
		c.Error("the owner is told of the stranger's account")
	}
	boss.Post("/auth/security/revoke/", obj{"key": notice.Key(c.T)}).WantCode(403, binding.CodePermissionDenied)
	c.client().Post("/auth/security/revoke/", obj{"key": notice.Key(c.T)}).Want(200)
	thief.Get("/auth/user/").Want(401)
	c.client().Post("/auth/login/", obj{"username": "mallory", "password": thiefs}).WantProblems("non_field_errors invalid_credentials")
	c.mail("secured")
	boss.Get("/auth/user/").Want(200)
	c.client().Post("/auth/login/", obj{"email": "boss@example.com", "password": authtest.Password}).Want(200)
	if u := c.user("boss"); u.Email != "boss@example.com" || c.count(&models.Email{}) != 2 {
		c.Errorf("boss has %q", u.Email)
	}
	c.mails()
	c.client().Post("/auth/login/code/", obj{"email": "boss@example.com"}).Want(200)
	var out binding.LoginResponse
	c.client().Post("/auth/login/code/confirm/", obj{"key": c.mail("login_code").Key(c.T)}).Want(200).JSON(&out)
	if out.User == nil || out.User.Username != "boss" {
		c.Errorf("the code opens %+v", out.User)
	}
}

// DirectoryTakesNoAddress: the first login of a directory user with the address of a local
// superuser is refused; sign-ups lose the address, and nothing else.
func DirectoryTakesNoAddress(c *Case) {
	c.startMail(func(cfg *config.Config) {
		cfg.Backends = []config.Backend{config.BackendFunc(func(_ context.Context, in config.Credentials) (models.Account, error) {
			if in.Username != "clerk" {
				return nil, nil
			}
			return &models.User{Username: "clerk", Email: in.Password + "@example.com"}, nil
		}), config.PasswordBackend{}}
	})
	c.created("boss", "boss@example.com")
	boss, mallory := c.loggedIn("boss"), c.signedUp("mallory")
	c.client().Post("/auth/login/", obj{"username": "clerk", "password": "boss"}).WantProblems("non_field_errors invalid_credentials")
	c.client().Post("/auth/login/", obj{"username": "clerk", "password": "mallory"}).Want(200)
	for browser, want := range map[*authtest.Client]string{boss: "boss@example.com", mallory: ""} {
		var user binding.User
		if browser.Get("/auth/user/").Want(200).JSON(&user); user.Email != want {
			c.Errorf("%s has %q", user.Username, user.Email)
		}
	}
	c.loggedIn("mallory")
}

// NoticesPassOverRowsWithoutAUser: the application deleted the owner of an address by itself. Notices
// go to the account that holds it since.
func NoticesPassOverRowsWithoutAUser(c *Case) {
	c.startMail()
	c.verified("ann")
	if err := c.DB.Delete(&models.User{}, c.user("ann").ID).Error; err != nil {
		c.Fatal(err)
	}
	ann := c.signedUp("ann")
	c.mails()
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	if m := c.mail("password_changed"); m.To != "ann@example.com" {
		c.Errorf("to %s", m.To)
	}
}

// RowsWithoutAUserCountForNothing: the application deleted a user by itself, and somebody signs up
// with the address.
func RowsWithoutAUserCountForNothing(c *Case) {
	for _, change := range []func(*config.Config){mandatory, func(*config.Config) {}} {
		c.documented = nil
		c.startMail(change)
		c.signedUp("ann")
		c.verify(c.mail("verify").Key(c.T)).Want(200)
		if err := c.DB.Delete(&models.User{}, c.user("ann").ID).Error; err != nil {
			c.Fatal(err)
		}
		c.signedUp("ann")
		c.verify(c.mail("verify").Key(c.T)).Want(200)
		c.loggedIn("ann")
		bob := c.signedUp("bob")
		c.mails()
		if err := c.DB.Delete(&models.User{}, c.user("bob").ID).Error; err != nil {
			c.Fatal(err)
		}
		bob.Get("/auth/user/").Want(401)
		if _, err := c.Auth.Sweep(c.Context()); err != nil {
			c.Fatal(err)
		}
		if n := c.count(&models.Email{}); n != 1 {
			c.Errorf("%d addresses", n)
		}
	}
}

// AddressIsLeftToWhoHasNothingElse: an account without a password has no other way in than its
// address. The owner confirms the address for another account, and gets back by deleting that one.
func AddressIsLeftToWhoHasNothingElse(c *Case) {
	c.startMail()
	c.created("boss", "boss@example.com")
	c.loggedIn("boss")
	c.loggedIn("boss")
	c.client().Post("/auth/security/revoke/", obj{"key": c.mail("new_device").Key(c.T)}).Want(200)
	c.mail("secured")
	browser := c.verified("other")
	_, mail := c.added(browser, "boss@example.com")
	verifyIn(browser, mail.Key(c.T)).Want(200)
	boss := obj{"email": "boss@example.com", "password": "Mirror-Maze-88"}
	browser.Post("/auth/user/delete/", obj{"password": authtest.Password}).Want(200)
	c.mails()
	c.Clock.Advance(time.Hour)
	c.askReset("boss@example.com")
	c.reset(c.mail("reset"), "Mirror-Maze-88").Want(200)
	var out binding.LoginResponse
	c.client().Post("/auth/login/", boss).Want(200).JSON(&out)
	if out.User.Username != "boss" {
		c.Errorf("the owner is %s", out.User.Username)
	}
}
