package store

// Rows of written queries: the library's columns go straight into the structs, the application's through GORM's setters.

import (
	"context"
	"database/sql"
	"reflect"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// columns are what a query reads, in order.
type columns []column

// column is where a column goes.
type column struct {
	field *schema.Field
	table int  // which of the structs it is in
	own   bool // the application's: GORM converts it
}

// add adds the columns of the next table, and returns their names for a query that calls the table by an alias.
func (c *columns) add(db *gorm.DB, alias string, of *schema.Schema, own []*schema.Field) string {
	table, quote := 0, (&gorm.Statement{DB: db}).Quote
	if n := len(*c); n > 0 {
		table = (*c)[n-1].table + 1
	}
	var names []string
	for _, name := range of.DBNames {
		if field := of.FieldsByDBName[name]; field.Readable {
			*c = append(*c, column{field, table, slices.Contains(own, field)})
			names = append(names, quote(alias+"."+name))
		}
	}
	return strings.Join(names, ", ")
}

// scan fills the structs of the tables from a row.
func (c columns) scan(ctx context.Context, rows *sql.Rows, tables ...reflect.Value) error {
	into := make([]any, len(c))
	for i, column := range c {
		if column.own {
			into[i] = column.field.NewValuePool.Get()
		} else {
			into[i] = target(tables[column.table].FieldByIndex(column.field.StructField.Index))
		}
	}
	err := rows.Scan(into...)
	for i, column := range c {
		if column.own {
			if err == nil {
				err = column.field.Set(ctx, tables[column.table], into[i])
			}
			column.field.NewValuePool.Put(into[i])
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
