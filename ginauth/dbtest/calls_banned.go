package dbtest

// What a ban tells its user by mail, and what it keeps.

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// bannedUsersGetAMail if Mail.BanNotice says so, in their own language. A ban that is refused mails nothing.
func bannedUsersGetAMail(c *Case) {
	refuse := false
	notice := config.BanNoticeNone
	start := func(n config.BanNotice) {
		notice = n
		c.DB = nil
		c.StartMail(func(cfg *config.Config) {
			cfg.Mail.BanNotice = notice
			cfg.Hooks.BeforeBan = func(context.Context, *gorm.DB, config.Event) error {
				if refuse {
					return &binding.Error{Status: 403, Code: binding.CodePermissionDenied}
				}
				return nil
			}
		})
		c.verified("ann")
		c.set("ann", map[string]any{"locale": "de"})
		c.Mails()
	}
	start(config.BanNoticeNone)
	c.ban("ann", time.Hour)
	c.NoMail()
	start(config.BanNoticeEnd)
	c.ban("ann", time.Hour)
	m := c.Mail("account_banned")
	if m.To != "ann@example.com" || m.Lang != "de" || !strings.Contains(m.Text, "01.03.2026 um 13:00 Uhr (UTC)") || strings.Contains(m.Text+m.HTML, "canary") || strings.Contains(m.Text, authtest.Site) {
		c.Errorf("to %s in %s: %s", m.To, m.Lang, m.Text)
	}
	if err := c.Auth.Unban(c.Context(), c.user("ann").ID); err != nil {
		c.Fatal(err)
	}
	c.NoMail()
	start(config.BanNoticeReason)
	c.ban("ann", 0)
	if m := c.Mail("account_banned"); !strings.Contains(m.Text, "Grund: canary: spam") || !strings.Contains(m.HTML, "Grund: canary: spam") || strings.Contains(m.Text, "2026") {
		c.Error(m.Text)
	}
	refuse = true
	if err := c.Auth.Ban(c.Context(), c.user("ann").ID, "x", time.Time{}); err == nil {
		c.Error("the hook did not refuse")
	}
	c.NoMail()
}

// bansMailOwnersOnly: an address that the user has not confirmed may be a stranger's, who learns nothing of the ban.
func bansMailOwnersOnly(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.Mail.BanNotice = config.BanNoticeReason })
	c.SignedUp("ann")
	c.Mails()
	bob := c.verified("bob")
	c.added(bob, "bob@work.example")
	c.Mails()
	c.ban("ann", 0)
	c.NoMail()
	c.ban("bob", 0)
	if all := c.Mails(); len(all) != 1 || all[0].To != "bob@example.com" {
		c.Error(all)
	}
	if err := c.newWith(orNothing(nil), func(cfg *config.Config) { cfg.Mail.BanNotice = config.BanNoticeEnd }); err == nil || !strings.Contains(err.Error(), "Mail.BanNotice") {
		c.Error(err)
	}
}

// banHoldsADeletion that the user asked for before, or name and address would be free for the user to come back with.
func banHoldsADeletion(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.DeleteGrace = 7 * 24 * time.Hour })
	for _, name := range []string{"ann", "bob", "cat"} {
		c.verified(name).Post("/auth/user/delete/", nil).Want(200)
		c.Mails()
	}
	c.SignedUp("dan").Post("/auth/user/delete/", nil).Want(200) // whose address is not confirmed
	c.ban("ann", 30*24*time.Hour)
	c.ban("bob", 0)
	c.ban("cat", 24*time.Hour) // ends before DeleteGrace
	c.ban("dan", 0)
	c.Clock.Advance(8 * 24 * time.Hour)
	sweep := func(want string) {
		c.Helper()
		if _, err := c.Auth.Sweep(context.Background()); err != nil {
			c.Fatal(err)
		}
		var names []string
		if err := c.DB.Model(&models.User{}).Order("username").Pluck("username", &names).Error; err != nil || strings.Join(names, " ") != want {
			c.Errorf("left: %q, want %q, %v", names, want, err)
		}
	}
	sweep("ann bob dan")
	for _, name := range []string{"ann", "bob", "dan"} {
		c.Client().Post("/auth/login/", authtest.Login(name)).WantProblems("non_field_errors account_banned")
		c.Client().Post("/auth/registration/", authtest.SignUp(name)).WantProblems("email taken", "username taken")
	}
	if found := fmt.Sprint(c.Auth.Check(c.Context())); !strings.Contains(found, "kept by a ban: 3") {
		c.Error(found)
	}
	c.Clock.Advance(23 * 24 * time.Hour) // the ban of ann has ended
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
	sweep("bob dan")
	c.SignedUp("ann")
	if err := c.Auth.Unban(c.Context(), c.user("bob").ID); err != nil {
		c.Fatal(err)
	}
	if err := c.Auth.DeleteUser(c.Context(), c.user("dan").ID); err != nil {
		c.Fatal(err)
	}
	sweep("ann")
	if found := fmt.Sprint(c.Auth.Check(c.Context())); strings.Contains(found, "kept by a ban") {
		c.Error(found)
	}
}
