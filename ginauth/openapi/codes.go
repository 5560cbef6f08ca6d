package openapi

import (
	"reflect"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
)

// codeSchema lists all codes. The list is open if the application can return codes that it has not listed.
func codeSchema(cfg *config.Config, declared []binding.CodeDoc) *openapi3.Schema {
	s := openapi3.NewStringSchema()
	text := []string{"Stable, for programs:", ""}
	for _, c := range append(binding.Codes(), declared...) {
		s.Enum = append(s.Enum, c.Code)
		text = append(text, "* `"+string(c.Code)+"`: "+c.String())
	}
	if cfg.Codes == nil && hasOwnCodes(cfg) {
		s.Enum = nil // generators do not support open lists
		text = append(text, "", "The application can return other codes.")
	}
	s.Description = strings.Join(text, "\n")
	return s
}

// hasOwnCodes reports whether the application has functions that can return errors with their own codes.
func hasOwnCodes(cfg *config.Config) bool {
	if cfg.RegisterGuard != nil || cfg.JWT.Claims != nil || cfg.Forms != (config.Forms{}) {
		return true
	}
	for i := range cfg.Backends {
		if !fromConfig(cfg.Backends[i]) {
			return true
		}
	}
	for i := range cfg.PasswordRules {
		if !fromConfig(cfg.PasswordRules[i]) {
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

// fromConfig reports whether a backend or password rule is one of package config. A function of the application that is
// converted to a type of that package is not.
func fromConfig(x any) bool {
	t := reflect.TypeOf(x)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath() == reflect.TypeFor[config.Config]().PkgPath() && t.Kind() != reflect.Func
}
