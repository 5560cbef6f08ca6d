package store

// The query of an authenticated request: a session, and its user of whatever type. It is written out and, where that
// saves time, prepared once; GORM's callbacks run, so that plugins see it, but GORM's scan by reflection does not.

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"github.com/ginauth/gin-rest-auth/models"
)

// liveQuery reads one row: the columns of the user, then those of the session.
type liveQuery struct {
	db          *gorm.DB
	pool        gorm.ConnPool
	user        reflect.Type
	table       string
	byKey, byID string
	columns     []liveColumn
}

// liveColumn is where a column goes.
type liveColumn struct {
	field   *schema.Field
	session bool // to the session, not the user
	own     bool // the application's: GORM converts it
}

func newLiveQuery(db *gorm.DB, user *schema.Schema, own []*schema.Field) (liveQuery, error) {
	session, err := schema.Parse(&models.Session{}, &sync.Map{}, db.NamingStrategy)
	if err != nil {
		return liveQuery{}, err
	}
	q := liveQuery{db: db, pool: preparing(db), user: user.ModelType, table: user.Table}
	quote := (&gorm.Statement{DB: db}).Quote
	var names []string
	add := func(short string, table *schema.Schema) {
		for _, name := range table.DBNames {
			if field := table.FieldsByDBName[name]; field.Readable {
				q.columns = append(q.columns, liveColumn{field: field, session: table == session, own: slices.Contains(own, field)})
				names = append(names, quote(short+"."+name))
			}
		}
	}
	add("u", user)
	add("s", session)
	value := &gorm.Statement{DB: db, Vars: []any{""}}
	db.BindVarTo(&value.SQL, value, "")
	by := func(column string) string { // with "= ?", SQLite plans the join anew for each value
		return fmt.Sprintf("SELECT %s FROM %s u JOIN %s s ON s.user_id = u.id WHERE s.%s IN (%s)",
			strings.Join(names, ", "), quote(user.Table), quote(session.Table), column, value.SQL.String())
	}
	q.byKey, q.byID = by("key_hash"), by("id")
	return q, nil
}

// read runs byKey or byID for a value.
func (q *liveQuery) read(ctx context.Context, query, value string) (*models.Session, models.Account, error) {
	rows, err := q.run(ctx, query, value)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return nil, nil, err
		}
		return nil, nil, ErrNotFound
	}
	session, account := &models.Session{}, reflect.New(q.user)
	if err := q.scan(ctx, rows, account.Elem(), session); err != nil {
		return nil, nil, err
	}
	return session, account.Interface().(models.Account), rows.Close()
}

// run does what GORM's Raw(query, value).Rows() does, without taking the text apart again.
func (q *liveQuery) run(ctx context.Context, query, value string) (*sql.Rows, error) {
	tx := &gorm.DB{Config: q.db.Config}
	tx.Statement = &gorm.Statement{DB: tx, ConnPool: q.pool, Context: ctx, Table: q.table, Vars: []any{value}}
	tx.Statement.SQL.WriteString(query)
	tx.Statement.Settings.Store("rows", true)
	if tx.Callback().Row().Get(resolver) != nil {
		tx.Statement.Settings.Store(resolveWrite, struct{}{})
	}
	tx = tx.Callback().Row().Execute(tx)
	rows, _ := tx.Statement.Dest.(*sql.Rows)
	if rows == nil {
		return nil, cmp.Or(tx.Error, errNoRows)
	}
	if tx.Error != nil { // a plugin's
		_ = rows.Close()
	}
	return rows, tx.Error
}

// errNoRows is what a plugin, or DryRun, makes of a query that is not run.
var errNoRows = errors.New("the handle runs no query")

// scan fills a session and its user from a row.
func (q *liveQuery) scan(ctx context.Context, rows *sql.Rows, user reflect.Value, session *models.Session) error {
	into := make([]any, len(q.columns))
	ofSession := reflect.ValueOf(session).Elem()
	for i, c := range q.columns {
		switch {
		case c.own:
			into[i] = c.field.NewValuePool.Get()
		case c.session:
			into[i] = target(ofSession.Field(c.field.StructField.Index[0]))
		default:
			into[i] = target(user.FieldByIndex(c.field.StructField.Index))
		}
	}
	err := rows.Scan(into...)
	for i, c := range q.columns {
		if c.own {
			if err == nil {
				err = c.field.Set(ctx, user, into[i])
			}
			c.field.NewValuePool.Put(into[i])
		}
	}
	return err
}

// target is what a column of ours is scanned into.
func target(field reflect.Value) any {
	switch to := field.Addr().Interface().(type) {
	case *string:
		return orZero[string]{to}
	case *int64:
		return orZero[int64]{to}
	case *bool:
		return orZero[bool]{to}
	case *time.Time:
		return orZero[time.Time]{to}
	default:
		return to // a pointer itself, which database/sql sets to nil
	}
}

// orZero takes NULL for the zero value, as GORM does: a table of another program's may have that.
type orZero[T any] struct{ to *T }

// Scan implements sql.Scanner.
func (o orZero[T]) Scan(src any) error {
	if value, ok := src.(T); ok {
		*o.to = value
		return nil
	}
	var value sql.Null[T]
	if err := value.Scan(src); err != nil {
		return err
	}
	*o.to = value.V
	return nil
}
