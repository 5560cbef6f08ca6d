package ginauth

// Check, the database: connection, clock, tables, and rows that pile up.

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
	longOver     = 7 * 24 * time.Hour // longer than Sweep keeps anything but failed mails
	mostOver     = 10_000             // rows of a table that are long over
	mostCounted  = 1_000
	mostListed   = 10
)

// Ping returns nil if the database answers a query on the library's tables, for health checks: a
// database that is up but empty, or a SQLite file that was deleted, is an error.
func (a *Auth) Ping(ctx context.Context) error {
	if err := a.store.Ping(ctx); err != nil {
		return fmt.Errorf("ginauth: %w", err)
	}
	return nil
}

// ofDatabase asks the database each question by itself, if it answers at all.
func (k *checker) ofDatabase(ctx context.Context) error {
	if k.store == nil { // there is none, or NewUser is refused
		return nil
	}
	if err := k.store.Answers(ctx); err != nil {
		k.add(SeverityError, "Database", "see that it runs, and that the DSN and the rights of its user are right", "does not answer: %v", err)
		return nil
	}
	k.ofPool()
	ask := func(setting, what string, question func(context.Context) error) {
		k.look(setting, what, func() error { return question(ctx) })
	}
	ask("Database", "its clock", k.ofClock)
	if k.store.Kind() == "sqlite" {
		ask("Database", "SQLite's settings", k.ofSQLite)
	}
	if k.store.Kind() == "mysql" {
		ask("Database", "the time zone of the DSN", k.ofZone)
		ask("Database", "the character sets", k.ofCharset)
	}
	ask("Database", "the pooler before it", k.ofPooler)
	before := len(k.found)
	ask("auth.Migrate", "tables and columns", k.ofTables)
	if len(k.found) > before && k.found[before].Severity == SeverityError {
		return nil // what is asked of tables would only say so again
	}
	ask("auth.Migrate", "users without keys", k.ofKeys)
	ask("auth.Sweep", "what has expired", k.ofSweep)
	if k.cfg.Mail.Sender != nil {
		ask("auth.RunOutbox", "the outbox", k.ofOutbox)
	}
	return nil
}

func (k *checker) ofPool() {
	if k.store.Kind() != "sqlite" && k.store.Connections() == 1 {
		k.add(SeverityNote, "Database", "raise SetMaxOpenConns", "the pool has one connection: requests wait for each other")
	}
}

// ofPooler finds a pooler that gives each transaction another connection, where statements have names.
func (k *checker) ofPooler(ctx context.Context) error {
	err := k.store.Pooled(ctx)
	if errors.Is(err, store.ErrPooler) {
		k.add(SeverityError, "Database", store.FixPooler, "requests fail with 503: %v", err)
		return nil
	}
	return err
}

func (k *checker) ofClock(ctx context.Context) error {
	before := k.now()
	theirs, err := k.store.Clock(ctx)
	if err != nil {
		return err
	}
	ours := before.Add(k.now().Sub(before) / 2)
	if off := ours.Sub(theirs).Round(time.Second); off.Abs() > mostClockOff {
		ahead := "ahead of"
		if off < 0 {
			ahead = "behind"
		}
		k.add(SeverityWarning, "Database", "set both machines by NTP, and leave Now out",
			"the clock here is %s %s the database's: where instances differ, sessions and links end too early or too late", off.Abs(), ahead)
	}
	return nil
}

// ofSQLite reads what the DSN sets for a connection.
func (k *checker) ofSQLite(ctx context.Context) error {
	for _, p := range []struct{ name, bad, want, why string }{
		{"journal_mode", "", "WAL", "readers and writers keep each other out"},
		{"busy_timeout", "0", "5000", "who comes second fails at once instead of waiting"},
		{"foreign_keys", "0", "1", "foreign keys are not looked after"},
	} {
		value, err := k.store.Pragma(ctx, p.name)
		if err != nil {
			return err
		}
		if value == p.bad || p.bad == "" && !strings.EqualFold(value, p.want) {
			k.add(SeverityWarning, "Database", fmt.Sprintf("put _%[1]s=%[2]s into the DSN, for modernc.org/sqlite _pragma=%[1]s(%[2]s)", p.name, p.want),
				"SQLite has %s %s: %s", p.name, value, p.why)
		}
	}
	return nil
}

func (k *checker) ofZone(ctx context.Context) error {
	zone, err := k.store.Zone(ctx)
	if err == nil && zone != "UTC" {
		k.add(SeverityWarning, "Database", store.FixZone,
			"times are stored in the zone %q: instances with another one read them wrongly, and an hour a year comes twice", zone)
	}
	return err
}

// ofCharset looks for what cannot store every letter.
func (k *checker) ofCharset(ctx context.Context) error {
	charset, err := k.store.Charset(ctx)
	if err != nil {
		return err
	}
	if charset != "utf8mb4" {
		k.add(SeverityError, "Database", store.FixCharset,
			"the DSN sends text in %s, which lacks emoji and rare letters: requests with them get 400, even as User-Agent", charset)
	}
	narrow, err := k.store.Narrow(ctx)
	if len(narrow) > 0 {
		k.add(SeverityWarning, "Database", store.FixCharset,
			"not utf8mb4, so that emoji and rare letters cannot be stored: %s", strings.Join(narrow, ", "))
	}
	return err
}

func (k *checker) ofTables(ctx context.Context) error {
	lacks, err := k.store.Lacks(ctx)
	if len(lacks) > 0 {
		k.add(SeverityError, "auth.Migrate", store.FixMigrate, "missing in the database: %s", strings.Join(lacks, ", "))
	}
	return err
}

func (k *checker) ofKeys(ctx context.Context) error {
	ids, err := k.store.WithoutKeys(ctx, mostListed+1)
	if len(ids) > 0 {
		more := ""
		if len(ids) > mostListed {
			ids, more = ids[:mostListed], " and more"
		}
		k.add(SeverityWarning, "auth.Migrate", "change it in these rows and call auth.Migrate",
			"users share a name or an address with an older one, or came after it ran, and cannot log in by it: ids %s%s",
			strings.Trim(fmt.Sprint(ids), "[]"), more)
	}
	return err
}

func (k *checker) ofSweep(ctx context.Context) error {
	tables, err := k.store.LongOver(ctx, k.now().Add(-longOver), mostOver)
	if len(tables) > 0 {
		k.add(SeverityNote, "auth.Sweep", "run auth.Run beside the server, or call auth.Sweep every hour",
			"more than %d rows each were over a week ago, harmless but kept: %s", mostOver, strings.Join(tables, ", "))
	}
	return err
}

func (k *checker) ofOutbox(ctx context.Context) error {
	failed, untaken, retried, err := k.store.StuckMails(ctx, k.now().Add(-outbox.MaxWait), mostCounted)
	count := func(n int64) string {
		if n == mostCounted {
			return fmt.Sprintf("%d or more", n)
		}
		return fmt.Sprint(n)
	}
	if untaken > 0 {
		k.add(SeverityWarning, "auth.RunOutbox", "run auth.Run beside the server", "mails that have been due for more than %s, and that nobody sends: %s", outbox.MaxWait, count(untaken))
	}
	if failed > 0 {
		k.add(SeverityWarning, "Mail.Sender", "auth_outbox.reason says why; mend it and call auth.RetryFailedMails", "mails that were given up: %s", count(failed))
	}
	if retried > 0 {
		k.add(SeverityNote, "Mail.Sender", "auth_outbox.reason says why", "mails that could not be sent so far, and are tried again: %s", count(retried))
	}
	return err
}
