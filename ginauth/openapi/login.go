package openapi

import (
	"maps"
	"reflect"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
)

// isLogin reports whether a type is binding.LoginResponse or, as package ginauth makes it, the
// same with the application's own user in it.
func isLogin(t reflect.Type) bool {
	own := reflect.TypeFor[binding.LoginResponse]()
	if t == own {
		return true
	}
	if t.Kind() != reflect.Struct || t.Name() != "" || t.NumField() != own.NumField() {
		return false
	}
	for i := range own.NumField() {
		a, b := own.Field(i), t.Field(i)
		if a.Name != b.Name || a.Name != "User" && a.Type != b.Type {
			return false
		}
	}
	return true
}

// adjustLogin says which fields of a login or refresh are there with this configuration: by
// their types they all are optional.
func (g *schemas) adjustLogin(t reflect.Type, s *openapi3.Schema) {
	refresh := t == reflect.TypeFor[binding.Tokens]()
	if !refresh && !isLogin(t) {
		return
	}
	opaque, jwt := slices.Contains(g.cfg.Login, config.OpaqueToken), slices.Contains(g.cfg.Login, config.JSONWebToken)
	inBody := jwt && (g.cfg.JWT.Transport == config.InBody || g.cfg.JWT.AllowCookieTokensInBody)
	ends := jwt && g.cfg.JWT.ReturnExpiration
	there := map[string]bool{
		"key": opaque, "user": !opaque || jwt, "access": inBody, "refresh": inBody,
		"access_expiration": refresh || ends, "refresh_expiration": ends,
	}
	maps.DeleteFunc(s.Properties, func(field string, _ *openapi3.SchemaRef) bool { return !there[field] })
	s.Required = slices.Sorted(maps.Keys(s.Properties))
}
