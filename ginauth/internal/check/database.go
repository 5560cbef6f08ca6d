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
	longExpired  = 7 * 24 * time.Hour // longer than Sweep keeps anything but failed mails
	mostExpired  = 10_000             // rows of a table that are long over
	mostCounted  = 1_000
	mostListed   = 10
)

// A question is asked of the database if it applies there.
type question struct {
	applies       bool
	setting, what string
	ask           func(context.Context) error
}

// database asks the database each question by itself, if it answers at all.
func (k *checker) database(ctx context.Context) error {
	if k.Store == nil { // there is none, or NewUser is refused
		return nil
	}
	if err := k.Store.Reachable(ctx); err != nil {
		k.report(row{true, Error, "Database", fmt.Sprintf("does not answer: %v", err),
			"see that it runs, and that the DSN and the rights of its user are right"})
		return nil
	}
	kind, complete := k.Store.Kind(), true
	k.report(row{kind != "sqlite" && k.Store.Connections() == 1, Note, "Database",
		"the pool has one connection: requests wait for each other", "raise SetMaxOpenConns"})
	k.ask(ctx,
		question{true, "Database", "its clock", k.clock},
		question{kind == "sqlite", "Database", "SQLite's settings", k.sqlite},
		question{kind == "mysql", "Database", "the time zone of the DSN", k.zone},
		question{kind == "mysql", "Database", "the character sets", k.charset},
		question{kind == "mysql", "Database", "the cluster", k.cluster},
		question{true, "Database", "the pooler before it", k.pooler},
		question{true, "auth.Migrate", "tables and columns", func(ctx context.Context) (err error) {
			complete, err = k.tables(ctx)
			return err
		}},
	)
	if complete { // else what is asked of tables would only say so again
		k.ask(ctx,
			question{true, "auth.Migrate", "migrations", k.pending},
			question{true, "auth.Migrate", "users without keys", k.keys},
			question{true, "auth.Sweep", "what has expired", k.expired},
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

// pooler finds a pooler that gives each transaction another connection, where statements have names.
func (k *checker) pooler(ctx context.Context) error {
	err := k.Store.Pooled(ctx)
	if errors.Is(err, store.ErrPooler) {
		k.report(row{true, Error, "Database", fmt.Sprintf("requests fail with 503: %v", err), store.FixPooler})
		return nil
	}
	return err
}

// cluster finds a Galera cluster whose DSN lacks what it needs there.
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
		fmt.Sprintf("the clock here is %s %s the database's: where instances differ, sessions and links end too early or too late", off.Abs(), ahead),
		"set both machines by NTP, and leave Now out"})
	return nil
}

// sqlite reads what the DSN sets for a connection.
func (k *checker) sqlite(ctx context.Context) error {
	for _, p := range []struct{ name, bad, want, why string }{
		{"journal_mode", "", "WAL", "readers and writers keep each other out"},
		{"busy_timeout", "0", "5000", "who comes second fails at once instead of waiting"},
		{"foreign_keys", "0", "1", "foreign keys are not looked after"},
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
		fmt.Sprintf("times are stored in the zone %q: instances with another one read them wrongly, and an hour a year comes twice", zone), store.FixZone})
	return err
}

// charset looks for what cannot store every letter.
func (k *checker) charset(ctx context.Context) error {
	charset, err := k.Store.Charset(ctx)
	if err != nil {
		return err
	}
	k.report(row{charset != "utf8mb4", Error, "Database",
		fmt.Sprintf("the DSN sends text in %s, which lacks emoji and rare letters: requests with them get 400, even as User-Agent", charset), store.FixCharset})
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

// pending finds migrations that add no table or column, or the finding of those would say it.
func (k *checker) pending(ctx context.Context) error {
	ids, err := k.Store.Pending(ctx, k.Migrations)
	k.report(row{len(ids) > 0, Error, "auth.Migrate", "migrations that the database has not had: " + strings.Join(ids, ", "),
		store.FixMigrate + "; auth.MigrationSQL prints what they change"})
	return err
}

// features asks what features want to know.
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
		fmt.Sprintf("users share a name or an address with an older one, or came after it ran, and cannot log in by it: ids %s%s",
			strings.Trim(fmt.Sprint(ids), "[]"), more),
		"change it in these rows and call auth.Migrate"})
	return err
}

func (k *checker) expired(ctx context.Context) error {
	tables, err := k.Store.Expired(ctx, k.Now().Add(-longExpired), mostExpired)
	k.report(row{len(tables) > 0, Note, "auth.Sweep",
		fmt.Sprintf("more than %d rows each were over a week ago, harmless but kept: %s", mostExpired, strings.Join(tables, ", ")),
		"run auth.Run beside the server, or call auth.Sweep every hour"})
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
			fmt.Sprintf("mails that have been due for more than %s, and that nobody sends: %s", outbox.MaxWait, count(untaken)),
			"run auth.Run beside the server"},
		row{failed > 0, Warning, "Mail.Sender",
			"mails that were given up: " + count(failed), "auth_outbox.reason says why; mend it and call auth.RetryFailedMails"},
		row{retried > 0, Note, "Mail.Sender",
			"mails that could not be sent so far, and are tried again: " + count(retried), "auth_outbox.reason says why"},
	)
	return err
}
