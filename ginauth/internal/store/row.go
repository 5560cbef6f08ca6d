package store

// Rows of written queries: the library's columns go straight into the structs, the application's through GORM's setters.

import (
	"context"
	"database/sql"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"github.com/ginauth/gin-rest-auth/models"
)

// columns are what a query reads, in order: those of a user, then possibly those of a session.
type columns struct {
	list     []column
	landings *sync.Pool // of *landing
}

// column is the destination of a column.
type column struct {
	field *schema.Field
	index []int // in models.User or models.Session; nil for the application's, which GORM converts
	table int
}

// landing holds the scan targets of the library's columns. It is reused: making the targets of a row takes longer than
// copying it.
type landing struct {
	user    models.User
	session models.Session
	into    []any
}

// add adds the columns of the next table, and returns their names for a query that calls the table by an alias.
func (c *columns) add(db *gorm.DB, alias string, of *schema.Schema, appFields []*schema.Field) string {
	table, quote := 0, (&gorm.Statement{DB: db}).Quote
	if n := len(c.list); n > 0 {
		table = c.list[n-1].table + 1
	}
	var names []string
	for _, name := range of.DBNames {
		field := of.FieldsByDBName[name]
		if !field.Readable {
			continue
		}
		next := column{field: field, table: table}
		if !slices.Contains(appFields, field) {
			next.index = field.StructField.Index[len(field.StructField.Index)-1:]
		}
		c.list, names = append(c.list, next), append(names, quote(alias+"."+name))
	}
	c.landings = &sync.Pool{New: c.land}
	return strings.Join(names, ", ")
}

func (c *columns) land() any {
	l := &landing{into: make([]any, len(c.list))}
	tables := []reflect.Value{reflect.ValueOf(&l.user).Elem(), reflect.ValueOf(&l.session).Elem()}
	for i, column := range c.list {
		if column.index != nil {
			l.into[i] = target(tables[column.table].FieldByIndex(column.index))
		}
	}
	return l
}

// scan fills an account and, unless it is nil, a session from a row.
func (c *columns) scan(ctx context.Context, rows *sql.Rows, account models.Account, session *models.Session) error {
	l := c.landings.Get().(*landing)
	defer func() {
		l.user, l.session = models.User{}, models.Session{}
		c.landings.Put(l)
	}()
	for i, column := range c.list {
		if column.index == nil {
			l.into[i] = column.field.NewValuePool.Get()
		}
	}
	if err := rows.Scan(l.into...); err != nil {
		return err
	}
	*account.Base() = l.user
	if session != nil {
		*session = l.session
	}
	for i, column := range c.list {
		if column.index == nil {
			if err := column.field.Set(ctx, reflect.ValueOf(account).Elem(), l.into[i]); err != nil {
				return err
			}
			column.field.NewValuePool.Put(l.into[i])
		}
	}
	return nil
}

// target returns the scan target of one of the library's columns.
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
		return to // the field is a pointer, which database/sql sets to nil
	}
}

// orZero scans NULL as the zero value, as GORM does: another program may have created the table with columns that can be NULL.
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
