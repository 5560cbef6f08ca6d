package dbtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

func checkOfMissingTables(c *Case) {
	c.DB = c.open(c.T)
	findings := c.check()
	c.want(findings, "error auth.Migrate")
	c.says(findings, "auth_user", "auth_session", "auth_email", "auth_ticket", "auth_outbox", "auth_counter", "call auth.Migrate")
	c.Start(production)
	if err := errors.Join(c.DB.Migrator().DropTable("auth_counter"), c.DB.Exec("ALTER TABLE auth_session DROP COLUMN scopes").Error); err != nil {
		c.Fatal(err)
	}
	findings = c.check()
	c.want(findings, "error auth.Migrate")
	c.says(findings, "database: auth_session.scopes, auth_counter;")
	if err := c.Auth.Migrate(context.Background()); err != nil {
		c.Fatal(err)
	}
	c.want(c.check())
	c.want(c.check(func(cfg *config.Config) { cfg.NewUser = config.Model[tenant]() }), "error auth.Migrate")
}

type tenant struct {
	models.User
	House string `gorm:"size:80"`
}

func checkWithoutADatabase(c *Case) {
	c.Start()
	auth := authtest.Unmigrated(c.T, c.DB, production).Auth
	pool, err := c.DB.DB()
	if err != nil {
		c.Fatal(err)
	}
	if err := pool.Close(); err != nil {
		c.Fatal(err)
	}
	findings := c.found(auth)
	c.want(findings, "error Database", "note Mail.Sender")
	c.says(findings, "cannot be reached")
}

// checkContinuesAfterFailures: a check that fails or panics is a finding, and the other checks still run.
func checkContinuesAfterFailures(c *Case) {
	c.StartMail(production)
	c.SignedUp("ann")
	c.set("ann", map[string]any{"username_key": nil})
	failed := map[string]any{"state": models.MailFailed}
	if err := c.DB.Model(&models.OutboxMail{}).Where("1 = 1").Updates(failed).Error; err != nil {
		c.Fatal(err)
	}
	c.want(c.found(c.Auth), "warning Mail.Sender", "warning auth.Migrate")
	var asked, bad atomic.Int64
	var panics bool
	step := func(db *gorm.DB) {
		if asked.Add(1) == bad.Load() && panics {
			panic("canary")
		} else if asked.Load() == bad.Load() {
			_ = db.AddError(errFuse)
		}
	}
	if err := errors.Join(c.DB.Callback().Query().Before("*").Register("bad", step), c.DB.Callback().Row().Before("*").Register("bad", step)); err != nil {
		c.Fatal(err)
	}
	for n := int64(1); asked.Swap(0) >= n-1; n++ {
		for _, panics = range []bool{false, true} {
			asked.Store(0)
			bad.Store(n)
			findings := c.found(c.Auth)
			if asked.Load() < n {
				break
			}
			if n > 1 && len(findings) < 2 {
				c.Errorf("question %d, panics %v: %v", n, panics, findings)
			}
			c.says(findings, map[bool]string{false: errFuse.Error(), true: "panicked (string)"}[panics])
		}
	}
	if len(c.found(c.Auth)) != 2 {
		c.Error("a failure is still reported after it ended")
	}
}

func checkOfUsersWithoutKeys(c *Case) {
	c.Start(production)
	var ids []int64
	for i := range 12 {
		name := fmt.Sprintf("user%d", i)
		c.SignedUp(name)
		ids = append(ids, c.user(name).ID)
	}
	c.want(c.check())
	if err := c.DB.Model(&models.User{}).Where("id > ?", ids[0]).Updates(map[string]any{"username_key": nil}).Error; err != nil {
		c.Fatal(err)
	}
	findings := c.check()
	c.want(findings, "warning auth.Migrate")
	c.says(findings, "ids "+strings.Trim(fmt.Sprint(ids[1:11]), "[]")+" and more;")
	c.set("user0", map[string]any{"username": "", "username_key": nil})
	if err := c.Auth.Migrate(context.Background()); err != nil {
		c.Fatal(err)
	}
	c.want(c.check())
}

func checkOfTheOutbox(c *Case) {
	c.StartMail(production)
	c.SignedUp("ann")
	set := func(columns map[string]any) {
		if err := c.DB.Model(&models.OutboxMail{}).Where("1 = 1").Updates(columns).Error; err != nil {
			c.Fatal(err)
		}
	}
	c.want(c.check())
	now, old := time.Now().UTC(), time.Now().UTC().Add(-6*time.Minute)
	set(map[string]any{"created_at": old, "next_try_at": old})
	findings := c.check()
	c.want(findings, "warning auth.RunOutbox")
	c.says(findings, "5m0s", "no process sends them: 1;")
	set(map[string]any{"next_try_at": now.Add(time.Minute), "tries": 1})
	c.want(c.check()) // being sent
	set(map[string]any{"reason": "421 later"})
	c.want(c.check(), "note Mail.Sender")
	set(map[string]any{"state": models.MailFailed})
	findings = c.check()
	c.want(findings, "warning Mail.Sender")
	c.says(findings, "given up: 1;", "auth.RetryFailedMails")
}

func checkOfExpiredRows(c *Case) {
	c.StartMail(production)
	const most = 10_000
	old := time.Now().UTC().Add(-8 * 24 * time.Hour)
	var counters []models.Counter
	var tickets []models.Ticket
	var mails []models.OutboxMail
	var all []models.Session
	for i := range most + 1 {
		name := fmt.Sprintf("%032d", i)
		counters = append(counters, models.Counter{Name: name, ResetAt: old})
		tickets = append(tickets, models.Ticket{Selector: name, ExpiresAt: old, CodeExpiresAt: old, CreatedAt: old})
		mails = append(mails, models.OutboxMail{MessageID: name, State: models.MailSent, NextTryAt: old, CreatedAt: old})
		all = append(all, models.Session{ID: name, KeyHash: name, CreatedAt: old, LastSeenAt: old, ExpiresAt: old})
	}
	mails[0].State = models.MailPending // overdue, but not yet old enough to count
	mails[0].NextTryAt = time.Now().UTC()
	for _, rows := range []any{counters, tickets, mails, all[:most]} {
		if err := c.DB.CreateInBatches(rows, 1000).Error; err != nil {
			c.Fatal(err)
		}
	}
	findings := c.check()
	c.want(findings, "note auth.Sweep")
	c.says(findings, "space: auth_counter, auth_ticket;", "auth.Sweep every hour")
	change := func(where string, columns map[string]any) {
		if err := c.DB.Model(&models.OutboxMail{}).Where(where).Updates(columns).Error; err != nil {
			c.Fatal(err)
		}
	}
	change("state = 'pending'", map[string]any{"state": models.MailVoid, "next_try_at": old})
	if err := c.DB.Create(&all[most]).Error; err != nil {
		c.Fatal(err)
	}
	c.says(c.check(), "space: auth_counter, auth_outbox, auth_session, auth_ticket;")
	change("id > 0", map[string]any{"state": models.MailFailed})
	c.says(c.check(), "given up: 1000 or more;")
	change("id > 0", map[string]any{"state": models.MailSent})
	lately := time.Now().UTC().Add(-6 * 24 * time.Hour)
	if err := c.DB.Model(&models.Counter{}).Where("1 = 1").Updates(map[string]any{"reset_at": lately}).Error; err != nil {
		c.Fatal(err)
	}
	c.says(c.check(), "space: auth_outbox, auth_session, auth_ticket;")
	if _, err := c.Auth.Sweep(context.Background()); err != nil {
		c.Fatal(err)
	}
	c.want(c.check())
}

func checkOfTheClock(c *Case) {
	c.Start(production)
	for off, want := range map[time.Duration]string{
		-20 * time.Second: "", 20 * time.Second: "", -time.Hour: " behind the database's", 45 * time.Second: " ahead of the database's",
	} {
		findings := c.check(func(cfg *config.Config) { cfg.Now = func() time.Time { return time.Now().Add(off) } })
		if want == "" {
			c.want(findings)
			continue
		}
		c.want(findings, "warning Database")
		c.says(findings, want)
	}
}

func checkOfSQLite(c *Case) {
	c.Start(production)
	if c.DB.Name() != "sqlite" {
		return
	}
	pool, err := c.DB.DB()
	if err != nil {
		c.Fatal(err)
	}
	pool.SetMaxOpenConns(1) // pragmas belong to a connection
	for _, p := range []struct{ off, on, says string }{
		{"journal_mode = DELETE", "journal_mode = WAL", "_journal_mode=WAL"},
		{"busy_timeout = 0", "busy_timeout = 5000", "_busy_timeout=5000"},
		{"foreign_keys = 0", "foreign_keys = 1", "_foreign_keys=1"},
	} {
		if err := c.DB.Exec("PRAGMA " + p.off).Error; err != nil {
			c.Fatal(err)
		}
		findings := c.check()
		c.want(findings, "warning Database")
		c.says(findings, p.says)
		if err := c.DB.Exec("PRAGMA " + p.on).Error; err != nil {
			c.Fatal(err)
		}
	}
	c.want(c.check())
}

func checkOfThePool(c *Case) {
	c.Start(production)
	pool, err := c.DB.DB()
	if err != nil {
		c.Fatal(err)
	}
	pool.SetMaxOpenConns(1)
	if c.DB.Name() == "sqlite" {
		c.want(c.check())
		return
	}
	c.want(c.check(), "note Database")
	pool.SetMaxOpenConns(2)
	c.want(c.check())
}
