package dbtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
	"gorm.io/gorm"
)

var deleteCases = []func(*Case){
	DeleteLeavesNothing, DeleteWithGrace, DeleteWithoutMail, DeleteIsWholeOrNothing, SweepGoesOnBehindAFailure, SweepGoesOnBehindAPanic,
	DeletionOfAPendingSignUpIsNotTold,
}

// DeleteLeavesNothing covers T099 and T226: the rows are gone, and who takes the name next
// gets nothing of the old account.
func DeleteLeavesNothing(c *Case) {
	c.startMail(withEverything)
	bob := c.verified("bob")
	f := c.foothold("ann")
	c.askReset("ann@example.com")
	reset := c.mail("reset")
	f.browser.Post("/auth/user/delete/", obj{"password": "wrong"}).WantProblems("password password_incorrect")
	r := f.browser.Post("/auth/user/delete/", obj{"password": authtest.Password}).Want(200)
	if len(f.browser.Cookies) > 1 { // the mark of the device stays
		c.Errorf("left after %s: %v", r.Text, f.browser.Cookies)
	}
	if m := c.mail("account_deleted"); m.To != "ann@example.com" || strings.Contains(m.Text, authtest.Site) {
		c.Errorf("to %s: %s", m.To, m.Text)
	}
	c.client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
	c.reset(reset, "Mirror-Maze-88").WantProblems("token ticket_not_valid")
	f.wantGone(c, "ann")
	c.Clock.Advance(49 * time.Hour)
	if _, err := c.Auth.Sweep(context.Background()); err != nil {
		c.Fatal(err)
	}
	if dump := c.dump(); strings.Contains(dump, "ann@example.com") || strings.Contains(dump, "=ann\n") || !strings.Contains(dump, "bob") {
		c.Errorf("left in the database:\n%s", dump)
	}
	again := c.signedUp("ann")
	f.browser.Get("/auth/user/").Want(401)
	if len(emails(again)) != 1 {
		c.Error("the new account has old addresses")
	}
	bob.Post("/auth/login/", authtest.Login("bob")).Want(200)
}

// dump is everything in the library's tables.
func (c *Case) dump() string {
	c.Helper()
	var dump []string
	for _, table := range []string{"auth_user", "auth_session", "auth_email", "auth_ticket", "auth_outbox"} {
		var rows []map[string]any
		if err := c.DB.Table(table).Find(&rows).Error; err != nil {
			c.Fatal(err)
		}
		for _, row := range rows {
			for column, value := range row {
				dump = append(dump, fmt.Sprintf("%s.%s of %s%s is %s", table, column, row["id"], row["selector"], value))
			}
		}
	}
	slices.Sort(dump)
	return strings.Join(dump, "\n")
}

// DeleteWithGrace: a login takes it back; afterwards it is too late, swept or not.
func DeleteWithGrace(c *Case) {
	c.startMail(byCode, func(cfg *config.Config) { cfg.DeleteGrace = 7 * 24 * time.Hour })
	ann := c.verified("ann")
	ann.Post("/auth/user/delete/", nil).Want(200)
	ann.Get("/auth/user/").Want(401)
	if m := c.mail("account_deleted"); !strings.Contains(m.Text, "7 days") {
		c.Errorf("the mail says %s", m.Text)
	}
	c.Clock.Advance(7*24*time.Hour - time.Second)
	ann = c.loggedIn("ann")
	c.mails()
	c.Clock.Advance(time.Hour)
	if _, err := c.Auth.Sweep(context.Background()); err != nil {
		c.Fatal(err)
	}
	ann.Get("/auth/user/").Want(200)
	c.client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	code := c.mail("login_code").Key(c.T)

	ann.Post("/auth/user/delete/", obj{"password": authtest.Password}).Want(200)
	c.mail("account_deleted")
	c.Clock.Advance(7 * 24 * time.Hour)
	c.client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
	c.client().Post("/auth/login/code/confirm/", obj{"key": code}).WantProblems("key ticket_not_valid")
	c.askReset("ann@example.com")
	c.noMail()
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

// DeleteIsWholeOrNothing covers T201: whichever statement fails, the account is as it was.
func DeleteIsWholeOrNothing(c *Case) {
	c.startMail(withEverything)
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
	c.mail("account_deleted")
}

func DeleteWithoutMail(c *Case) {
	c.start()
	ann := c.signedUp("ann")
	c.Clock.Advance(time.Hour)
	ann.Post("/auth/user/delete/", nil).WantCode(403, binding.CodeFreshLogin)
	ann.Post("/auth/user/delete/", obj{"password": authtest.Password}).Want(200)
	if n := c.count(&models.User{}); n != 0 {
		c.Errorf("%d users", n)
	}
	c.signedUp("ann")
}

// SweepGoesOnBehindAFailure: one account that cannot be deleted keeps no other.
func SweepGoesOnBehindAFailure(c *Case) {
	c.start(func(cfg *config.Config) {
		cfg.DeleteGrace = time.Hour
		cfg.Hooks.BeforeDelete = func(_ context.Context, _ *gorm.DB, e config.Event) error {
			if e.User.Base().Username == "stuck" {
				return errors.New("a row refers to it")
			}
			return nil
		}
	})
	for _, name := range []string{"stuck", "free"} {
		c.signedUp(name).Post("/auth/user/delete/", nil).Want(200)
	}
	c.Clock.Advance(2 * time.Hour)
	if _, err := c.Auth.Sweep(context.Background()); err == nil || !strings.Contains(err.Error(), "a row refers to it") {
		c.Errorf("got %v", err)
	}
	if n := c.count(&models.User{}); n != 1 {
		c.Errorf("%d users", n)
	}
}

// SweepGoesOnBehindAPanic of a hook.
func SweepGoesOnBehindAPanic(c *Case) {
	c.start(func(cfg *config.Config) {
		cfg.DeleteGrace = time.Hour
		cfg.Hooks.BeforeDelete = func(_ context.Context, _ *gorm.DB, e config.Event) error {
			if e.User.Base().Username == "stuck" {
				panic("canary")
			}
			return nil
		}
	})
	for _, name := range []string{"stuck", "free"} {
		c.signedUp(name).Post("/auth/user/delete/", nil).Want(200)
	}
	c.Clock.Advance(2 * time.Hour)
	if _, err := c.Auth.Sweep(c.Context()); err == nil || strings.Contains(err.Error(), "canary") {
		c.Errorf("got %v", err)
	}
	if n := c.count(&models.User{}); n != 1 || !strings.Contains(c.Log.String(), "panic of type string") {
		c.Errorf("%d users are left, logged: %s", n, c.Log)
	}
}

// DeletionOfAPendingSignUpIsNotTold: no hook has heard of a pending sign-up, so none hears that it is
// deleted, and none can keep it: when its time is over, also after a hook refused to complete it, or by
// DeleteUser. Every other account is told of, one that was made by CreateUser as well.
func DeletionOfAPendingSignUpIsNotTold(c *Case) {
	var d diary
	c.startMail(mandatory, d.install, func(cfg *config.Config) {
		cfg.Hooks.BeforeRegister = func(_ context.Context, _ *gorm.DB, e config.Event) error {
			if e.User.Base().Username == "refused" {
				return errRefusal
			}
			return nil
		}
		told := cfg.Hooks.BeforeDelete
		cfg.Hooks.BeforeDelete = func(ctx context.Context, tx *gorm.DB, e config.Event) error {
			if e.User.Base().SignedUp && e.User.Base().Username != "ann" {
				d.note("refused to delete " + e.User.Base().Username)
				return errRefusal
			}
			return told(ctx, tx, e)
		}
		cfg.Hooks.After = func(_ context.Context, e config.Event) error {
			d.note("any " + string(e.Name) + " " + e.User.Base().Username)
			return nil
		}
	})
	c.verified("ann")
	c.signedUp("refused")
	c.verify(c.mail("verify").Key(c.T)).WantProblems("non_field_errors not_today")
	for _, name := range []string{"waiting", "unwanted"} {
		c.signedUp(name)
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
	if told, n := d.take(), c.count(&models.User{}); told != "" || n != 2 {
		c.Errorf("%d users are left, told %s", n, told)
	}
	for _, id := range []int64{c.user("ann").ID, boss.ID} {
		if err := c.Auth.DeleteUser(c.Context(), id); err != nil {
			c.Error(err)
		}
	}
	if told := d.take(); told != "before delete ann, after delete ann, any delete ann, before delete boss, after delete boss, any delete boss" {
		c.Errorf("told %s", told)
	}
}
