package store

// The columns that the application adds to its users. Open finds them; they are saved when a form changed them.

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm/schema"

	"github.com/ginauth/gin-rest-auth/models"
)

// embed says how to embed models.User so that GORM finds the library's columns.
const embed = "embed models.User by value, without a gorm tag, not behind a pointer, not within an unexported struct"

// parseUser parses the application's user type, and lists the columns that it adds. It returns a clear error for a type that
// is a models.Account for Go but does not give a table with the library's columns.
func parseUser(account models.Account, naming schema.Namer) (*schema.Schema, []*schema.Field, error) {
	user := reflect.TypeOf(account).Elem()
	way, err := wayToUser(account)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w; %s", user, err, embed)
	}
	parsed, err := schema.Parse(account, &sync.Map{}, naming)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", user, err)
	}
	lacks, err := lacking(parsed, account)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range way {
		if tag := f.Tag.Get("gorm"); lacks != "" && tag != "" {
			return nil, nil, fmt.Errorf("%s: gorm:%q leaves no column %q of models.User; %s", user, tag, lacks, embed)
		}
	}
	if lacks != "" {
		return nil, nil, fmt.Errorf("%s: the handle's NamingStrategy leaves no column %q of models.User; it must not rename columns", user, lacks)
	}
	fields, err := appFieldsOf(parsed, account)
	return parsed, fields, err
}

// wayToUser returns the fields that lead to the models.User that an account's Base returns. GORM follows the same fields:
// those embedded in Go or by a tag.
func wayToUser(account models.Account) ([]reflect.StructField, error) {
	v := reflect.ValueOf(account).Elem()
	if base := baseOf(account); base == account {
		return nil, nil // the account is a models.User itself
	} else if way := wayTo(v, base); way != nil {
		for _, f := range way {
			if !f.IsExported() {
				return nil, fmt.Errorf("models.User is within %s, which is not exported", f.Name)
			}
		}
		return way, nil
	}
	for _, f := range reflect.VisibleFields(v.Type()) {
		if f.Anonymous && f.Type.Kind() == reflect.Pointer && f.Type.Implements(reflect.TypeFor[models.Account]()) {
			return nil, fmt.Errorf("models.User is behind the pointer %s", f.Type)
		}
	}
	return nil, errors.New("its Base returns no models.User that it embeds")
}

// baseOf returns an account's Base, or nil if Base panics, as it does behind a nil pointer.
func baseOf(account models.Account) (base *models.User) {
	defer func() { _ = recover() }()
	return account.Base()
}

func wayTo(v reflect.Value, base *models.User) []reflect.StructField {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		_, tagged := schema.ParseTagSetting(f.Tag.Get("gorm"), ";")["EMBEDDED"]
		if f.Type.Kind() != reflect.Struct || !f.Anonymous && !tagged {
			continue
		}
		if isUser(v.Field(i), base) {
			return []reflect.StructField{f}
		}
		if rest := wayTo(v.Field(i), base); rest != nil {
			return append([]reflect.StructField{f}, rest...)
		}
	}
	return nil
}

// lacking returns a column of models.User that the user type does not have under its name, or "".
func lacking(user *schema.Schema, account models.Account) (string, error) {
	library, err := schema.Parse(&models.User{}, &sync.Map{}, schema.NamingStrategy{})
	if err != nil {
		return "", err
	}
	for _, column := range library.DBNames {
		if !slices.ContainsFunc(user.Fields, func(f *schema.Field) bool { return f.DBName == column && inBase(f, account) }) {
			return column, nil
		}
	}
	return "", nil
}

// appFieldsOf lists the columns that the application has added to its user. It returns an error for a column of the library,
// which forms must not write.
func appFieldsOf(user *schema.Schema, account models.Account) ([]*schema.Field, error) {
	library := map[string]bool{}
	var fields []*schema.Field
	for _, f := range user.Fields {
		switch {
		case f.DBName == "": // not a column
		case inBase(f, account):
			library[strings.ToLower(f.DBName)] = true // SQLite and MySQL ignore case
		case f.IgnoreMigration && !f.Creatable && !f.Updatable:
			return nil, fmt.Errorf("%s: %s is read-only, and Migrate creates no column for it; tag it gorm:\"-\" and fill it in AfterFind, or remove -:migration", reflect.TypeOf(account).Elem(), f.BindName())
		default:
			fields = append(fields, f)
		}
	}
	for _, f := range fields {
		if library[strings.ToLower(f.DBName)] {
			return nil, fmt.Errorf("%s: %s has the column %s, which belongs to models.User; rename it", reflect.TypeOf(account).Elem(), f.BindName(), f.DBName)
		}
	}
	return fields, nil
}

// inBase reports whether a field is in the models.User that the account embeds. Other fields may have the same name, or be
// in another models.User.
func inBase(f *schema.Field, account models.Account) bool {
	v, base := reflect.ValueOf(account).Elem(), account.Base()
	for _, i := range f.StructField.Index {
		if isUser(v, base) {
			return true
		}
		if v = fieldAt(v, i); !v.IsValid() {
			return false
		}
	}
	return false
}

// isUser reports whether a value is this models.User itself.
func isUser(v reflect.Value, u *models.User) bool {
	return v.Type() == reflect.TypeFor[models.User]() && v.Addr().Pointer() == reflect.ValueOf(u).Pointer()
}

// fieldAt returns a field of a struct by GORM's index, which is negative for a pointer to another struct. It returns the
// zero Value if that pointer is nil.
func fieldAt(v reflect.Value, i int) reflect.Value {
	if i >= 0 {
		return v.Field(i)
	}
	return v.Field(-i - 1).Elem()
}

// valueAt returns the application's value of a field, or nil within a nil struct.
func valueAt(f *schema.Field, v reflect.Value) any {
	for _, i := range f.StructField.Index {
		if v = fieldAt(v, i); !v.IsValid() {
			return nil
		}
	}
	return v.Interface()
}

// SaveOwn stores the differences between two copies of a user in the application's columns, and no others. The user's GORM
// hooks run as for a new user, because BeforeSave may encrypt a column. They may change after, so pass a copy.
func (tx *Tx) SaveOwn(before, after models.Account) error {
	old, renewed := reflect.ValueOf(before).Elem(), reflect.ValueOf(after).Elem()
	var changed []string
	for _, field := range tx.store.appFields {
		if differ(tx.db.Statement.Context, field, old, renewed) {
			changed = append(changed, field.DBName)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	err := tx.user(before.Base().ID).Select(changed).Updates(after).Error
	if errors.Is(translate(err), ErrExists) {
		return fmt.Errorf("%w: %w", ErrOwnExists, err)
	}
	return err
}

// differ reports whether a column must be written: the application's values differ, and so do the database's. The database's
// values alone are not enough, because a serializer that encrypts returns a different value each time.
func differ(ctx context.Context, f *schema.Field, old, renewed reflect.Value) bool {
	if reflect.DeepEqual(valueAt(f, old), valueAt(f, renewed)) {
		return false
	}
	was, wrong := stored(ctx, f, old)
	is, alsoWrong := stored(ctx, f, renewed)
	if wrong != nil || alsoWrong != nil { // a value only for this driver, or one that makes the write fail
		return true
	}
	before, isTime := was.(time.Time)
	if after, ok := is.(time.Time); isTime && ok {
		return !before.Equal(after)
	}
	return !reflect.DeepEqual(was, is)
}

// stored returns the value that the database would get.
func stored(ctx context.Context, f *schema.Field, v reflect.Value) (driver.Value, error) {
	value, _ := f.ValueOf(ctx, v)
	return driver.DefaultParameterConverter.ConvertValue(value)
}
