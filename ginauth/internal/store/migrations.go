package store

// The library's own migrations, and the record of migrations that have run.

import (
	"context"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// A Migration changes tables, once per database. Up must be able to run again after an interruption at any point, since
// MySQL commits each change of a table separately.
type Migration struct {
	ID string
	Up func(*gorm.DB) error
}

// migrationRow is a migration that has run. gormigrate writes it.
type migrationRow struct {
	ID string `gorm:"primaryKey;size:190"`
}

// maxMigrationID is the size of migrationRow.ID: few enough bytes for an index in MySQL's older row formats.
const maxMigrationID = 190

// TableName implements schema.Tabler.
func (migrationRow) TableName() string { return "auth_migration" }

// all returns the library's own migrations and then those of features. The migration without an ID is never recorded: it
// adds new columns of the application's user, and anything that was removed.
func (s *Store) all(features []Migration) []Migration {
	library := []Migration{
		{"0001_tables", func(db *gorm.DB) error { return s.complete(db, s.dropOld) }},
		{"0002_factors", func(db *gorm.DB) error { return addColumns(onlyAdds(db), s.newUser(), "Factors") }},
		{"0003_short_sessions", func(db *gorm.DB) error { return addColumns(db, &models.Session{}, "Short") }},
		{"0004_bans", func(db *gorm.DB) error {
			return addColumns(onlyAdds(db), s.newUser(), "BannedAt", "BannedUntil", "BanReason")
		}},
		{"0005_proofs", func(db *gorm.DB) error { return addColumns(db, &models.Session{}, "Factors", "Proofs") }},
		{"0006_mail_priority", func(db *gorm.DB) error { return addColumns(db, &models.OutboxMail{}, "Priority") }},
		{"0007_confirmed_without_session", func(db *gorm.DB) error { return addColumns(db, &models.Email{}, "NoSession") }},
		{"0008_event_actor", func(db *gorm.DB) error { return addColumns(db, &models.Event{}, "ActorID") }},
		{"0009_session_actor", func(db *gorm.DB) error {
			return addColumns(db, &models.Session{}, "ActorID", "ActorSession", "ActorEpoch")
		}},
		{"", func(db *gorm.DB) error { return s.complete(db, nil) }},
	}
	return append(library, features...)
}

// complete creates missing tables, columns and indexes; for the users' table, see additive. between runs when the users'
// table is complete.
func (s *Store) complete(db *gorm.DB, between func(*gorm.DB) error) error {
	within := *s
	within.db = db
	if err := within.widen(db.Statement.Context); err != nil {
		return err
	}
	if err := onlyAdds(db).AutoMigrate(s.newUser()); err != nil {
		return err
	}
	if between != nil {
		if err := between(db); err != nil {
			return err
		}
	}
	return db.AutoMigrate(models.All()...)
}

// onlyAdds returns a handle for the users' table, which may belong to another program, and to which other tables refer.
func onlyAdds(db *gorm.DB) *gorm.DB {
	users := db.Session(&gorm.Session{})
	settings := *users.Config
	settings.Dialector = additive{settings.Dialector}
	users.Config = &settings
	return users
}

// dropOld removes what versions before 1.0 had and later ones must not have: an index that allowed an address for one user
// only, and a counter of attempts on each ticket.
func (s *Store) dropOld(db *gorm.DB) error {
	m, user := db.Migrator(), s.newUser()
	if m.HasIndex(user, "idx_auth_user_email_key") {
		if err := m.DropIndex(user, "idx_auth_user_email_key"); err != nil {
			return err
		}
	}
	if !m.HasTable(&models.Ticket{}) || !m.HasColumn(&models.Ticket{}, "attempts") {
		return nil
	}
	return db.Exec("ALTER TABLE auth_ticket DROP COLUMN attempts").Error
}

// addColumns adds the columns of fields. The table is missing only when nothing is run, see plan.
func addColumns(db *gorm.DB, of any, fields ...string) error {
	m := db.Migrator()
	for _, field := range fields {
		if !m.HasTable(of) || m.HasColumn(of, field) {
			continue
		}
		if err := m.AddColumn(of, field); err != nil {
			return err
		}
	}
	return nil
}

// recorded returns the IDs of the migrations that have run.
func (s *Store) recorded(ctx context.Context) (map[string]bool, error) {
	var ids []string
	err := s.retry(ctx, func() error { return s.db.WithContext(ctx).Table(migrationRow{}.TableName()).Pluck("id", &ids).Error })
	if says(err, noTable) {
		err = nil
	}
	done := map[string]bool{}
	for _, id := range ids {
		done[id] = true
	}
	return done, err
}

// Pending returns the IDs of the migrations that have not run, in order.
func (s *Store) Pending(ctx context.Context, features []Migration) (ids []string, err error) {
	if ctx == nil {
		return nil, errNoContext
	}
	done, err := s.recorded(ctx)
	for _, m := range s.all(features) {
		if err == nil && m.ID != "" && !done[m.ID] {
			ids = append(ids, m.ID)
		}
	}
	return ids, err
}
