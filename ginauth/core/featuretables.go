package core

// What a feature declares of its tables: migrations, and what Check looks for.

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/check"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// declare calls a feature, and takes what it declares unless it fails.
func (c *Core) declare(feature Feature) error {
	if feature == nil {
		return errors.New("a feature in the arguments of New is nil")
	}
	s := &Setup{core: c}
	err := feature(s)
	s.returned = true
	err = errors.Join(err, s.failed, store.NameMigrations(s.name, s.migrations))
	if err != nil {
		return s.named(err)
	}
	c.migrations, c.tables, c.checks = append(c.migrations, s.migrations...), append(c.tables, s.tables...), append(c.checks, s.checks...)
	return nil
}

// Migration adds a migration of the feature: Migrate calls up once per database, in the order of declaration and after the
// library's own, and records it in auth_migration as "name/id". The id has letters, digits, _, - and ., and differs from the feature's others
// not only by case. A migration that is released must never change; add another.
//
// up changes tables with the handle it gets, for which tables have the character set they need:
//
//	s.Migration("0001_devices", func(db *gorm.DB) error { return db.AutoMigrate(&Device{}) })
//
// It must be able to run again after it stopped anywhere: on MySQL and MariaDB each change of a table is committed by itself,
// and one statement of a slow migration may run while another instance begins. Elsewhere it runs in a transaction that is rolled
// back on an error. auth.MigrationSQL calls it with a handle that changes nothing, to print the statements, so
// it must not do anything else than use the handle. It must not pause for longer than 30 seconds between statements.
func (s *Setup) Migration(id string, up func(*gorm.DB) error) {
	s.declaring().migrations = append(s.migrations, store.Migration{ID: id, Up: up})
}

// Tables names the feature's tables, as pointers to their models. A table or column that is missing in the database is
// then a finding of auth.Check, as it is for the library's own. It creates nothing; see [Setup.Migration].
func (s *Setup) Tables(models ...any) { s.declaring().tables = append(s.tables, models...) }

// Check adds to what auth.Check finds. setting is what its findings are of: a setting, or what an operator calls. find
// looks, without changing anything, and reports; an error or a panic of it is a finding as well. It is called
// concurrently if Check is, and only if the database answers and lacks no table or column. A nil function is an error of New.
func (s *Setup) Check(setting string, find func(context.Context, *Report) error) {
	if find == nil {
		s.fail(errors.New("Check needs a function, got nil"))
		return
	}
	s.declaring().checks = append(s.checks, check.Question{Setting: setting, Ask: func(ctx context.Context, say check.Say) error {
		return find(ctx, &Report{say})
	}})
}

// Report takes the findings of one check of a feature; see [Setup.Check]. No text may have a secret in it.
type Report struct{ say check.Say }

// Error reports a problem that must be fixed before going live, and what fixes it.
func (r *Report) Error(problem, fix string) { r.say(check.Error, problem, fix) }

// Warning reports what weakens, or does not work as it should.
func (r *Report) Warning(problem, fix string) { r.say(check.Warning, problem, fix) }

// Note reports what is right for some and should be read once.
func (r *Report) Note(problem, fix string) { r.say(check.Note, problem, fix) }
