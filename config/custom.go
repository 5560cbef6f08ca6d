package config

import (
	"reflect"

	"github.com/ginauth/gin-rest-auth/models"
)

// Embeds is satisfied by a struct type that embeds models.User. One that has nothing of it
// does not compile. Go cannot tell whether GORM will find the columns, too: New refuses a
// models.User behind a pointer, within an unexported struct, or with a gorm tag that hides or
// renames its columns, and a Base of the struct's own that returns another user.
type Embeds[U any] interface {
	*U
	models.Account
}

// Model returns a NewUser function for a struct that embeds models.User by value, itself or in
// an exported struct that it embeds by value:
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

// userType is the struct of which NewUser makes a pointer; nil where it makes nothing like that.
func (c Config) userType() reflect.Type {
	v := reflect.ValueOf(c.NewUser())
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return nil
	}
	return v.Type().Elem()
}
