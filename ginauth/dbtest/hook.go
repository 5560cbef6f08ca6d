package dbtest

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var hookCases = Group{Name: "hook", Cases: []func(*Case){
	hooksAreCalled, hooksCanRefuse, hooksWriteInTheTransaction, hooksThatFailAreLogged, storeErrorsOfHooksAre503,
	oneHookForAllEvents, hooksGetTheFormWithoutPasswords, typedHooks, verifyHooksRunForEveryConfirmation,
	confirmationCanChangeThePrimaryAddress, hooksHearOfEveryLostAddress, afterHooksRunWhenTheClientHasLeft, registrationHookRunsWhenClaimsFail,
	usersWhoLoseAnAddressAreReadInTime, eventsAsJSONHaveNoSecrets, wrongPasswordsOfAUserNameTheUser,
}}

func hooksAreCalled(c *Case) {
	var d hookLog
	c.StartMail(withEverything, d.install)
	want := func(want string) {
		c.Helper()
		if got := d.take(); got != want {
			c.Errorf("got  %s\nwant %s", got, want)
		}
	}
	ann := c.SignedUp("ann")
	want("before register ann, before login ann by register, after register ann, after login ann by register")
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	want("before verify ann ann@example.com, after verify ann ann@example.com")
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "wrong"}).Want(400)
	c.Client().Post("/auth/login/", obj{"username": "nobody", "password": "wrong"}).Want(400)
	c.Client().Post("/auth/login/", obj{"password": "wrong"}).Want(400)
	want("after failure ann, after failure nobody")
	other, third := c.LoggedIn("ann"), c.LoggedIn("ann")
	notice := c.Mails()[0]
	d.take()
	other.Post("/auth/logout/", nil).Want(200)
	other.Post("/auth/logout/", nil).Want(200)
	want("after logout ann by password")
	ann.Delete("/auth/sessions/").Want(204)
	want("after revoke ann by password")
	third.Get("/auth/user/").Want(401)
	other.Post("/auth/login/", authtest.Login("ann")).Want(200)
	third.Post("/auth/login/", authtest.Login("ann")).Want(200)
	d.take()
	third.Delete("/auth/sessions/" + c.current(other).ID + "/").Want(204)
	want("after revoke ann by password")
	third.Delete("/auth/sessions/" + c.current(third).ID + "/").Want(204)
	want("after logout ann by password")
	ann.Post("/auth/password/change/", change("wrong", "Mirror-Maze-88")).Want(400)
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	want("after failure ann ann, before change ann, after change ann")
	email, key := binding.Email{}, ""
	ann.Post("/auth/emails/", obj{"email": "new@example.com"}).Want(201).JSON(&email)
	for _, m := range c.Mails() {
		if m.Kind == "verify" {
			key = m.Key(c.T)
		}
	}
	verifyIn(ann, key).Want(200)
	ann.Post(emailPath(email.ID, "primary"), nil).Want(200)
	ann.Post(emailPath(email.ID, "primary"), nil).Want(200)
	want("before verify ann new@example.com, after verify ann new@example.com, before e-mail ann new@example.com, after e-mail ann new@example.com")
	c.Mails()
	c.askReset("new@example.com")
	c.reset(c.Mail("reset"), "Looking-Glass-9").Want(200)
	want("before reset ann, after reset ann")
	c.Client().Post("/auth/security/revoke/", obj{"key": notice.Key(c.T)}).Want(200)
	want("after e-mail ann ann@example.com, after revoke ann")
	c.SignedUp("bob").Post("/auth/user/delete/", nil).Want(200)
	if got := d.take(); !strings.HasSuffix(got, "before delete bob, after delete bob") {
		c.Errorf("got %s", got)
	}
}

// hooksCanRefuse: the client gets the reason, and nothing is stored.
func hooksCanRefuse(c *Case) {
	var closed bool
	refuse := func(context.Context, *gorm.DB, config.Event) error {
		if closed {
			return errRefusal
		}
		return nil
	}
	c.StartMail(func(cfg *config.Config) {
		cfg.Hooks = config.Hooks{
			BeforeRegister: refuse, BeforeLogin: refuse, BeforePasswordChange: refuse, BeforePasswordReset: refuse, BeforeVerify: refuse,
			BeforeEmailChange: refuse, BeforeDelete: refuse,
		}
	})
	bob := c.verified("bob")
	email, mail := c.added(bob, "bob.new@example.com")
	verifyIn(bob, mail.Key(c.T)).Want(200)
	c.Mails()
	ann := c.SignedUp("ann")
	verify := c.Mail("verify").Key(c.T)
	c.askReset("ann@example.com")
	reset := c.Mail("reset")
	closed = true
	before := c.dump()
	for _, refused := range []func() *authtest.Response{
		func() *authtest.Response { return c.Client().Post("/auth/registration/", authtest.SignUp("cyd")) },
		func() *authtest.Response { return c.Client().Post("/auth/login/", authtest.Login("ann")) },
		func() *authtest.Response {
			return ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88"))
		},
		func() *authtest.Response { return c.verify(verify) },
		func() *authtest.Response { return c.reset(reset, "Mirror-Maze-88") },
		func() *authtest.Response { return ann.Post("/auth/user/delete/", nil) },
		func() *authtest.Response { return bob.Post(emailPath(email.ID, "primary"), nil) },
	} {
		r := refused().WantProblems("non_field_errors not_today")
		if !strings.Contains(r.Text, "Not today.") || len(r.Cookies()) > 0 {
			c.Errorf("%s, cookies %v", r.Text, r.Cookies())
		}
	}
	if after := c.dump(); after != before {
		c.Errorf("stored:\n%s\nbefore\n%s", after, before)
	}
	closed = false
	c.verify(verify).Want(200)
	c.reset(reset, "Mirror-Maze-88").Want(200)
}

// hooksWriteInTheTransaction: a profile is stored and deleted with its user, or neither is.
func hooksWriteInTheTransaction(c *Case) {
	var fail bool
	c.Start(func(cfg *config.Config) {
		cfg.Hooks.BeforeRegister = func(_ context.Context, tx *gorm.DB, e config.Event) error {
			if err := tx.Create(&Profile{UserID: e.User.Base().ID, Bio: "new"}).Error; err != nil || !fail {
				return err
			}
			return errors.New("the disk is full")
		}
		cfg.Hooks.BeforeDelete = func(_ context.Context, tx *gorm.DB, e config.Event) error {
			return tx.Delete(&Profile{}, "user_id = ?", e.User.Base().ID).Error
		}
	})
	if err := c.DB.AutoMigrate(&Profile{}); err != nil {
		c.Fatal(err)
	}
	if c.DB.Name() != "sqlite" { // SQLite drops a foreign key only with its table
		c.exec("ALTER TABLE profiles ADD FOREIGN KEY (user_id) REFERENCES auth_user (id)")
	}
	ann := c.SignedUp("ann")
	fail = true
	c.Client().Post("/auth/registration/", authtest.SignUp("bob")).WantCode(503, binding.CodeUnavailable)
	if users, profiles := c.count(&models.User{}), c.count(&Profile{}); users != 1 || profiles != 1 {
		c.Errorf("%d users and %d profiles", users, profiles)
	}
	if !strings.Contains(c.Log.String(), "the disk is full") {
		c.Errorf("logged: %s", c.Log)
	}
	ann.Post("/auth/user/delete/", nil).Want(200) // PostgreSQL and MariaDB would not delete a user that a row refers to
	if users, profiles := c.count(&models.User{}), c.count(&Profile{}); users != 0 || profiles != 0 {
		c.Errorf("%d users and %d profiles", users, profiles)
	}
}

func hooksThatFailAreLogged(c *Case) {
	c.Start(func(cfg *config.Config) {
		cfg.Hooks.AfterLogin = func(context.Context, config.Event) error { return errors.New("the queue is away") }
		cfg.Hooks.AfterRegister = func(context.Context, config.Event) error { panic("canary") }
	})
	c.SignedUp("ann").Get("/auth/user/").Want(200)
	if log := c.Log.String(); !strings.Contains(log, "the queue is away") || !strings.Contains(log, "panic of type string") || strings.Contains(log, "canary") {
		c.Errorf("logged: %s", log)
	}
}

// storeErrorsOfHooksAre503: an error of a hook's own statement is a logged 503. It is not mistaken for a name that was
// just taken or a link that was used.
func storeErrorsOfHooksAre503(c *Case) {
	twice := func(_ context.Context, tx *gorm.DB, _ config.Event) error { return tx.Create(&only{ID: 1}).Error }
	because := func(_ context.Context, tx *gorm.DB, _ config.Event) error {
		return binding.Invalid("company", binding.Problem{Code: "known", Message: "Known."}).Because(tx.Create(&only{ID: 1}).Error)
	}
	var hooks config.Hooks
	c.StartMail(func(cfg *config.Config) {
		cfg.Hooks.BeforeRegister = func(ctx context.Context, tx *gorm.DB, e config.Event) error {
			if hooks.BeforeRegister == nil {
				return nil
			}
			return hooks.BeforeRegister(ctx, tx, e)
		}
		cfg.Hooks.BeforeVerify = twice
		cfg.Hooks.BeforePasswordReset = twice
	})
	if err := c.DB.AutoMigrate(&only{}); err != nil {
		c.Fatal(err)
	}
	if err := c.DB.Create(&only{ID: 1}).Error; err != nil {
		c.Fatal(err)
	}
	c.SignedUp("ann")
	c.verify(c.Mail("verify").Key(c.T)).WantCode(503, binding.CodeUnavailable)
	c.askReset("ann@example.com")
	c.reset(c.Mail("reset"), "Mirror-Maze-88").WantCode(503, binding.CodeUnavailable)
	hooks.BeforeRegister = twice
	c.Client().Post("/auth/registration/", authtest.SignUp("bob")).WantCode(503, binding.CodeUnavailable)
	if n := strings.Count(c.Log.String(), "a Before hook: "); n != 3 {
		c.Errorf("%d logged: %s", n, c.Log)
	}
	hooks.BeforeRegister = func(context.Context, *gorm.DB, config.Event) error { return &binding.Error{Code: "no_status"} }
	c.Client().Post("/auth/registration/", authtest.SignUp("bob")).WantCode(500, binding.CodeInternal)
	hooks.BeforeRegister = because
	c.Client().Post("/auth/registration/", authtest.SignUp("bob")).WantProblems("company known")
}

// only is a table of the application with one row.
type only struct{ ID int64 }
