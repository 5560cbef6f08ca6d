package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// verifyHooksRunForEveryConfirmation: a reset and a login by code confirm an address like a link does, so BeforeVerify
// can refuse them as well.
func verifyHooksRunForEveryConfirmation(c *Case) {
	var d hookLog
	var closed bool
	c.StartMail(byCode, d.install, func(cfg *config.Config) {
		cfg.Hooks.BeforeVerify = func(context.Context, *gorm.DB, config.Event) error {
			if closed {
				return errRefusal
			}
			return nil
		}
	})
	for name, prove := range map[string]func(name string) *authtest.Response{
		"ann": func(name string) *authtest.Response {
			c.askReset(name + "@example.com")
			return c.reset(c.Mail("reset"), "Mirror-Maze-88")
		},
		"bob": func(name string) *authtest.Response {
			c.Client().Post("/auth/login/code/", obj{"email": name + "@example.com"}).Want(200)
			return c.Client().Post("/auth/login/code/confirm/", obj{"key": c.Mail("login_code").Key(c.T)})
		},
	} {
		c.SignedUp(name)
		c.Mails()
		closed = true
		prove(name).WantProblems("non_field_errors not_today")
		closed = false
		d.take()
		prove(name).Want(200)
		if notified := d.take(); !strings.Contains(notified, "after verify "+name+" "+name+"@example.com") {
			c.Errorf("got %s", notified)
		}
		c.Mails()
		prove(name).Want(200)
		if notified := d.take(); strings.Contains(notified, "verify") {
			c.Errorf("called again: %s", notified)
		}
		c.Mails()
	}
}

// confirmationCanChangeThePrimaryAddress: a confirmed address that replaces an unconfirmed primary address is a change
// of the primary address.
func confirmationCanChangeThePrimaryAddress(c *Case) {
	var d hookLog
	var closed bool
	c.StartMail(d.install, func(cfg *config.Config) {
		notified := cfg.Hooks.BeforeEmailChange
		cfg.Hooks.BeforeEmailChange = func(ctx context.Context, tx *gorm.DB, e config.Event) error {
			if closed {
				return errRefusal
			}
			return notified(ctx, tx, e)
		}
	})
	ann := c.SignedUp("ann")
	c.Mails()
	_, mail := c.added(ann, "Ann.New@example.com")
	d.take()
	closed = true
	verifyIn(ann, mail.Key(c.T)).WantProblems("non_field_errors not_today")
	closed = false
	d.take()
	verifyIn(ann, mail.Key(c.T)).Want(200)
	const address = "ann Ann.New@example.com"
	if got, want := d.take(), "before verify "+address+", before e-mail "+address+", after verify "+address+", after e-mail "+address; got != want {
		c.Errorf("got %s\nwant %s", got, want)
	}
	if got := c.user("ann").Email; got != "Ann.New@example.com" {
		c.Errorf("the primary address is %s", got)
	}
}

// hooksHearOfEveryLostAddress: an application that mirrors addresses hears of each one that an account loses, whatever
// the reason.
func hooksHearOfEveryLostAddress(c *Case) {
	mirror := map[string]string{}
	c.StartMail(func(cfg *config.Config) {
		cfg.Hooks.AfterRegister = func(_ context.Context, e config.Event) error {
			mirror[e.User.Base().Username] = e.User.Base().Email
			return nil
		}
		cfg.Hooks.AfterEmailChange = func(_ context.Context, e config.Event) error {
			mirror[e.User.Base().Username] = e.Email
			return nil
		}
	})
	want := func(names ...string) {
		c.Helper()
		for _, name := range names {
			if address := c.user(name).Email; mirror[name] != address {
				c.Errorf("%s has %q, the mirror has %q", name, address, mirror[name])
			}
		}
	}
	mirror["boss"] = c.created("boss", "ann@example.com").Email
	ann := c.Client()
	ann.Post("/auth/registration/", authtest.SignUp("ann")).WantProblems("email taken")
	in := authtest.SignUp("ann")
	in.Email = "first@example.com"
	ann.Post("/auth/registration/", in).Want(201)
	verifyIn(ann, c.Mail("verify").Key(c.T)).Want(200)
	added, mail := c.added(ann, "ann@example.com")
	verifyIn(ann, mail.Key(c.T)).Want(200)
	ann.Post(emailPath(added.ID, "primary"), nil).Want(200)
	ann.Delete(emailPath(emails(ann)[0].ID, "")).Want(204)
	c.Mails()
	want("boss", "ann")
	c.owner("trudy", "second@example.com")
	if err := c.Auth.ConfirmEmail(c.Context(), c.user("ann").ID, "second@example.com"); err != nil {
		c.Fatal(err)
	}
	want("trudy", "ann")
	all := emails(ann)
	ann.Post(emailPath(all[1].ID, "primary"), nil).Want(200)
	want("ann")
	notice := ""
	for _, m := range c.Mails() {
		if m.Kind == "email_changed" {
			notice = m.Key(c.T)
		}
	}
	c.Client().Post("/auth/security/revoke/", obj{"key": notice}).Want(200)
	if want("ann"); mirror["ann"] != "ann@example.com" {
		c.Errorf("ann has %s", mirror["ann"])
	}
}

// afterHooksRunWhenTheClientHasLeft: the context of After hooks ends only after Config.Timeout. Work that a hook starts may go on.
func afterHooksRunWhenTheClientHasLeft(c *Case) {
	client, leave := context.WithCancel(c.Context())
	var seen error
	var hook context.Context
	c.Start(func(cfg *config.Config) {
		cfg.Hooks.AfterRegister = func(ctx context.Context, _ config.Event) error {
			leave()
			seen, hook = ctx.Err(), ctx
			return nil
		}
	})
	r := httptest.NewRequest("POST", "/auth/registration/", strings.NewReader("username=ann&password1=Looking-Glass-7&password2=Looking-Glass-7"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	c.Router.ServeHTTP(httptest.NewRecorder(), r.WithContext(client))
	if client.Err() == nil || seen != nil || c.count(&models.User{}) != 1 {
		c.Fatalf("the client's context: %v, the hook's: %v", client.Err(), seen)
	}
	if ends, ok := hook.Deadline(); hook.Err() != nil || !ok || time.Until(ends) > c.Auth.Config().Timeout {
		c.Errorf("after the response, the hook's context has the error %v and ends at %v", hook.Err(), ends)
	}
}

// registrationHookRunsWhenClaimsFail: the hook is called for an account that is stored, even if its tokens could not be
// made.
func registrationHookRunsWhenClaimsFail(c *Case) {
	var d hookLog
	c.Start(withEverything, d.install, func(cfg *config.Config) {
		cfg.JWT.Claims = func(context.Context, models.Account) (map[string]any, error) {
			return nil, errors.New("the directory is away")
		}
	})
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).WantCode(503, binding.CodeUnavailable)
	if notified := d.take(); notified != "before register ann, before login ann by register, after register ann" || c.count(&models.User{}) != 1 {
		c.Errorf("got %s", notified)
	}
}

// usersWhoLoseAnAddressAreReadInTime: users who lost an address are read with a deadline for the hook, even if the
// client has left. Pending sign-ups are not read, because a stranger can make any number of them.
func usersWhoLoseAnAddressAreReadInTime(c *Case) {
	var notified []string
	var watched atomic.Bool
	c.StartMail(mandatory, func(cfg *config.Config) {
		cfg.Mail.MaxPerHour = -1
		cfg.Hooks.AfterEmailChange = func(_ context.Context, e config.Event) error {
			notified = append(notified, e.User.Base().Username)
			return nil
		}
	})
	var statements meter
	statements.install(c)
	c.beforeReads(func(db *gorm.DB) {
		if _, bounded := db.Statement.Context.Deadline(); !bounded && watched.Load() {
			c.Errorf("a read of %q has no deadline", db.Statement.Table)
		}
	})
	c.verified("ann")
	ann := c.LoggedIn("ann")
	var reads []int
	for _, pending := range []int{1, 6} {
		address, boss := fmt.Sprintf("shared%d@example.com", pending), fmt.Sprintf("boss%d", pending)
		for i := range pending {
			in := authtest.SignUp(fmt.Sprintf("user%d-%d", pending, i))
			in.Email = address
			c.Client().Post("/auth/registration/", in).Want(201)
		}
		c.created(boss, address)
		c.Mails()
		_, mail := c.added(ann, address)
		statements.take()
		watched.Store(true)
		verifyIn(ann, mail.Key(c.T)).Want(200)
		watched.Store(false)
		reads = append(reads, strings.Count(statements.take(), "query auth_user"))
		if got := strings.Join(notified, " "); got != boss {
			c.Errorf("got %q, want %q", got, boss)
		}
		notified = nil
		if u := c.user(fmt.Sprintf("user%d-0", pending)); u.Email != "" || u.EmailKey != nil {
			c.Errorf("a pending sign-up keeps %q", u.Email)
		}
	}
	if reads[0] != reads[1] {
		c.Errorf("%d reads of users with 1 pending sign-up, %d with 6", reads[0], reads[1])
	}
}
