package openapi

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/core"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
)

// isLogin reports whether a type is binding.LoginResponse, or binding.LoginOf the application's own user.
func isLogin(t reflect.Type) bool {
	return t == reflect.TypeFor[binding.LoginResponse]() ||
		t.PkgPath() == reflect.TypeFor[binding.LoginResponse]().PkgPath() && strings.HasPrefix(t.Name(), "LoginOf[")
}

// adjustLogin says which fields of a login or refresh are there with this configuration: by
// their types they all are optional.
func (g *schemas) adjustLogin(t reflect.Type, s *openapi3.Schema) {
	refresh := t == reflect.TypeFor[binding.Tokens]()
	if !refresh && !isLogin(t) {
		return
	}
	cfg := g.cfg
	opaque, jwt := uses(cfg, config.OpaqueToken), uses(cfg, config.JSONWebToken)
	inBody, both := cfg.JWT.Transport == config.InBody, cfg.JWT.Transport != config.InBody && cfg.JWT.AllowCookieTokensInBody
	pair := jwt && (cfg.JWT.Transport != config.InCookies || both || cfg.JWT.AllowFixedRefresh > 0) // some client can have it in the body
	ends := jwt && cfg.JWT.ReturnExpiration
	there := map[string]bool{
		"key": opaque, "user": true, "access": pair, "refresh": pair, "access_expiration": refresh || ends, "refresh_expiration": ends,
	}
	cookie := uses(cfg, config.SessionCookie)
	always := refresh || jwt && !opaque && !(cookie && inBody) // every client gets a pair
	required := map[string]bool{
		"key": opaque && !jwt && !cookie, "user": !opaque || jwt || !cfg.AllowTokensWithCookies,
		"access": always && (inBody || both), "refresh": always && (inBody || both),
		"access_expiration": always, "refresh_expiration": always,
	}
	maps.DeleteFunc(s.Properties, func(field string, _ *openapi3.SchemaRef) bool { return !there[field] })
	maps.DeleteFunc(required, func(field string, is bool) bool { return !is || s.Properties[field] == nil })
	s.Required = slices.Sorted(maps.Keys(required))
}

// credentialParameter is the header with which a client that logs in chooses, where it can.
func (w *writer) credentialParameter(r *core.RouteInfo) openapi3.Parameters {
	jwt := uses(w.cfg, config.JSONWebToken)
	values := []any{}
	for value, on := range map[string]bool{
		config.AskCookie: uses(w.cfg, config.SessionCookie) || inCookies(w.cfg), config.AskToken: uses(w.cfg, config.OpaqueToken),
		config.AskJWT: jwt && w.cfg.JWT.Transport != config.InCookies, config.AskFixedJWT: jwt && w.cfg.JWT.AllowFixedRefresh > 0,
	} {
		if on {
			values = append(values, value)
		}
	}
	if !r.LogsIn || len(values) < 2 {
		return nil
	}
	slices.SortFunc(values, func(x, y any) int { return strings.Compare(x.(string), y.(string)) })
	p := openapi3.NewHeaderParameter(config.CredentialHeader).WithSchema(openapi3.NewStringSchema().WithEnum(values...))
	p.Description = "The credential to log in for. Without it cookies if there are any, else every token."
	return openapi3.Parameters{{Value: p}}
}
