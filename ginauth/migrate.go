package ginauth

// Migrations: Migrate, and calls that show what it would do.

import (
	"context"
	"io"
)

// Migrate runs the migrations that this database has not had, records them in auth_migration, and creates missing
// tables, columns and indexes: of auth_session, auth_email, auth_ticket, auth_outbox, auth_counter, the tables of
// features, and the table of the user model. It does not change existing columns of the users' table: to change one
// of your own, write a migration. On SQLite it adds no constraints to an existing users' table either.
//
// Call it at every start. Instances that have something to do wait for each other until the context's deadline, or
// for ten seconds if it has none, and then return an error; the work itself has no limit. A migration runs again if
// an instance died in the middle. One Auth can migrate from several goroutines. Two Auths on one *gorm.DB must do
// so one after the other, because GORM's migrator writes into schemas that belong to the handle.
//
// After that, users that another program or an older version wrote get the keys that logins find them by, in
// batches and without holding the lock. Users can share an address. If two users share a name in its normal form,
// the older one keeps it; the IDs of the others are logged, and they can log in with their address. At last, features
// write the rows that their options define, such as groups of package roles.
func (a *Auth) Migrate(ctx context.Context) error { return a.core.Migrate(ctx) }

// PendingMigrations returns the IDs of the migrations that this database has not had, in the order in which Migrate
// runs them: the library's own, such as "0001_tables", and those of features after the feature's name, such as
// "totp/0001_devices". It only reads. New columns of your user type are not part of a migration; Check finds them,
// and MigrationSQL prints them.
func (a *Auth) PendingMigrations(ctx context.Context) ([]string, error) {
	return a.core.Upkeep().PendingMigrations(ctx)
}

// MigrationSQL writes the statements with which Migrate would change tables now, and changes nothing. Read them
// before a release, or run them as another user of the database. A migration that depends on its own earlier
// changes cannot be printed; a comment says so. The keys that Migrate gives to users of other programs are not
// printed. It writes nothing if there is nothing to do.
func (a *Auth) MigrationSQL(ctx context.Context, w io.Writer) error {
	return a.core.Upkeep().MigrationSQL(ctx, w)
}
