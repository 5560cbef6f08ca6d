package store

// Queries of Check: missing columns, clock, time zone, rows that pile up.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"github.com/ginauth/gin-rest-auth/models"
)

// These queries answer what an operator asks before going live. They only read a limited number of rows by indexed columns,
// and each gives up after patience.
const patience = 5 * time.Second

// ask scans the only row of a query.
func (s *Store) ask(ctx context.Context, into any, sql string, values ...any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return s.retry(ctx, func() error { return s.db.WithContext(ctx).Raw(sql, values...).Scan(into).Error })
}

// Reachable returns nil if the database accepts a query.
func (s *Store) Reachable(ctx context.Context) error {
	var one int
	return s.ask(ctx, &one, "SELECT 1")
}

// readUsers returns nil if a query can read the users' table.
func (s *Store) readUsers(ctx context.Context) error {
	var one int
	return s.ask(ctx, &one, "SELECT 1 FROM "+(&gorm.Statement{DB: s.db}).Quote(s.users)+" LIMIT 1")
}

// Ping returns nil if the database answers a query on the users' table, and a SQLite file still exists: processes that have
// a deleted file open can still read it, and lose what they write.
func (s *Store) Ping(ctx context.Context) error {
	if ctx == nil {
		return errNoContext
	}
	if err := s.readUsers(ctx); err != nil || s.Kind() != "sqlite" {
		return err
	}
	var file string
	if err := s.ask(ctx, &file, "SELECT file FROM pragma_database_list WHERE name = 'main'"); err != nil || file == "" { // in memory
		return err
	}
	_, err := os.Stat(file)
	return err
}

// Kind returns the name of GORM's dialect: "sqlite", "postgres", "mysql".
func (s *Store) Kind() string { return s.db.Name() }

// Connections returns the maximum number of open connections of the pool, or 0 if there is no limit or no pool.
func (s *Store) Connections() int {
	pool, err := s.db.DB()
	if err != nil {
		return 0
	}
	return pool.Stats().MaxOpenConnections
}

// Unbounded reports whether MySQL's driver has no readTimeout. The driver gives COMMIT and ROLLBACK no deadline, so a network that stops
// there would hold the request until TCP gives up. GORM's driver has parsed the settings; it has none if the application opened the pool.
func (s *Store) Unbounded() bool {
	if s.db.Name() != "mysql" {
		return false
	}
	timeout := field(field(field(reflect.ValueOf(s.db.Dialector), "Config"), "DSNConfig"), "ReadTimeout")
	return timeout.IsValid() && timeout.IsZero()
}

// field returns a field of a struct, or of the struct that a pointer leads to. If the struct has no such field, it returns the zero Value.
func field(of reflect.Value, name string) reflect.Value {
	if of = reflect.Indirect(of); of.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	return of.FieldByName(name)
}

// Missing lists what Migrate would create: tables, and columns as table.column. With an error the list is incomplete. more
// are models of other tables.
func (s *Store) Missing(ctx context.Context, more ...any) ([]string, error) {
	var lacks []string
	var errs []error
	for _, model := range slices.Concat([]any{s.newUser()}, models.All(), more) {
		parsed, err := schema.Parse(model, &sync.Map{}, s.db.NamingStrategy)
		if err != nil {
			return lacks, err
		}
		missing, err := s.missingIn(ctx, parsed)
		lacks, errs = append(lacks, missing...), append(errs, err)
	}
	return lacks, errors.Join(errs...)
}

// missingIn lists the table, or its columns, that queries do not find. It queries all columns at once, and each column only
// if that fails. It never selects *, whose plan PostgreSQL's driver caches and cannot reuse after a column was added.
func (s *Store) missingIn(ctx context.Context, table *schema.Schema) (missing []string, err error) {
	var columns []string
	for _, f := range table.Fields {
		if f.DBName != "" && !f.IgnoreMigration {
			columns = append(columns, f.DBName)
		}
	}
	err = s.has(ctx, table.Table, columns...)
	if says(err, noTable) {
		return []string{table.Table}, nil
	}
	if !says(err, noColumn) {
		return nil, err
	}
	for _, column := range columns {
		if err := s.has(ctx, table.Table, column); says(err, noColumn) {
			missing = append(missing, table.Table+"."+column)
		} else if err != nil {
			return missing, err
		}
	}
	return missing, nil
}

// has queries columns but no row.
func (s *Store) has(ctx context.Context, table string, columns ...string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	rows, err := s.db.WithContext(ctx).Table(table).Select(columns).Where("1 = 0").Rows()
	if err != nil {
		return err
	}
	for rows.Next() { // there are no rows
	}
	return errors.Join(rows.Err(), rows.Close())
}

// WithoutKeys lists at most this many users without a key, which FillKeys could not give them.
func (s *Store) WithoutKeys(ctx context.Context, most int) ([]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var all []int64
	for _, lacking := range []string{"username_key IS NULL AND username <> ''", withoutEmailKey} {
		var ids []int64
		if err := s.db.WithContext(ctx).Table(s.users).Where(lacking).Limit(most).Pluck("id", &ids).Error; err != nil {
			return nil, explain(err)
		}
		all = append(all, ids...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return all[:min(len(all), most)], nil
}

// Clock returns the database's time, to the second. It is queried as a number, which does not depend on the time zone of a
// session or driver.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	sql := map[string]string{
		"mysql":    "SELECT UNIX_TIMESTAMP()",
		"postgres": "SELECT CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) AS BIGINT)",
		"sqlite":   "SELECT CAST(strftime('%s', 'now') AS INTEGER)",
	}[s.Kind()]
	if sql == "" {
		return time.Time{}, fmt.Errorf("its clock: no query is known for %q", s.Kind())
	}
	var seconds int64
	err := s.ask(ctx, &seconds, sql)
	return time.Unix(seconds, 0), err
}

// Zone returns the time zone in which the MySQL driver writes and reads times.
func (s *Store) Zone(ctx context.Context) (string, error) {
	var row struct{ At time.Time }
	err := s.ask(ctx, &row, "SELECT CAST('2001-02-03 04:05:06' AS DATETIME) AS at")
	return row.At.Location().String(), err
}

// Pragma reads a setting of SQLite. The name is not quoted.
func (s *Store) Pragma(ctx context.Context, name string) (string, error) {
	var value string
	err := s.ask(ctx, &value, "PRAGMA "+name)
	return strings.ToLower(value), err
}

// StuckMails counts mails, at most most of each kind: failed are given up, untaken were due by since but not taken, retried
// were written before since, failed at least once and wait for another attempt.
func (s *Store) StuckMails(ctx context.Context, since time.Time, most int) (failed, untaken, retried int64, err error) {
	for n, q := range map[*int64]condition{
		&failed:  {"state = ?", []any{models.MailFailed}},
		&untaken: {"state = ? AND next_try_at <= ?", []any{models.MailPending, since}},
		&retried: {"state = ? AND next_try_at > ? AND created_at <= ? AND tries > 0 AND reason <> ''", []any{models.MailPending, since, since}},
	} {
		var failure error
		*n, failure = s.atMost(ctx, outbox, q, most)
		err = errors.Join(err, failure)
	}
	return failed, untaken, retried, err
}

// HasUntakenMail reports whether a mail was due by since but never taken.
func (s *Store) HasUntakenMail(ctx context.Context, since time.Time) (bool, error) {
	n, err := s.atMost(ctx, outbox, condition{"state = ? AND next_try_at <= ? AND tries = 0", []any{models.MailPending, since}}, 1)
	return n > 0, err
}

// Expired lists the tables with more than most rows that had expired by then.
func (s *Store) Expired(ctx context.Context, by time.Time, most int) (tables []string, err error) {
	for table, q := range map[string]condition{
		models.Session{}.TableName(): {"expires_at <= ?", []any{by}},
		models.Ticket{}.TableName():  {"expires_at <= ?", []any{by}},
		models.Counter{}.TableName(): {"reset_at <= ?", []any{by}},
		outbox:                       {"state IN ? AND next_try_at <= ?", []any{[]string{models.MailSent, models.MailVoid}, by}},
	} {
		n, failure := s.atMost(ctx, table, q, most+1)
		if n > int64(most) {
			tables = append(tables, table)
		}
		err = errors.Join(err, failure)
	}
	slices.Sort(tables)
	return tables, err
}

type condition struct {
	where  string
	values []any
}

// atMost counts the rows of a table that match a condition, up to most.
func (s *Store) atMost(ctx context.Context, table string, q condition, most int) (n int64, err error) {
	sql := "SELECT COUNT(*) FROM (SELECT 1 AS one FROM " + table + " WHERE " + q.where + " LIMIT ?) AS few"
	err = s.ask(ctx, &n, sql, append(slices.Clone(q.values), most)...)
	return n, err
}
