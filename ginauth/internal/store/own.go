package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"reflect"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"github.com/ginauth/gin-rest-auth/models"
)

// ownFields lists the columns that the application has added to its user. None may be one of
// the library's, which forms must not write.
func ownFields(user *schema.Schema, account models.Account) ([]*schema.Field, error) {
	ours := map[string]bool{}
	var own []*schema.Field
	for _, f := range user.Fields {
		switch {
		case f.DBName == "": // no column
		case inBase(f, account):
			ours[strings.ToLower(f.DBName)] = true // as SQLite and MySQL compare them
		default:
			own = append(own, f)
		}
	}
	for _, f := range own {
		if ours[strings.ToLower(f.DBName)] {
			return nil, fmt.Errorf("%T: %s has the column %s, which is one of models.User; give it another", account, f.BindName(), f.DBName)
		}
	}
	return own, nil
}

// inBase reports whether a field is in the models.User that the account embeds. Another field
// may have its name, or be in another models.User.
func inBase(f *schema.Field, account models.Account) bool {
	v, base := reflect.ValueOf(account).Elem(), reflect.ValueOf(account.Base())
	for _, i := range f.StructField.Index {
		if v = fieldAt(v, i); !v.IsValid() {
			return false
		}
		if v.Type() == base.Type().Elem() && v.Addr().Pointer() == base.Pointer() {
			return true
		}
	}
	return false
}

// fieldAt is a field of a struct by GORM's index, which is negative where it points to another
// struct; zero where that is nil.
func fieldAt(v reflect.Value, i int) reflect.Value {
	if i >= 0 {
		return v.Field(i)
	}
	return v.Field(-i - 1).Elem()
}

// valueAt is what the application has in a field; nil within a struct that is not there.
func valueAt(f *schema.Field, v reflect.Value) any {
	for _, i := range f.StructField.Index {
		if v = fieldAt(v, i); !v.IsValid() {
			return nil
		}
	}
	return v.Interface()
}

// SaveOwn stores what differs between two copies of a user in the columns that are the
// application's own, and no other. Its hooks do not run.
func (tx *Tx) SaveOwn(before, after models.Account) error {
	old, renewed := reflect.ValueOf(before).Elem(), reflect.ValueOf(after).Elem()
	var changed []string
	for _, field := range tx.store.own {
		if differ(tx.db.Statement.Context, field, old, renewed) {
			changed = append(changed, field.DBName)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return tx.db.Session(&gorm.Session{SkipHooks: true}).Table(tx.store.users).Select(changed).Where("id = ?", before.Base().ID).Updates(after).Error
}

// differ reports whether a column has to be written: the application's values differ, and so
// does what the database would get. The latter alone may differ each time it is made, as what
// a serializer encrypts does.
func differ(ctx context.Context, f *schema.Field, old, renewed reflect.Value) bool {
	if reflect.DeepEqual(valueAt(f, old), valueAt(f, renewed)) {
		return false
	}
	was, wrong := written(ctx, f, old)
	is, alsoWrong := written(ctx, f, renewed)
	if wrong != nil || alsoWrong != nil { // a value for this driver alone, or one that the write will fail with
		return true
	}
	before, isTime := was.(time.Time)
	if after, ok := is.(time.Time); isTime && ok {
		return !before.Equal(after)
	}
	return !reflect.DeepEqual(was, is)
}

// written is what the database would get.
func written(ctx context.Context, f *schema.Field, v reflect.Value) (driver.Value, error) {
	value, _ := f.ValueOf(ctx, v)
	return driver.DefaultParameterConverter.ConvertValue(value)
}
