package ginauth

import (
	"context"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Before the first request: Migrate, Check and Ping.

// Migrate creates the tables, columns and indexes that are missing: auth_session,
// auth_email, auth_ticket, auth_outbox, auth_counter and the table of the user model. It
// drops and renames nothing, and may be run at every start and by several instances at once.
// It does not change existing columns of the users' table: to change one of your own, write a
// migration. On SQLite it adds no constraints to an existing users' table either.
//
// Then users that another program or an older version wrote get the keys by which they are found
// at login, in batches and without holding the lock. Users can share an address. If two share a
// name in its normal form, the older one has it; the IDs of the others are logged, and they can
// log in by their address.
func (a *Auth) Migrate(ctx context.Context) error { return a.core.Migrate(ctx) }

// Check looks for what New cannot refuse, because it is right in development or depends on
// the database, and returns it by severity and name; nil when all is well. It is for an
// operator before going live, and for an alarm after that. The function [Check] is for a
// configuration that New may refuse.
//
// The database is only read, some rows of each table at most. What cannot be found out is a
// finding, too. No finding has a secret in it.
func (a *Auth) Check(ctx context.Context) []core.Finding { return a.core.Check(ctx) }

// Ping returns nil if the database answers a query on the library's tables, for health checks: a
// database that is up but empty, or a SQLite file that was deleted, is an error.
func (a *Auth) Ping(ctx context.Context) error { return a.core.Ping(ctx) }
