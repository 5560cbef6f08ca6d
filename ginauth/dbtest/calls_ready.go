package dbtest

// Ready: for probes, within a time.

import (
	"context"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// readyNeedsTheDatabaseAndItsMigrations, and nothing else: mails that wait are no reason to refuse requests.
func readyNeedsTheDatabaseAndItsMigrations(c *Case) {
	c.DB = c.open(c.T)
	auth := authtest.Unmigrated(c.T, c.DB).Auth
	if err := auth.Ready(c.Context()); err == nil || !strings.Contains(err.Error(), "0001_tables") || !strings.Contains(err.Error(), "call Auth.Migrate") {
		c.Errorf("without tables: %v", err)
	}
	c.wantMigrated(auth)
	if err := auth.Ready(c.Context()); err != nil {
		c.Error(err)
	}
	c.exec("DELETE FROM auth_migration WHERE id = '0002_factors'")
	if err := auth.Ready(c.Context()); err == nil || !strings.Contains(err.Error(), "migrations 0002_factors;") {
		c.Errorf("before a migration: %v", err)
	}
	c.wantMigrated(auth)
	c.exec("DROP TABLE auth_user")
	if err := auth.Ready(c.Context()); err == nil || !strings.Contains(err.Error(), "does not answer") {
		c.Errorf("without users: %v", err)
	}
}

// readyEndsInTime: with an ended context at once, and with a pool that has no connection after Config.Timeout.
func readyEndsInTime(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.Timeout = 200 * time.Millisecond })
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201) // its mail waits
	c.Clock.Advance(48 * time.Hour)
	if err := c.Auth.Ready(c.Context()); err != nil {
		c.Error(err)
	}
	ended, cancel := context.WithCancel(c.Context())
	cancel()
	if err := c.Auth.Ready(ended); err == nil {
		c.Error("ready although the context has ended")
	}
	pool, err := c.DB.DB()
	if err != nil {
		c.Fatal(err)
	}
	pool.SetMaxOpenConns(1)
	busy, err := pool.Conn(c.Context())
	if err != nil {
		c.Fatal(err)
	}
	begun := time.Now()
	if err := c.Auth.Ready(context.Background()); err == nil || time.Since(begun) > 30*time.Second {
		c.Errorf("after %v: %v", time.Since(begun), err)
	}
	if err := busy.Close(); err != nil {
		c.Fatal(err)
	}
	if err := c.Auth.Ready(c.Context()); err != nil {
		c.Error(err)
	}
	var none context.Context
	if err := c.Auth.Ready(none); err == nil {
		c.Error("ready without a context")
	}
}
