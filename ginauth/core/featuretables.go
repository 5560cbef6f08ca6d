package core

// Setup: the migrations, tables and checks of a feature.

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/check"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// declare calls a feature and adds what it declared, unless it fails.
func (c *Core) declare(feature Feature) error {
	if feature == nil {
		return errors.New("a feature in the arguments of New is nil")
	}
	s, before := &Setup{core: c}, len(c.listeners)
	err := feature(s)
	s.returned = true
	s.completeListeners(c.listeners[before:])
	err = errors.Join(err, s.failed, store.NameMigrations(s.name, s.migrations))
	if err != nil {
		return s.named(err)
	}
	c.migrations, c.tables, c.checks = append(c.migrations, s.migrations...), append(c.tables, s.tables...), append(c.checks, s.checks...)
	return nil
}

// Migration adds a migration of the feature. Migrate calls up once per database, in the order of declaration and
// after the library's own migrations, and records it in auth_migration as "name/id". The id has letters, digits, _,
// - and ., and must differ from the feature's other ids in more than letter case. Never change a released
// migration; add another one.
//
// up changes tables with the handle it gets, for which tables have the character set they need:
//
//	s.Migration("0001_devices", func(db *gorm.DB) error { return db.AutoMigrate(&Device{}) })
//
// It must be able to run again after it stopped anywhere: on MySQL and MariaDB each change of a table is committed
// separately, and one statement of a slow migration may still run when another instance begins. On other databases
// it runs in a transaction that is rolled back on an error. auth.MigrationSQL calls it with a handle that changes
// nothing, to print the statements, so it must only use the handle. It must not pause for longer than 30 seconds
// between statements.
func (s *Setup) Migration(id string, up func(*gorm.DB) error) {
	s.declaring().migrations = append(s.migrations, store.Migration{ID: id, Up: up})
}

// AfterMigrate adds a function that Migrate calls each time, after all migrations: for rows that the configuration defines. It must
// change nothing if nothing is to be done, and be safe while other instances do the same. A nil function is an error of New.
func (s *Setup) AfterMigrate(do func(context.Context) error) {
	if do == nil {
		s.fail(errors.New("AfterMigrate needs a function, got nil"))
		return
	}
	c := s.declaring().core
	c.migrated = append(c.migrated, func(ctx context.Context) error {
		if err := do(ctx); err != nil {
			return s.named(err)
		}
		return nil
	})
}

// Migrate runs the pending migrations, and then what features do after them.
func (c *Core) Migrate(ctx context.Context) error {
	if err := c.Upkeep().Migrate(ctx); err != nil {
		return err
	}
	for _, do := range c.migrated {
		if err := do(ctx); err != nil {
			return fmt.Errorf("ginauth: migrate: %w", err)
		}
	}
	return nil
}

// UsersTable returns the name of the users' table.
func (c *Core) UsersTable() string { return c.store.UsersTable() }

// Tables names the feature's tables, as pointers to their models. auth.Check then reports missing tables and
// columns, as it does for the library's own. Tables creates nothing; see [Setup.Migration].
func (s *Setup) Tables(models ...any) { s.declaring().tables = append(s.tables, models...) }

// Check adds a check to auth.Check. Its findings are about setting: a setting, or a call such as "auth.Sweep". find
// must not change anything; it reports to the [Report]. If it returns an error or panics, that is a finding as
// well. It can be called concurrently, and is called only if the database answers and has all tables and columns. A
// nil function is an error of New.
func (s *Setup) Check(setting string, find func(context.Context, *Report) error) {
	if find == nil {
		s.fail(errors.New("Check needs a function, got nil"))
		return
	}
	s.declaring().checks = append(s.checks, check.Question{Setting: setting, Ask: func(ctx context.Context, say check.Say) error {
		return find(ctx, &Report{say})
	}})
}

// Report collects the findings of one check of a feature; see [Setup.Check]. Its texts must not contain a secret.
type Report struct{ say check.Say }

// Error reports a problem that must be fixed before going live, and how to fix it.
func (r *Report) Error(problem, fix string) { r.say(check.Error, problem, fix) }

// Warning reports a setting that weakens security, or something that does not work as intended.
func (r *Report) Warning(problem, fix string) { r.say(check.Warning, problem, fix) }

// Note reports something that is right for some applications, and that an operator should read once.
func (r *Report) Note(problem, fix string) { r.say(check.Note, problem, fix) }
