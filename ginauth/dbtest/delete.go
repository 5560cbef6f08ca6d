package dbtest

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var deleteCases = Group{Name: "delete", Cases: []func(*Case){
	slowDeletionFailsWhenItsSessionEnds, deleteRemovesAllRows, deleteWithGrace, deleteWithoutMail, deleteIsAtomic,
	sweepContinuesAfterAFailure, sweepContinuesAfterAPanic, pendingSignUpsAreDeletedWithoutHooks, deletionKeepsNoticesValid,
	deletionIsAlwaysMailed,
}}

// deletionKeepsNoticesValid: a thief schedules the account for deletion. The owner's link in an earlier notice still
// works and cancels the deletion.
func deletionKeepsNoticesValid(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.DeleteGrace = 7 * 24 * time.Hour })
	c.verified("ann")
	thief := c.LoggedIn("ann")
	notice := c.Mail("new_device").Key(c.T)
	thief.Post("/auth/user/delete/", nil).Want(200)
	c.Mail("account_deleted")
	c.Client().Post("/auth/security/revoke/", obj{"key": notice}).Want(200)
	c.Clock.Advance(8 * 24 * time.Hour)
	if _, err := c.Auth.Sweep(context.Background()); err != nil {
		c.Fatal(err)
	}
	if n := c.count(&models.User{}); n != 1 {
		c.Errorf("%d users", n)
	}
}

// deletionIsAlwaysMailed: the mail is sent no matter which mails were requested before, and also if others are waiting.
func deletionIsAlwaysMailed(c *Case) {
	c.StartMail()
	ann := c.verified("ann")
	for range 12 {
		c.askReset("ann@example.com")
		c.resend("ann@example.com")
	}
	c.Mails()
	thief := c.LoggedIn("ann")
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	ann.Post("/auth/user/delete/", nil).Want(200)
	thief.Get("/auth/user/").Want(401)
	if kinds := c.kinds(); kinds["new_device"] != 1 || kinds["password_changed"] != 1 || kinds["account_deleted"] != 1 {
		c.Errorf("got %v", kinds)
	}
}

// deleteRemovesAllRows covers T099 and T226: the rows are deleted, and the next user with the name gets nothing of the
// old account.
func deleteRemovesAllRows(c *Case) {
	c.StartMail(withEverything)
	bob := c.verified("bob")
	f := c.foothold("ann")
	c.askReset("ann@example.com")
	reset := c.Mail("reset")
	f.browser.Post("/auth/user/delete/", obj{"password": "wrong"}).WantProblems("password password_incorrect")
	r := f.browser.Post("/auth/user/delete/", obj{"password": authtest.Password}).Want(200)
	if len(f.browser.Cookies) > 1 { // the cookie of the known device stays
		c.Errorf("left after %s: %v", r.Text, f.browser.Cookies)
	}
	if m := c.Mail("account_deleted"); m.To != "ann@example.com" || strings.Contains(m.Text, authtest.Site) {
		c.Errorf("to %s: %s", m.To, m.Text)
	}
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
	c.reset(reset, "Mirror-Maze-88").WantProblems("token ticket_not_valid")
	f.wantRevoked(c, "ann")
	c.Clock.Advance(49 * time.Hour)
	if _, err := c.Auth.Sweep(context.Background()); err != nil {
		c.Fatal(err)
	}
	if dump := c.dump(); strings.Contains(dump, "ann@example.com") || strings.Contains(dump, "=ann\n") || !strings.Contains(dump, "bob") {
		c.Errorf("left in the database:\n%s", dump)
	}
	again := c.SignedUp("ann")
	f.browser.Get("/auth/user/").Want(401)
	if len(emails(again)) != 1 {
		c.Error("the new account has old addresses")
	}
	bob.Post("/auth/login/", authtest.Login("bob")).Want(200)
}

// deleteWithGrace: a login cancels the deletion. After the grace period that is no longer possible, swept or not.
func deleteWithGrace(c *Case) {
	c.StartMail(byCode, func(cfg *config.Config) { cfg.DeleteGrace = 7 * 24 * time.Hour })
	ann := c.verified("ann")
	ann.Post("/auth/user/delete/", nil).Want(200)
	ann.Get("/auth/user/").Want(401)
	if m := c.Mail("account_deleted"); !strings.Contains(m.Text, "7 days") {
		c.Errorf("the mail says %s", m.Text)
	}
	c.Clock.Advance(7*24*time.Hour - time.Second)
	ann = c.LoggedIn("ann")
	c.Mails()
	c.Clock.Advance(time.Hour)
	if _, err := c.Auth.Sweep(context.Background()); err != nil {
		c.Fatal(err)
	}
	ann.Get("/auth/user/").Want(200)
	c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	code := c.Mail("login_code").Key(c.T)

	ann.Post("/auth/user/delete/", obj{"password": authtest.Password}).Want(200)
	c.Mail("account_deleted")
	c.Clock.Advance(7 * 24 * time.Hour)
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
	c.Client().Post("/auth/login/code/confirm/", obj{"key": code}).WantProblems("key ticket_not_valid")
	c.askReset("ann@example.com")
	c.NoMail()
	if n := c.count(&models.User{}); n != 1 {
		c.Errorf("%d users before Sweep", n)
	}
	if _, err := c.Auth.Sweep(context.Background()); err != nil {
		c.Fatal(err)
	}
	if users, addresses := c.count(&models.User{}), c.count(&models.Email{}); users != 0 || addresses != 0 {
		c.Errorf("%d users and %d addresses after Sweep", users, addresses)
	}
}

// deleteIsAtomic covers T201: if any statement fails, the account is unchanged.
func deleteIsAtomic(c *Case) {
	c.StartMail(withEverything)
	var blown fuse
	blown.install(c)
	ann := c.verified("ann")
	before := c.dump()
	for n := int64(1); ; n++ {
		blown.left.Store(n)
		r := ann.Clone().Post("/auth/user/delete/", nil)
		if blown.left.Swap(0) > 0 {
			r.Want(200)
			break
		}
		r.WantCode(503, binding.CodeUnavailable)
		if n > 20 || c.count(&models.Email{}) != 1 || len(c.dump()) != len(before) {
			c.Fatalf("after statement %d failed:\n%s", n, c.dump())
		}
		ann.Get("/auth/user/").Want(200)
	}
	c.Mail("account_deleted")
}

func deleteWithoutMail(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	c.Clock.Advance(time.Hour)
	ann.Post("/auth/user/delete/", nil).WantCode(403, binding.CodeFreshLogin)
	ann.Post("/auth/user/delete/", obj{"password": authtest.Password}).Want(200)
	if n := c.count(&models.User{}); n != 0 {
		c.Errorf("%d users", n)
	}
	c.SignedUp("ann")
}

// sweepContinuesAfterAFailure: one account that cannot be deleted does not stop the others.
func sweepContinuesAfterAFailure(c *Case) {
	c.Start(func(cfg *config.Config) {
		cfg.DeleteGrace = time.Hour
		cfg.Hooks.BeforeDelete = func(_ context.Context, _ *gorm.DB, e config.Event) error {
			if e.User.Base().Username == "stuck" {
				return errors.New("a row refers to it")
			}
			return nil
		}
	})
	for _, name := range []string{"stuck", "free"} {
		c.SignedUp(name).Post("/auth/user/delete/", nil).Want(200)
	}
	c.Clock.Advance(2 * time.Hour)
	if _, err := c.Auth.Sweep(context.Background()); err == nil || !strings.Contains(err.Error(), "a row refers to it") {
		c.Errorf("got %v", err)
	}
	if n := c.count(&models.User{}); n != 1 {
		c.Errorf("%d users", n)
	}
}

// sweepContinuesAfterAPanic: a hook that panics for one account does not stop the others.
func sweepContinuesAfterAPanic(c *Case) {
	c.Start(func(cfg *config.Config) {
		cfg.DeleteGrace = time.Hour
		cfg.Hooks.BeforeDelete = func(_ context.Context, _ *gorm.DB, e config.Event) error {
			if e.User.Base().Username == "stuck" {
				panic("canary")
			}
			return nil
		}
	})
	for _, name := range []string{"stuck", "free"} {
		c.SignedUp(name).Post("/auth/user/delete/", nil).Want(200)
	}
	c.Clock.Advance(2 * time.Hour)
	if _, err := c.Auth.Sweep(c.Context()); err == nil || strings.Contains(err.Error(), "canary") {
		c.Errorf("got %v", err)
	}
	if n := c.count(&models.User{}); n != 1 || !strings.Contains(c.Log.String(), "panic of type string") {
		c.Errorf("%d users are left, logged: %s", n, c.Log)
	}
}

// pendingSignUpsAreDeletedWithoutHooks: no hook of registration was called for a pending sign-up, so no hook hears of
// its deletion or can stop it: after its lifetime, also if a hook refused to complete it, and by DeleteUser. For every
// other account the hooks are called, also if CreateUser made it.
func pendingSignUpsAreDeletedWithoutHooks(c *Case) {
	var d hookLog
	c.StartMail(mandatory, d.install, func(cfg *config.Config) {
		cfg.Hooks.BeforeRegister = func(_ context.Context, _ *gorm.DB, e config.Event) error {
			if e.User.Base().Username == "refused" {
				return errRefusal
			}
			return nil
		}
		notified := cfg.Hooks.BeforeDelete
		cfg.Hooks.BeforeDelete = func(ctx context.Context, tx *gorm.DB, e config.Event) error {
			if e.User.Base().SignedUp && e.User.Base().Username != "ann" {
				d.note("refused to delete " + e.User.Base().Username)
				return errRefusal
			}
			return notified(ctx, tx, e)
		}
		cfg.Hooks.After = func(_ context.Context, e config.Event) error {
			d.note("any " + string(e.Name) + " " + e.User.Base().Username)
			return nil
		}
	})
	c.verified("ann")
	c.SignedUp("refused")
	c.verify(c.Mail("verify").Key(c.T)).WantProblems("non_field_errors not_today")
	for _, name := range []string{"waiting", "unwanted"} {
		c.SignedUp(name)
	}
	boss := c.created("boss", "boss@example.com")
	d.take()
	if err := c.Auth.DeleteUser(c.Context(), c.user("unwanted").ID); err != nil {
		c.Error(err)
	}
	c.Clock.Advance(8 * 24 * time.Hour)
	if _, err := c.Auth.Sweep(c.Context()); err != nil {
		c.Error(err)
	}
	if notified, n := d.take(), c.count(&models.User{}); notified != "" || n != 2 {
		c.Errorf("%d users are left, got %s", n, notified)
	}
	for _, id := range []int64{c.user("ann").ID, boss.ID} {
		if err := c.Auth.DeleteUser(c.Context(), id); err != nil {
			c.Error(err)
		}
	}
	if notified := d.take(); notified != "before delete ann, after delete ann, any delete ann, before delete boss, after delete boss, any delete boss" {
		c.Errorf("got %s", notified)
	}
}

func slowDeletionFailsWhenItsSessionEnds(c *Case) {
	for _, grace := range []time.Duration{0, time.Hour} {
		var m interruption
		c.documented = nil
		c.StartMail(m.inBackend, func(cfg *config.Config) { cfg.DeleteGrace = grace })
		thief := c.secureDuringThiefsRequest(&m)
		thief.Post("/auth/user/delete/", obj{"password": authtest.Password}).Want(401)
		if c.user("ann").DeleteAt != nil {
			c.Error("the account goes")
		}
		c.reset(c.Mail("secured"), "Mirror-Maze-88").Want(200)
	}
}
