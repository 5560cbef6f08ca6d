package dbtest

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

func (c *Case) correct(name, password, address string) *authtest.Response {
	c.Helper()
	return c.Client().Post("/auth/registration/correct-email/", obj{"username": name, "password": password, "email": address})
}

// pendingSignUpIsCompletedByItsAddress: whatever confirms the address completes the sign-up, once. Until then no hook is
// called, and what the hooks use up, such as an invite code, stays unused.
func pendingSignUpIsCompletedByItsAddress(c *Case) {
	var d hookLog
	c.StartMail(mandatory, byCode, d.install)
	for name, confirm := range map[string]func(mail authtest.Mail, address string){
		"ann": func(mail authtest.Mail, _ string) { c.verify(mail.Key(c.T)).Want(200) },
		"bob": func(_ authtest.Mail, address string) {
			c.askReset(address)
			c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
		},
		"cyd": func(_ authtest.Mail, address string) {
			c.Client().Post("/auth/login/code/", obj{"email": address}).Want(200)
			c.Client().Post("/auth/login/code/confirm/", obj{"key": c.Mail("login_code").Key(c.T)}).Want(200)
		},
		"dan": func(_ authtest.Mail, address string) {
			if err := c.Auth.ConfirmEmail(c.Context(), c.user("dan").ID, address); err != nil {
				c.Fatal(err)
			}
		},
	} {
		c.Client().Post("/auth/registration/", authtest.SignUp(name)).Want(201)
		mail := c.Mail("verify")
		c.Client().Post("/auth/login/", authtest.Login(name)).WantProblems("non_field_errors email_unverified")
		if notified := d.take(); notified != "" {
			c.Errorf("told before: %s", notified)
		}
		confirm(mail, name+"@example.com")
		if notified := d.take(); strings.Count(notified, "before register "+name) != 1 || strings.Count(notified, "after register "+name) != 1 {
			c.Errorf("got %s", notified)
		}
		if u := c.user(name); u.Pending || u.DeleteAt != nil || !u.SignedUp {
			c.Errorf("%s is %+v", name, u)
		}
		c.Mails()
	}
	c.LoggedIn("ann")
}

// pendingSignUpCanBeRefused: the invite code was used up since. The link stays valid.
func pendingSignUpCanBeRefused(c *Case) {
	var closed bool
	c.StartMail(mandatory, func(cfg *config.Config) {
		cfg.Hooks.BeforeRegister = func(context.Context, *gorm.DB, config.Event) error {
			if closed {
				return errRefusal
			}
			return nil
		}
	})
	closed = true
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	key := c.Mail("verify").Key(c.T)
	c.verify(key).WantProblems("non_field_errors not_today")
	if !c.user("ann").Pending {
		c.Error("ann is not pending")
	}
	closed = false
	c.verify(key).Want(200)
	c.LoggedIn("ann")
}

// pendingSignUpIsSwept: after its lifetime, which makes its name free, also if another account has confirmed its
// address. No hook is called. A confirmed sign-up stays.
func pendingSignUpIsSwept(c *Case) {
	var d hookLog
	c.StartMail(mandatory, d.install, func(cfg *config.Config) { cfg.UnconfirmedLifetime = 48 * time.Hour })
	c.Client().Post("/auth/registration/", authtest.SignUp("taken")).Want(201)
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	c.owner("void", "taken@example.com")
	d.take()
	sweep := func(after time.Duration) {
		c.Helper()
		c.Clock.Advance(after)
		if _, err := c.Auth.Sweep(c.Context()); err != nil {
			c.Fatal(err)
		}
	}
	sweep(47 * time.Hour)
	for _, name := range []string{"ann", "void"} {
		c.user(name)
		c.Client().Post("/auth/registration/", authtest.SignUp(name)).WantProblems("username taken")
	}
	sweep(2 * time.Hour)
	if n := c.count(&models.User{}); n != 1 {
		c.Errorf("%d users are left", n)
	}
	if notified := d.take(); notified != "" {
		c.Errorf("got %s", notified)
	}
	c.Mails()
	c.Client().Post("/auth/registration/", authtest.SignUp("void")).Want(201)
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	sweep(100 * time.Hour)
	c.LoggedIn("void")
	c.LoggedIn("taken")
}

// pendingAddressIsCorrected: a user who mistyped the address is not locked out of the name.
func pendingAddressIsCorrected(c *Case) {
	c.StartMail(mandatory)
	c.owner("ann", "tpyo@example.com")
	old := c.Mail("verify")
	c.correct("ann", "wrong", "ann@example.com").WantProblems("non_field_errors invalid_credentials")
	c.correct("nobody", authtest.Password, "ann@example.com").WantProblems("non_field_errors invalid_credentials")
	c.correct("ann", authtest.Password, "no address").WantProblems("email invalid_email")
	c.Clock.Advance(6 * 24 * time.Hour)
	c.correct("Ann", authtest.Password, "Ann@Example.com").Want(200)
	mail := c.Mail("verify")
	if mail.To != "Ann@example.com" {
		c.Errorf("sent to %s", mail.To)
	}
	c.Clock.Advance(6 * 24 * time.Hour) // a correction starts the lifetime again
	if _, err := c.Auth.Sweep(c.Context()); err != nil {
		c.Fatal(err)
	}
	c.resend("ann@example.com")
	mail = c.Mail("verify")
	c.verify(old.Key(c.T)).WantCode(404, binding.CodeInvalidTicket)
	c.verify(mail.Key(c.T)).Want(200)
	c.Client().Post("/auth/login/", obj{"email": "ann@example.com", "password": authtest.Password}).Want(200)
	if n := c.count(&models.Email{}); n != 1 {
		c.Errorf("%d addresses", n)
	}
}

// correctionsLookAlike covers T005 and T006: a correction, a login by name and a resend respond the same and do the same
// work, whether or not another account has the address, before and after the correction.
func correctionsLookAlike(c *Case) {
	m := c.startMeasured(mandatory)
	c.Client().Post("/auth/registration/", authtest.SignUp("taken")).Want(201)
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	c.Clock.Advance(2 * time.Hour) // so that this mail does not count for a limit
	c.owner("ann", "free@example.com")
	c.owner("bob", "taken@example.com")
	correct := func(name, address string) trace {
		c.Helper()
		c.Mails()
		return c.measure(m, func() *authtest.Response { return c.correct(name, authtest.Password, address) })
	}
	login := func(name string) trace {
		return c.measure(m, func() *authtest.Response { return c.Client().Post("/auth/login/", authtest.Login(name)) })
	}
	resend := func(address string) trace {
		return c.measure(m, func() *authtest.Response {
			return c.Client().Post("/auth/registration/resend-email/", obj{"email": address})
		})
	}
	try := func(address string) trace {
		return c.measure(m, func() *authtest.Response {
			return c.Client().Post("/auth/registration/verify-email/", obj{"email": address, "code": "BBBB-BBBB"})
		})
	}
	signUp := func(name string) trace {
		return c.measure(m, func() *authtest.Response { return c.Client().Post("/auth/registration/", authtest.SignUp(name)) })
	}
	for i := range 7 { // more than one address gets in an hour
		c.wantAlike("logins of an ordinary and of a void sign-up", login("ann"), login("bob"))
		free, taken := correct("ann", "free@example.com"), correct("ann", "taken@example.com")
		if free.status != 200 {
			c.Fatalf("round %d: %+v", i, free)
		}
		c.wantAlike("ann to a free and to a taken address", free, taken)
		c.wantAlike("bob to a free and to a taken address", correct("bob", "free@example.com"), correct("bob", "taken@example.com"))
		c.wantAlike("resends", resend("free@example.com"), resend("taken@example.com"))
		c.wantAlike("codes", try("free@example.com"), try("taken@example.com"))
		c.wantAlike("sign-ups with the names", signUp("ann"), signUp("bob"))
	}
}

// correctionNeedsAPendingAccount: other accounts change their address at emails/, where a password alone is not enough.
// A correct password gets the same response as a wrong one, costs the same work, and is recorded.
func correctionNeedsAPendingAccount(c *Case) {
	var d hookLog
	m := c.startMeasured(mandatory, d.install)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	c.created("boss", "boss@example.com") // has confirmed nothing, but did not come by sign-up
	d.take()
	for _, name := range []string{"ann", "boss"} {
		try := func(password string) trace {
			return c.measure(m, func() *authtest.Response {
				return c.correct(name, password, "new@example.com").WantProblems("non_field_errors invalid_credentials")
			})
		}
		c.wantAlike("a right and a wrong password of "+name, try(authtest.Password), try("wrong"))
		if notified := d.take(); strings.Count(notified, "after failure "+name) != 2 {
			c.Errorf("got %s", notified)
		}
		if got := c.user(name).Email; got != name+"@example.com" {
			c.Errorf("%s has %s", name, got)
		}
	}
	c.NoMail()
	c.askReset("boss@example.com") // how this user gets in
	c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
	c.Client().Post("/auth/login/", obj{"email": "boss@example.com", "password": "Mirror-Maze-88"}).Want(200)
	c.StartMail()
	c.correct("ann", authtest.Password, "new@example.com").Want(404)
}

// noticeToACorrectedAddressIsVoid: the person at the mistyped address cannot secure the account after its user has
// corrected the address.
func noticeToACorrectedAddressIsVoid(c *Case) {
	c.StartMail(mandatory)
	c.owner("bob", "tpyo@example.com")
	c.Mail("verify")
	if err := c.Auth.SetPassword(c.Context(), c.user("bob").ID, "Mirror-Maze-88"); err != nil {
		c.Fatal(err)
	}
	notice := c.Mail("password_changed").Key(c.T)
	c.correct("bob", "Mirror-Maze-88", "bob@example.com").Want(200)
	link := c.Mail("verify").Key(c.T)
	c.Client().Post("/auth/security/revoke/", obj{"key": notice}).WantCode(404, binding.CodeInvalidTicket)
	c.verify(link).Want(200)
	c.Client().Post("/auth/login/", obj{"email": "bob@example.com", "password": "Mirror-Maze-88"}).Want(200)
}

// signUpWithATakenAddressCanCorrectIt: another account has confirmed the address of a pending sign-up. After a
// correction to a free address, the sign-up becomes an ordinary account.
func signUpWithATakenAddressCanCorrectIt(c *Case) {
	c.StartMail(mandatory)
	c.Client().Post("/auth/registration/", authtest.SignUp("taken")).Want(201)
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	c.owner("bob", "taken@example.com")
	if to := c.Mail("account_exists").To; to != "taken@example.com" {
		c.Errorf("sent to %s", to)
	}
	c.correct("bob", authtest.Password, "bob@example.com").Want(200)
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	c.LoggedIn("bob")
	c.LoggedIn("taken")
}

// pendingSignUpsStayPendingInOtherModes: a sign-up whose hooks have not run does not become usable by a change of the
// setting.
func pendingSignUpsStayPendingInOtherModes(c *Case) {
	c.StartMail(mandatory)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	mail := c.Mail("verify")
	clock := c.Clock
	c.App = authtest.New(c.T, c.DB, c.Box.Configure, func(cfg *config.Config) { cfg.Now = clock.Now })
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors email_unverified")
	c.verify(mail.Key(c.T)).Want(200)
	c.LoggedIn("ann")
}

// securedPendingSignUpIsSwept: "it was not me" does not extend the lifetime of a pending sign-up.
func securedPendingSignUpIsSwept(c *Case) {
	c.StartMail(mandatory)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	c.Mails()
	if err := c.Auth.SetPassword(c.Context(), c.user("ann").ID, "Mirror-Maze-88"); err != nil {
		c.Fatal(err)
	}
	c.Client().Post("/auth/security/revoke/", obj{"key": c.Mail("password_changed").Key(c.T)}).Want(200)
	if u := c.user("ann"); !u.Pending || u.DeleteAt == nil {
		c.Errorf("pending %v, to be deleted at %v", u.Pending, u.DeleteAt)
	}
	c.Clock.Advance(8 * 24 * time.Hour)
	if _, err := c.Auth.Sweep(c.Context()); err != nil || c.count(&models.User{}) != 0 {
		c.Errorf("%d users are left, %v", c.count(&models.User{}), err)
	}
}
