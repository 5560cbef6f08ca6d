package config

import "github.com/ginauth/gin-rest-auth/models"

// Embeds is satisfied by a struct type that embeds models.User. Anything else fails
// to compile.
type Embeds[U any] interface {
	*U
	models.Account
}

// Model returns a NewUser function for a struct that embeds models.User:
//
//	config.Config{NewUser: config.Model[Member]()}
func Model[U any, P Embeds[U]]() func() models.Account {
	return func() models.Account { return P(new(U)) }
}
