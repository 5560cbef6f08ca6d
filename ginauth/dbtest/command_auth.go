package dbtest

// Package cmd: commands about the Auth, and what commands say.

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/cmd"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/models"
)

func commandsOfFeatures(c *Case) {
	c.Start()
	if out, _ := c.command(cmd.OK, "", "help"); strings.Contains(out, "resetfactors") || strings.Contains(out, "addtogroup") {
		c.Error(out)
	}
	c.command(cmd.Usage, "", "resetfactors", "ann")
	c.With(mfa.Feature(mfa.Options{}), roles.Feature(shop())).StartMail()
	ann, _ := c.withTOTP("ann")
	c.asksForCode(c.Client().Post("/auth/login/", authtest.Login("ann")))
	c.command(cmd.OK, "", "resetfactors", "ann")
	ann.Get("/auth/user/").Want(401)
	c.LoggedIn("ann").Get("/auth/user/").Want(200)
	c.command(cmd.OK, "", "grant", "ann", "orders.refund")
	c.command(cmd.OK, "", "addtogroup", "ann", "Sales")
	if text := c.LoggedIn("ann").Get("/auth/user/permissions/").Want(200).Text; !strings.Contains(text, "orders.refund") || !strings.Contains(text, "Sales") {
		c.Error(text)
	}
	c.command(cmd.Failed, "", "grant", "ann", "orders.nonsense")
	c.command(cmd.Usage, "", "grant", "ann")
	c.command(cmd.Usage, "", "resetfactors", "ann", "bob")
}

// commandMigrates a database of a version without packages mfa: the dry run changes nothing.
func commandMigrates(c *Case) {
	c.DB = c.open(c.T)
	c.App = authtest.Unmigrated(c.T, c.DB)
	create := []string{"createuser", "--username", "ann", "--email", "ann@example.com", "--no-password"}
	if _, errs := c.command(cmd.Failed, "", create...); strings.Count(errs, "run the command migrate") != 1 {
		c.Errorf("without tables: %s", errs)
	}
	c.command(cmd.OK, "", "migrate")
	c.command(cmd.OK, "", create...)
	auth, err := ginauth.New(c.DB, c.Auth.Config(), mfa.Feature(mfa.Options{}))
	c.must(err)
	c.Auth = auth
	var plan struct {
		Migrations []string
		SQL        string
	}
	c.commandJSON(cmd.Attention, "", &plan, "migrate", "--dry-run")
	if len(plan.Migrations) == 0 || !strings.Contains(plan.SQL, "auth_totp") || c.DB.Migrator().HasTable("auth_totp") {
		c.Errorf("%+v", plan)
	}
	if out, _ := c.command(cmd.OK, "", "migrate"); !strings.Contains(out, plan.Migrations[0]) || !c.DB.Migrator().HasTable("auth_totp") {
		c.Error(out)
	}
	c.commandJSON(cmd.OK, "", &plan, "migrate", "--dry-run")
	if len(plan.Migrations) > 0 {
		c.Errorf("%+v", plan)
	}
}

func commandRotatesTheSecret(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	present := string(c.Auth.Config().Secret)
	if out, _ := c.command(cmd.OK, "", "rotate-secret"); strings.Contains(out, present) {
		c.Error("the present secret is printed")
	}
	var rotated struct {
		Secret     config.Secret
		OldSecrets []config.Secret `json:"old_secrets"`
	}
	c.commandJSON(cmd.OK, "", &rotated, "rotate-secret", "--show-present")
	c.App = c.another(func(cfg *config.Config) { cfg.Secret, cfg.OldSecrets = rotated.Secret, rotated.OldSecrets })
	c.as(ann).Get("/auth/user/").Want(200)
}

func commandsSayWhatIsWrong(c *Case) {
	c.Start()
	for _, args := range [][]string{{"nonsense"}, {"ban"}, {"ban", "a", "b"}, {"check", "x"}, {"sessions", "a", "--nonsense"}, {"import"}, {"import", "-"}} {
		if _, errs := c.command(cmd.Usage, "", args...); errs == "" {
			c.Error(args)
		}
	}
	for _, args := range [][]string{{}, {"help"}, {"--help"}, {"ban", "-h"}} {
		c.command(cmd.OK, "", args...)
	}
	_, errs := c.command(cmd.NoUser, "", "unban", "eve", "--json")
	if !json.Valid([]byte(errs)) || !strings.Contains(errs, `"error":`) {
		c.Error(errs)
	}
	var found struct{ Findings []ginauth.Finding }
	out, _ := c.command(cmd.Attention, "", "check", "--json") // cheap hashes are an error
	c.must(json.Unmarshal([]byte(out), &found))
	if len(found.Findings) == 0 || found.Findings[0].Severity != ginauth.SeverityError {
		c.Error(out)
	}
}

// commandsAreRecorded as changes by a command, in the audit trail and for hooks.
func commandsAreRecorded(c *Case) {
	var banned []string
	c.Start(audited, func(cfg *config.Config) {
		cfg.Hooks.AfterBan = config.AfterHook(func(_ context.Context, _ *models.User, e config.Event) error {
			banned = append(banned, e.Method)
			return nil
		})
	})
	c.command(cmd.OK, authtest.Password, "createuser", "--username", "ann", "--email", "ann@example.com", "--password-stdin")
	c.LoggedIn("ann")
	var list struct{ Sessions []binding.Session }
	c.commandJSON(cmd.OK, "", &list, "sessions", "ann")
	c.command(cmd.OK, "", "sessions", "ann", "--end", list.Sessions[0].ID)
	c.command(cmd.OK, "Mirror-Maze-88", "setpassword", "ann", "--password-stdin")
	for _, args := range [][]string{{"sessions", "--end-all"}, {"ban"}, {"unban"}, {"deactivate"}, {"activate"}, {"export"}} {
		c.command(cmd.OK, "", append(args, "ann")...)
	}
	all, err := c.Auth.Events(c.Context(), ginauth.EventFilter{UserID: c.user("ann").ID})
	c.must(err)
	got := map[string]bool{}
	for _, e := range all {
		if e.Event != "login" && e.Method != "command" {
			c.Errorf("%s: method %q", e.Event, e.Method)
		}
		got[e.Event] = true
	}
	for _, name := range []string{"user_created", "verify", "session_revoked", "password_change", "ban", "unban", "user_deactivated", "user_activated", "data_exported"} {
		if !got[name] {
			c.Errorf("no event %s: %v", name, got)
		}
	}
	if len(banned) != 1 || banned[0] != "command" {
		c.Error(banned)
	}
}
