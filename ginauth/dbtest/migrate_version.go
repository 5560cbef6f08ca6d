package dbtest

// Migrations by version: recorded, listed, printed, and run by one instance at a time.

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

var ownMigrations = []string{"0001_tables", "0002_factors", "0003_short_sessions", "0004_bans", "0005_proofs", "0006_mail_priority", "0007_confirmed_without_session", "0008_event_actor", "0009_session_actor"}

// wantPending wants these migrations to be pending.
func (c *Case) wantPending(auth *ginauth.Auth, want ...string) {
	c.Helper()
	if got, err := auth.PendingMigrations(c.Context()); err != nil || !slices.Equal(got, want) {
		c.Errorf("pending are %q, want %q, %v", got, want, err)
	}
}

// printed returns the output of MigrationSQL.
func (c *Case) printed(auth *ginauth.Auth) string {
	c.Helper()
	var text strings.Builder
	if err := auth.MigrationSQL(c.Context(), &text); err != nil {
		c.Fatal(err)
	}
	return text.String()
}

// wantMigrated wants no migration to be left.
func (c *Case) wantMigrated(auth *ginauth.Auth) {
	c.Helper()
	if err := auth.Migrate(c.Context()); err != nil {
		c.Fatal(err)
	}
	c.wantPending(auth)
	if text := c.printed(auth); text != "" {
		c.Errorf("Migrate did not do:\n%s", text)
	}
}

// migrationsCanBePrinted: printing changes nothing, and running the printed statements does all that Migrate does.
func migrationsCanBePrinted(c *Case) {
	c.DB = c.open(c.T)
	auth := authtest.Unmigrated(c.T, c.DB).Auth
	c.wantPending(auth, ownMigrations...)
	text := c.printed(auth)
	for _, table := range []string{"auth_user", "auth_session", "auth_email", "auth_ticket", "auth_outbox", "auth_counter", "auth_migration"} {
		if c.DB.Migrator().HasTable(table) {
			c.Fatalf("printing created %s", table)
		}
		if n := strings.Count(text, "CREATE TABLE "+(&gorm.Statement{DB: c.DB}).Quote(table)); n != 1 {
			c.Errorf("%d times CREATE TABLE %s in\n%s", n, table, text)
		}
	}
	for statement := range strings.SplitSeq(text, ";\n") {
		if statement = strings.TrimSpace(statement); statement != "" {
			c.exec(statement)
		}
	}
	c.wantPending(auth)
	if text := c.printed(auth); text != "" {
		c.Errorf("the printed statements leave:\n%s", text)
	}
	c.App = authtest.New(c.T, c.DB)
	c.SignedUp("ann").Get("/auth/user/").Want(200)

	c.djangoUsers("bob")
	auth = authtest.Unmigrated(c.T, c.DB).Auth
	if text := c.printed(auth); strings.Count(text, "ADD ") < 5 || strings.Count(text, "factors") != 4 { // two columns, and the ID twice
		c.Errorf("of Django's table:\n%s", text)
	}
	c.wantMigrated(auth)
}

// migrateTakesOverOlderVersions: a version that recorded no migrations, before the column of factors existed.
func migrateTakesOverOlderVersions(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	if n := c.rows("auth_migration"); n != int64(len(ownMigrations)) {
		c.Errorf("%d migrations are recorded", n)
	}
	for _, statement := range []string{
		"DROP TABLE auth_migration", "ALTER TABLE auth_user DROP COLUMN factors",
		"ALTER TABLE auth_ticket ADD attempts integer NOT NULL DEFAULT 0", "CREATE UNIQUE INDEX idx_auth_user_email_key ON auth_user (email_key)",
	} {
		c.exec(statement)
	}
	c.wantPending(c.Auth, ownMigrations...)
	if text := c.printed(c.Auth); !strings.Contains(text, "DROP") || strings.Count(text, "factors") != 3 {
		c.Errorf("printed:\n%s", text)
	}
	c.wantMigrated(c.Auth)
	ann.Get("/auth/user/").Want(200)
	if m := c.DB.Migrator(); m.HasColumn("auth_ticket", "attempts") || m.HasIndex("auth_user", "idx_auth_user_email_key") || c.user("ann").Factors != "" {
		c.Error("data of older versions is still stored")
	}
}

// migrateAsksOnce: a start that has nothing to do takes a few statements. Anything that was removed comes back.
func migrateAsksOnce(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.NewUser = config.Model[firstMember]() })
	var meter meter
	meter.install(c)
	c.wantMigrated(c.Auth)
	if statements := meter.take(); strings.Count(statements, "\n") > 12 { // also of what wantMigrated asks
		c.Errorf("a start takes these statements:\n%s", statements)
	}
	m := c.DB.Migrator()
	for what, removed := range map[string]struct {
		statement string
		exists    func() bool
	}{
		"a column of the application": {"ALTER TABLE auth_user DROP COLUMN company", func() bool { return m.HasColumn("auth_user", "company") }},
		"a column of the library":     {"ALTER TABLE auth_session DROP COLUMN short", func() bool { return m.HasColumn("auth_session", "short") }},
		"an index": {
			map[bool]string{true: "DROP INDEX idx_auth_session_user_id ON auth_session", false: "DROP INDEX idx_auth_session_user_id"}[c.DB.Name() == "mysql"],
			func() bool { return m.HasIndex("auth_session", "idx_auth_session_user_id") },
		},
		"a table": {"DROP TABLE auth_counter", func() bool { return m.HasTable("auth_counter") }},
	} {
		if c.exec(removed.statement); removed.exists() {
			c.Fatalf("%s is still there", what)
		}
		if c.wantMigrated(c.Auth); !removed.exists() {
			c.Errorf("%s did not come back", what)
		}
	}
	c.SignedUp("ann").Get("/auth/user/").Want(200)
}

// pendingMigrationsAreFound, including those that add no table or column.
func pendingMigrationsAreFound(c *Case) {
	c.Start(production)
	c.exec("DELETE FROM auth_migration WHERE id = '0002_factors'")
	findings := c.check()
	c.want(findings, "error auth.Migrate")
	c.says(findings, "0002_factors", "auth.MigrationSQL")
	c.wantMigrated(c.Auth)
	c.want(c.check())
}

// migrateReturnsWithItsContext: another instance hangs in the middle of a migration. Instances without pending
// migrations start. The others wait no longer than their context allows, and succeed after the hang (D1).
func migrateReturnsWithItsContext(c *Case) {
	c.Start()
	hanging, release := make(chan struct{}), make(chan struct{})
	first := c.featured(func(s *core.Setup) error {
		s.Name("slow")
		s.Migration("1", func(db *gorm.DB) error {
			close(hanging)
			<-release
			return db.Exec("CREATE TABLE slow (id integer)").Error
		})
		return nil
	})
	second := c.featured(func(s *core.Setup) error {
		s.Name("slow")
		s.Migration("1", func(db *gorm.DB) error { return errors.New("runs twice") })
		return nil
	})
	failed := make(chan error, 1)
	go func() { failed <- first.Migrate(context.Background()) }()
	<-hanging
	began := time.Now()
	ctx, cancel := context.WithTimeout(c.Context(), time.Second)
	defer cancel()
	if err := second.Migrate(ctx); err == nil || strings.Contains(err.Error(), "twice") {
		c.Errorf("while another instance migrates: %v", err)
	}
	if took := time.Since(began); took > 30*time.Second { // SQLite's driver waits for its own timeout first
		c.Errorf("it took %s", took)
	}
	if err := c.Auth.Migrate(c.Context()); err != nil {
		c.Errorf("without that feature: %v", err)
	}
	close(release)
	if err := <-failed; err != nil {
		c.Error(err)
	}
	c.wantMigrated(second)
}
