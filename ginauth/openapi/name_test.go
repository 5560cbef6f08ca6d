package openapi

import (
	"reflect"
	"testing"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// User has the same name as a response of the library.
type User struct {
	ID int64 `json:"id"`
}

// Problem has the same name as a schema without a Go type.
type Problem struct {
	Text string `json:"text"`
}

// TestNames: a schema has the name of its type, with the package in front only if the name is taken.
func TestNames(t *testing.T) {
	t.Parallel()
	cfg := config.Config{}.WithDefaults()
	g := newSchemas(&cfg)
	g.reserveErrors(nil, nil)
	type Local struct{ A int }
	local := reflect.TypeFor[Local]()
	for i, c := range []struct {
		t    reflect.Type
		way  way
		want string
	}{
		{reflect.TypeFor[binding.User](), out, "User"},
		{reflect.TypeFor[User](), out, "OpenapiUser"},
		{reflect.TypeFor[models.User](), out, "ModelsUser"},
		{reflect.TypeFor[binding.User](), out, "User"},
		{reflect.TypeFor[User](), in, "OpenapiUserInput"},
		{reflect.TypeFor[Problem](), out, "OpenapiProblem"},
		{reflect.TypeFor[page[*User]](), out, "PageUser"},
		{reflect.TypeFor[page[map[string]inner]](), out, "PageMapstringinner"},
		{local, in, "Local"},
		{local, out, "LocalOutput"},
	} {
		if got := g.of(c.t, c.way).Ref; got != "#/components/schemas/"+c.want {
			t.Errorf("%d: %s is %s, want %s", i, c.t, got, c.want)
		}
	}
}

// TestNamesOfReplacedResponses: "User" is never the user of a feature, also if the application replaces the library's.
func TestNamesOfReplacedResponses(t *testing.T) {
	t.Parallel()
	type Profile struct{ Name string }
	profile := config.Config{Views: config.Views{config.View(func(binding.User) Profile { return Profile{} })}}
	same := config.Config{Views: config.Views{config.View(func(binding.User) User { return User{} })}}
	for i, c := range []struct {
		cfg  *config.Config
		t    reflect.Type
		want string
	}{
		{&profile, reflect.TypeFor[models.User](), "ModelsUser"},
		{&profile, reflect.TypeFor[Profile](), "Profile"},
		{&same, reflect.TypeFor[models.User](), "ModelsUser"},
		{&same, reflect.TypeFor[User](), "User"},
	} {
		if got := newSchemas(c.cfg).of(c.t, out).Ref; got != "#/components/schemas/"+c.want {
			t.Errorf("%d: %s is %s, want %s", i, c.t, got, c.want)
		}
	}
}

// LoginOf is a type of the application with the name of a library type.
type LoginOf[U any] struct{ User *U }

// TestLoginOfOwnUser: the library's login response has the same name with any user.
func TestLoginOfOwnUser(t *testing.T) {
	t.Parallel()
	for _, like := range []reflect.Type{reflect.TypeFor[binding.LoginResponse](), reflect.TypeFor[binding.LoginOf[*User]]()} {
		if nameOf(like) != "LoginResponse" {
			t.Errorf("%s is called %q", like, nameOf(like))
		}
	}
	for _, other := range []reflect.Type{reflect.TypeFor[LoginOf[int]](), reflect.TypeFor[struct{ Key, User, Tokens string }]()} {
		if isLogin(other) {
			t.Errorf("%s is a login", other)
		}
	}
}

func TestOperationIDs(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{
		{"POST", "password/reset/", "postPasswordReset"}, {"DELETE", "sessions/:id/", "deleteSessionsId"},
		{"GET", "jwks.json", "getJwksJson"}, {"POST", "registration/verify-email/", "postRegistrationVerifyEmail"},
	} {
		if got := operationID(&core.RouteInfo{Method: c[0], Path: c[1]}); got != c[2] {
			t.Errorf("%s %s is %s, want %s", c[0], c[1], got, c[2])
		}
	}
}
