package store

// Rate limits: the state of buckets, changed by single statements.

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/limit"
	"github.com/ginauth/gin-rest-auth/models"
)

// limits are the tables' names in the statements below.
const limits = "auth_limit"

// TakeLimits implements limit.Store by one statement.
func (s *Store) TakeLimits(ctx context.Context, now int64, buckets []limit.Bucket) (taken []limit.Taken, err error) {
	sorted := slices.Clone(buckets) // all transactions lock rows in the same order
	slices.SortFunc(sorted, func(a, b limit.Bucket) int { return strings.Compare(a.Name, b.Name) })
	by := rand.Text()
	statement, values := s.takeLimits(now, by, sorted)
	found := map[string]limit.Taken{}
	err = s.retry(ctx, func() error {
		return s.runner(ctx).each(&statement, func(rows *sql.Rows) error {
			var row models.Limit
			if err := rows.Scan(&row.Name, &row.TakenBy, &row.Attempts, &row.NotBefore); err != nil {
				return err
			}
			found[row.Name] = limit.Taken{OK: row.TakenBy == by, State: limit.State{Until: row.NotBefore, Count: row.Attempts}}
			return nil
		}, values...)
	})
	for _, b := range buckets {
		taken = append(taken, found[b.Name])
	}
	return taken, err
}

// sqlWriter writes a statement with its values.
type sqlWriter struct {
	strings.Builder
	number string // a parameter for a number: PostgreSQL does not guess its type within CASE
	values []any
}

func (w *sqlWriter) text(format string, args ...any) { fmt.Fprintf(&w.Builder, format, args...) }

func (w *sqlWriter) num(n int64) string {
	w.values = append(w.values, n)
	return w.number
}

// each writes CASE name WHEN ... END with one expression per bucket.
func (w *sqlWriter) each(buckets []limit.Bucket, expression func(limit.Bucket)) {
	w.text("CASE %s.name", limits)
	for _, b := range buckets {
		w.values = append(w.values, b.Name)
		w.text(" WHEN ? THEN ")
		expression(b)
	}
	w.text(" END")
}

func (s *Store) newSQL() *sqlWriter {
	number := "?"
	if s.Kind() == "postgres" {
		number = "CAST(? AS BIGINT)"
	}
	return &sqlWriter{number: number}
}

// takeLimits writes the statement that takes an attempt from each bucket which has one. It computes what limit.Rule.Take
// does. MySQL assigns one column after the other, and reads what it has assigned.
func (s *Store) takeLimits(now int64, by string, buckets []limit.Bucket) (written, []any) {
	w, mysql := s.newSQL(), s.Kind() == "mysql"
	w.text("INSERT INTO %s (name, taken_by, attempts, not_before, expires_at) VALUES ", limits)
	for i, b := range buckets {
		first, _ := b.Rule.Take(limit.State{}, now)
		if i > 0 {
			w.text(", ")
		}
		w.text("(?, ?, ?, ?, ?)")
		w.values = append(w.values, b.Name, by, first.Count, first.Until, b.Rule.Expires(first.Count, now))
	}
	excluded := "excluded.%s"
	if mysql {
		w.text(" ON DUPLICATE KEY UPDATE ")
		excluded = "VALUES(%s)"
	} else {
		w.text(" ON CONFLICT (name) DO UPDATE SET ")
	}
	open := func() { // before the first assignment
		w.text("%s.not_before <= ", limits)
		w.each(buckets, func(b limit.Bucket) { w.text("%s", w.num(b.Rule.Open(now))) })
	}
	assign := func(column string, value func()) {
		w.text("%s = CASE WHEN ", column)
		if mysql && column != "taken_by" {
			w.text("taken_by = ?")
			w.values = append(w.values, by)
		} else {
			open()
		}
		w.text(" THEN ")
		value()
		w.text(" ELSE %s.%s END", limits, column)
	}
	assign("taken_by", func() { w.text(excluded, "taken_by") })
	w.text(", ")
	assign("attempts", func() { w.each(buckets, func(b limit.Bucket) { w.count(b.Rule, now) }) })
	w.text(", ")
	assign("not_before", func() { w.each(buckets, func(b limit.Bucket) { w.until(b.Rule, now, mysql) }) })
	w.text(", ")
	assign("expires_at", func() { w.each(buckets, func(b limit.Bucket) { w.expires(b.Rule, now, mysql) }) })
	w.text(" RETURNING name, taken_by, attempts, not_before")
	return write(s.db, limits, w.String()), w.values
}

// count writes the number of attempts after one more.
func (w *sqlWriter) count(r limit.Rule, now int64) {
	if r.Delay == 0 {
		w.text("0")
		return
	}
	w.text("CASE WHEN %[1]s.not_before <= CASE WHEN %[1]s.attempts < ", limits)
	w.text("%s THEN ", w.num(int64(r.Attempts)))
	w.text("%s ELSE ", w.num(now-r.Keep(0)))
	w.text("%s END THEN 1 ELSE %s.attempts + 1 END", w.num(now-r.Keep(int64(r.Attempts))), limits)
}

// until writes when the next attempt is possible. With counted, the column attempts has the new number.
func (w *sqlWriter) until(r limit.Rule, now int64, counted bool) {
	if r.Delay == 0 {
		w.text("CASE WHEN %s.not_before > ", limits)
		w.text("%s THEN %s.not_before ELSE ", w.num(now), limits)
		w.text("%s END + ", w.num(now))
		w.text("%s", w.num(r.Step()))
		return
	}
	attempts := func() { w.newCount(r, now, counted) }
	w.text("CASE WHEN ")
	attempts()
	w.text(" < %s THEN ", w.num(int64(r.Attempts)))
	w.text("%s ELSE CASE ", w.num(now))
	attempts()
	waits := r.Waits()
	for i, wait := range waits[:len(waits)-1] {
		w.text(" WHEN %s THEN ", w.num(int64(r.Attempts+i)))
		w.text("%s", w.num(now+wait))
	}
	if len(waits) == 1 { // CASE needs a WHEN
		w.text(" WHEN 0 THEN %s", w.num(now))
	}
	w.text(" ELSE %s END END", w.num(now+waits[len(waits)-1]))
}

// expires writes when the row can be deleted.
func (w *sqlWriter) expires(r limit.Rule, now int64, counted bool) {
	if r.Delay == 0 {
		w.text("%s", w.num(r.Expires(0, now)))
		return
	}
	w.text("CASE WHEN ")
	w.newCount(r, now, counted)
	w.text(" < %s THEN ", w.num(int64(r.Attempts)))
	w.text("%s ELSE ", w.num(r.Expires(0, now)))
	w.text("%s END", w.num(r.Expires(int64(r.Attempts), now)))
}

// newCount writes the number of attempts after this one. With counted, the column has it.
func (w *sqlWriter) newCount(r limit.Rule, now int64, counted bool) {
	if counted {
		w.text("%s.attempts", limits)
	} else {
		w.count(r, now)
	}
}

// GiveLimits implements limit.Store by one statement.
func (s *Store) GiveLimits(ctx context.Context, now int64, given []limit.Given) error {
	statement, values := s.giveLimits(now, given)
	return s.retry(ctx, func() error {
		_, err := s.runner(ctx).update(&statement, values...)
		return err
	})
}

// GiveLimits takes attempts back within the transaction.
func (tx *Tx) GiveLimits(now int64, given []limit.Given) error {
	statement, values := tx.store.giveLimits(now, given)
	_, err := tx.runner().update(&statement, values...)
	return err
}

// giveLimits writes what limit.Rule.Give does.
func (s *Store) giveLimits(now int64, given []limit.Given) (written, []any) {
	w := s.newSQL()
	n, buckets := map[string]int64{}, make([]limit.Bucket, 0, len(given))
	for _, g := range given {
		n[g.Bucket.Name] = g.N
		buckets = append(buckets, g.Bucket)
	}
	w.text("UPDATE %s SET not_before = ", limits) // before attempts, which MySQL would read as assigned
	w.each(buckets, func(b limit.Bucket) {
		if b.Rule.Delay == 0 {
			w.text("%s.not_before - ", limits)
			w.text("%s", w.num(n[b.Name]*b.Rule.Step()))
			return
		}
		w.text("CASE WHEN %[1]s.attempts - ", limits)
		w.text("%s < ", w.num(n[b.Name]))
		w.text("%s AND %s.not_before > ", w.num(int64(b.Rule.Attempts)), limits)
		w.text("%s THEN ", w.num(now))
		w.text("%s ELSE %s.not_before END", w.num(now), limits)
	})
	w.text(", attempts = ")
	w.each(buckets, func(b limit.Bucket) {
		if b.Rule.Delay == 0 {
			w.text("0")
			return
		}
		w.text("CASE WHEN %s.attempts > ", limits)
		w.text("%s THEN %s.attempts - ", w.num(n[b.Name]), limits)
		w.text("%s ELSE 0 END", w.num(n[b.Name]))
	})
	w.text(" WHERE name IN (?%s)", strings.Repeat(", ?", len(buckets)-1))
	for _, b := range buckets {
		w.values = append(w.values, b.Name)
	}
	return write(s.db, limits, w.String()), w.values
}

// SweepLimits deletes the state of buckets that is not needed any more.
func (s *Store) SweepLimits(ctx context.Context, now int64) error {
	return s.retry(ctx, func() error {
		return s.db.WithContext(ctx).Where("expires_at <= ?", now).Delete(&models.Limit{}).Error
	})
}
