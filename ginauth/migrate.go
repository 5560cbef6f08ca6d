package ginauth

// Before the first request: Migrate, and what it would do.

import (
	"context"
	"io"
)

// Migrate runs the migrations that this database has not had, records them in auth_migration, and creates the tables, columns and
// indexes that are missing: auth_session, auth_email, auth_ticket, auth_outbox, auth_counter, those of features, and the
// table of the user model. It does not change existing columns of the users' table: to change one of your own,
// write a migration. On SQLite it adds no constraints to an existing users' table either.
//
// Call it at every start. Instances that have something to do wait for each other until the context's deadline, or for ten seconds
// if it has none, and then return an error; the work itself is not limited then. Migrations run again if an instance
// died in the middle. One Auth can migrate from several goroutines. Two Auths on one *gorm.DB must do so one after
// the other: GORM's migrator writes into schemas that belong to the handle.
//
// Then users that another program or an older version wrote get the keys by which they are found
// at login, in batches and without holding the lock. Users can share an address. If two share a
// name in its normal form, the older one has it; the IDs of the others are logged, and they can
// log in by their address.
func (a *Auth) Migrate(ctx context.Context) error { return a.core.Upkeep().Migrate(ctx) }

// PendingMigrations returns the IDs of the migrations that this database has not had, in the order in which Migrate runs
// them: the library's own, as "0001_tables", and those of features with the feature's name, as "totp/0001_devices". It only
// reads. Columns that your user type has gained are in no migration; Check finds them, and MigrationSQL prints them.
func (a *Auth) PendingMigrations(ctx context.Context) ([]string, error) {
	return a.core.Upkeep().PendingMigrations(ctx)
}

// MigrationSQL writes the statements with which Migrate would change tables now, and changes nothing: read them before a
// release, or run them as another user of the database. A migration that depends on what it has
// changed itself cannot be printed; a comment says so. The keys that Migrate gives to users of other programs are
// not printed. It writes nothing if nothing has to be done.
func (a *Auth) MigrationSQL(ctx context.Context, w io.Writer) error {
	return a.core.Upkeep().MigrationSQL(ctx, w)
}
