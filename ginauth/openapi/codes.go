package openapi

import (
	"reflect"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
)

// codeSchema lists the codes: all there are, unless the application may have more and has not
// listed them.
func codeSchema(cfg *config.Config, declared []binding.CodeDoc) *openapi3.Schema {
	s := openapi3.NewStringSchema()
	text := []string{"Stable, for programs:", ""}
	for _, c := range append(binding.Codes(), declared...) {
		s.Enum = append(s.Enum, c.Code)
		text = append(text, "* `"+string(c.Code)+"`: "+c.String())
	}
	if cfg.Codes == nil && hasOwnCodes(cfg) {
		s.Enum = nil // generators know no list that is open
		text = append(text, "", "The application can have others.")
	}
	s.Description = strings.Join(text, "\n")
	return s
}

// hasOwnCodes reports whether functions of the application may refuse, with whatever code.
func hasOwnCodes(cfg *config.Config) bool {
	if cfg.RegisterGuard != nil || cfg.JWT.Claims != nil || cfg.Forms != (config.Forms{}) {
		return true
	}
	for i := range cfg.Backends {
		if !isOurs(cfg.Backends[i]) {
			return true
		}
	}
	for i := range cfg.PasswordRules {
		if !isOurs(cfg.PasswordRules[i]) {
			return true
		}
	}
	hooks := reflect.ValueOf(cfg.Hooks)
	for _, hook := range hooks.Fields() {
		if hook.Type() == reflect.TypeFor[config.Before]() && !hook.IsNil() {
			return true
		}
	}
	return false
}

// isOurs reports whether a backend or password rule is of package config, and no function in
// a type from there.
func isOurs(x any) bool {
	t := reflect.TypeOf(x)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath() == reflect.TypeFor[config.Config]().PkgPath() && t.Kind() != reflect.Func
}
