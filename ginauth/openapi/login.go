package openapi

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// isLogin reports whether a type is binding.LoginResponse, or binding.LoginOf with the application's own user.
func isLogin(t reflect.Type) bool {
	return t == reflect.TypeFor[binding.LoginResponse]() ||
		t.PkgPath() == reflect.TypeFor[binding.LoginResponse]().PkgPath() && strings.HasPrefix(t.Name(), "LoginOf[")
}

// adjustLogin sets which fields of a login or refresh response exist with this configuration. Their Go types make all of
// them optional.
func (g *schemas) adjustLogin(t reflect.Type, s *openapi3.Schema) {
	refresh := t == reflect.TypeFor[binding.Tokens]()
	if !refresh && !isLogin(t) {
		return
	}
	there := g.loginFields(refresh)
	maps.DeleteFunc(s.Properties, func(field string, _ *openapi3.SchemaRef) bool { return there[field] == absent })
	maps.DeleteFunc(there, func(field string, is presence) bool { return is != always || s.Properties[field] == nil })
	s.Required = slices.Sorted(maps.Keys(there))
}

// presence says which responses have a field.
type presence int

const (
	absent    presence = iota // no response
	sometimes                 // responses to some clients
	always
)

// present returns always if the field exists and all clients get it.
func present(is, all bool) presence {
	switch {
	case is && all:
		return always
	case is:
		return sometimes
	}
	return absent
}

// loginFields returns the presence of each field of a login or refresh response.
func (g *schemas) loginFields(refresh bool) map[string]presence {
	cfg := g.cfg
	opaque, jwt, cookie := uses(cfg, config.OpaqueToken), uses(cfg, config.JSONWebToken), uses(cfg, config.SessionCookie)
	inBody, both := cfg.JWT.Transport == config.InBody, cfg.JWT.Transport != config.InBody && cfg.JWT.AllowCookieTokensInBody
	pair := jwt && (cfg.JWT.Transport != config.InCookies || both || cfg.JWT.AllowFixedRefresh > 0) // some clients can get it in the body
	ends := jwt && cfg.JWT.ReturnExpiration
	all := refresh || jwt && !opaque && !(cookie && inBody) // every client gets both tokens
	return map[string]presence{
		"key":                present(opaque, !jwt && !cookie),
		"user":               present(true, !opaque || jwt || !cfg.AllowTokensWithCookies),
		"access":             present(pair, all && (inBody || both)),
		"refresh":            present(pair, all && (inBody || both)),
		"access_expiration":  present(refresh || ends, all),
		"refresh_expiration": present(ends, all),
	}
}

// captchaParameter returns the header with the solution of a captcha, if the route asks for one.
func captchaParameter(r *core.RouteInfo) openapi3.Parameters {
	p := openapi3.NewHeaderParameter(config.CaptchaHeader).WithSchema(openapi3.NewStringSchema()).WithRequired(r.Captcha)
	p.Description = "The token of the captcha. Without it the response is 400 with `" + string(binding.CodeCaptchaRequired) + "` for the field `captcha`."
	switch {
	case r.CaptchaLater:
		p.Description += " It is needed once many attempts were made."
	case !r.Captcha:
		return nil
	}
	return openapi3.Parameters{{Value: p}}
}

// credentialParameter returns the header by which a client chooses its credential at a login, if there is a choice.
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
	p.Description = "The credential that the login returns. Without this header: cookies if the server uses them, otherwise all tokens."
	return openapi3.Parameters{{Value: p}}
}
