package store

import (
	"fmt"
	"reflect"
	"strings"

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

// SaveOwn stores what differs between two copies of a user in the columns that are the
// application's own, and no other. Its hooks do not run.
func (tx *Tx) SaveOwn(before, after models.Account) error {
	old, renewed := reflect.ValueOf(before).Elem(), reflect.ValueOf(after).Elem()
	var changed []string
	for _, field := range tx.store.own {
		was, _ := field.ValueOf(tx.db.Statement.Context, old)
		is, _ := field.ValueOf(tx.db.Statement.Context, renewed)
		if !reflect.DeepEqual(was, is) {
			changed = append(changed, field.DBName)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return tx.db.Session(&gorm.Session{SkipHooks: true}).Table(tx.store.users).Select(changed).Where("id = ?", before.Base().ID).Updates(after).Error
}
