package check

// The database: connection, clock, tables, and rows that pile up.

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/outbox"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

const (
	mostClockOff = 30 * time.Second
	longExpired  = 7 * 24 * time.Hour // longer than Sweep keeps anything except failed mails
	mostExpired  = 10_000             // rows of a table that expired long ago
	mostCounted  = 1_000
	mostListed   = 10
)

// A question is a check of the database, and whether it applies there.
type question struct {
	applies       bool
	setting, what string
	ask           func(context.Context) error
}

// database runs every check of the database if it can be reached.
func (k *checker) database(ctx context.Context) error {
	if k.Store == nil { // there is no database, or New rejected NewUser
		return nil
	}
	if err := k.Store.Reachable(ctx); err != nil {
		k.report(row{true, Error, "Database", fmt.Sprintf("cannot be reached: %v", err),
			"check that it runs, the DSN, and the rights of its user"})
		return nil
	}
	kind, complete := k.Store.Kind(), true
	k.report(row{kind != "sqlite" && k.Store.Connections() == 1, Note, "Database",
		"the pool has one connection: requests wait for each other", "raise SetMaxOpenConns"})
	k.report(row{k.Store.Unbounded(), Warning, "Database",
		"a network that stops while a transaction is committed holds the request for minutes", store.FixUnbounded})
	k.ask(ctx,
		question{true, "Database", "its clock", k.clock},
		question{kind == "sqlite", "Database", "SQLite's settings", k.sqlite},
		question{kind == "mysql", "Database", "the time zone of the DSN", k.zone},
		question{kind == "mysql", "Database", "the character sets", k.charset},
		question{kind == "mysql", "Database", "the cluster", k.cluster},
		question{true, "Database", "the pooler in front of it", k.pooler},
		question{true, "auth.Migrate", "tables and columns", func(ctx context.Context) (err error) {
			complete, err = k.tables(ctx)
			return err
		}},
	)
	if complete { // otherwise these checks would report missing tables again
		k.ask(ctx,
			question{true, "auth.Migrate", "migrations", k.pending},
			question{true, "auth.Migrate", "users without keys", k.keys},
			question{true, "auth.Sweep", "what has expired", k.expired},
			question{true, "auth.Ban", "deletions held by a ban", k.held},
			question{k.Config.Mail.Sender != nil, "auth.RunOutbox", "the outbox", k.outbox},
			question{true, "ginauth.New", "features", k.features},
		)
	}
	return nil
}

func (k *checker) ask(ctx context.Context, questions ...question) {
	for _, q := range questions {
		if q.applies {
			k.look(q.setting, q.what, func() error { return q.ask(ctx) })
		}
	}
}

// pooler detects a pooler that gives each transaction another connection while statements are named.
func (k *checker) pooler(ctx context.Context) error {
	err := k.Store.Pooled(ctx)
	if errors.Is(err, store.ErrPooler) {
		k.report(row{true, Error, "Database", fmt.Sprintf("requests fail with 503: %v", err), store.FixPooler})
		return nil
	}
	return err
}

// cluster detects a Galera cluster whose DSN misses a required setting.
func (k *checker) cluster(ctx context.Context) error {
	c, err := k.Store.Cluster(ctx)
	k.report(row{c.Prepared, Warning, "Database",
		fmt.Sprintf("a Galera cluster, here of %d nodes, can lose the abort of a transaction with prepared statements, and commit the rest of it", c.Nodes),
		store.FixPrepared})
	k.report(row{c.Stale, Warning, "Database",
		"connections go to several nodes of a Galera cluster: what one node has just stored can be missing on another", store.FixStale})
	return err
}

func (k *checker) clock(ctx context.Context) error {
	before := k.Now()
	theirs, err := k.Store.Clock(ctx)
	if err != nil {
		return err
	}
	ours := before.Add(k.Now().Sub(before) / 2)
	off, ahead := ours.Sub(theirs).Round(time.Second), "ahead of"
	if off < 0 {
		ahead = "behind"
	}
	k.report(row{off.Abs() > mostClockOff, Warning, "Database",
		fmt.Sprintf("the clock of this host is %s %s the database's: if instances differ, sessions and links end too early or too late", off.Abs(), ahead),
		"set both machines by NTP, and leave Now out"})
	return nil
}

// sqlite reads the settings of a connection.
func (k *checker) sqlite(ctx context.Context) error {
	for _, p := range []struct{ name, bad, want, why string }{
		{"journal_mode", "", "WAL", "readers and writers block each other"},
		{"busy_timeout", "0", "5000", "a second writer fails at once instead of waiting"},
		{"foreign_keys", "0", "1", "foreign keys are not enforced"},
	} {
		value, err := k.Store.Pragma(ctx, p.name)
		if err != nil {
			return err
		}
		k.report(row{value == p.bad || p.bad == "" && !strings.EqualFold(value, p.want), Warning, "Database",
			fmt.Sprintf("SQLite has %s %s: %s", p.name, value, p.why),
			fmt.Sprintf("put _%[1]s=%[2]s into the DSN, for modernc.org/sqlite _pragma=%[1]s(%[2]s)", p.name, p.want)})
	}
	return nil
}

func (k *checker) zone(ctx context.Context) error {
	zone, err := k.Store.Zone(ctx)
	k.report(row{err == nil && zone != "UTC", Warning, "Database",
		fmt.Sprintf("times are stored in the zone %q: instances in other zones read them wrongly, and one hour a year is ambiguous", zone), store.FixZone})
	return err
}

// charset finds character sets that cannot store every letter.
func (k *checker) charset(ctx context.Context) error {
	charset, err := k.Store.Charset(ctx)
	if err != nil {
		return err
	}
	k.report(row{charset != "utf8mb4", Error, "Database",
		fmt.Sprintf("the DSN sends text in %s, which has no emoji and rare letters: requests that contain them get 400, even in User-Agent", charset), store.FixCharset})
	narrow, err := k.Store.Narrow(ctx)
	k.report(row{len(narrow) > 0, Warning, "Database",
		"not utf8mb4, so that emoji and rare letters cannot be stored: " + strings.Join(narrow, ", "), store.FixCharset})
	return err
}

func (k *checker) tables(ctx context.Context) (complete bool, err error) {
	missing, err := k.Store.Missing(ctx, k.Tables...)
	k.report(row{len(missing) > 0, Error, "auth.Migrate", "missing in the database: " + strings.Join(missing, ", "), store.FixMigrate})
	return len(missing) == 0, err
}

// pending finds migrations that have not run. Missing tables and columns are reported elsewhere.
func (k *checker) pending(ctx context.Context) error {
	ids, err := k.Store.Pending(ctx, k.Migrations)
	k.report(row{len(ids) > 0, Error, "auth.Migrate", "migrations that have not run: " + strings.Join(ids, ", "),
		store.FixMigrate + "; auth.MigrationSQL prints what they change"})
	return err
}

// features runs the checks of features.
func (k *checker) features(ctx context.Context) error {
	for _, q := range k.Questions {
		k.look(q.Setting, q.Setting, func() error {
			return q.Ask(ctx, func(severity Severity, problem, fix string) { k.report(row{true, severity, q.Setting, problem, fix}) })
		})
	}
	return nil
}

func (k *checker) keys(ctx context.Context) error {
	ids, err := k.Store.WithoutKeys(ctx, mostListed+1)
	more := ""
	if len(ids) > mostListed {
		ids, more = ids[:mostListed], " and more"
	}
	k.report(row{len(ids) > 0, Warning, "auth.Migrate",
		fmt.Sprintf("users cannot log in by a name or address that an older user has, or that was added after the last migration: ids %s%s",
			strings.Trim(fmt.Sprint(ids), "[]"), more),
		"change it in these rows and call auth.Migrate"})
	return err
}

func (k *checker) expired(ctx context.Context) error {
	tables, err := k.Store.Expired(ctx, k.Now().Add(-longExpired), mostExpired)
	k.report(row{len(tables) > 0, Note, "auth.Sweep",
		fmt.Sprintf("more than %d rows each expired over a week ago; they are harmless but take space: %s", mostExpired, strings.Join(tables, ", ")),
		"run auth.Run next to the server, or call auth.Sweep every hour"})
	return err
}

func (k *checker) held(ctx context.Context) error {
	n, err := k.Store.HeldDeletions(ctx, k.Now(), mostCounted)
	k.report(row{n > 0, Note, "auth.Ban", fmt.Sprintf("users who asked for the deletion of their account, and are kept by a ban: %d (counted up to %d)", n, mostCounted),
		"decide about each: auth.DeleteUser deletes at once, auth.Unban lets auth.Sweep do it"})
	return err
}

func (k *checker) outbox(ctx context.Context) error {
	failed, untaken, retried, err := k.Store.StuckMails(ctx, k.Now().Add(-outbox.MaxWait), mostCounted)
	count := func(n int64) string {
		if n == mostCounted {
			return fmt.Sprintf("%d or more", n)
		}
		return fmt.Sprint(n)
	}
	k.report(
		row{untaken > 0, Warning, "auth.RunOutbox",
			fmt.Sprintf("mails have been due for more than %s, but no process sends them: %s", outbox.MaxWait, count(untaken)),
			"run auth.Run next to the server"},
		row{failed > 0, Warning, "Mail.Sender",
			"mails that were given up: " + count(failed), "read the reason in auth_outbox.reason, fix it and call auth.RetryFailedMails"},
		row{retried > 0, Note, "Mail.Sender",
			"mails that failed so far and will be retried: " + count(retried), "read the reason in auth_outbox.reason"},
	)
	return err
}
