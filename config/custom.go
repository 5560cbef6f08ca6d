package config

import (
	"reflect"

	"github.com/ginauth/gin-rest-auth/models"
)

// Embeds is the constraint for struct types that embed models.User. Other types do not compile. Go cannot
// check whether GORM finds the columns, so New does: it returns an error if models.User is
// behind a pointer, within an unexported struct, or has a gorm tag that hides or renames its columns, and if
// the struct has its own method Base that returns another user.
type Embeds[U any] interface {
	*U
	models.Account
}

// Model returns a function for Config.NewUser, for a struct that embeds models.User by value, directly or
// within an exported struct that it embeds by value:
//
//	type Member struct {
//		models.User
//		Company string
//	}
//
//	config.Config{NewUser: config.Model[Member]()}
func Model[U any, P Embeds[U]]() func() models.Account {
	return func() models.Account { return P(new(U)) }
}

// userType returns the struct type that NewUser returns a pointer to, or nil if it returns something else.
func (c Config) userType() reflect.Type {
	v := reflect.ValueOf(c.NewUser())
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil
	}
	return v.Type().Elem()
}
