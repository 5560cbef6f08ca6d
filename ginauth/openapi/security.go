package openapi

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

func uses(cfg *config.Config, c config.Credential) bool { return slices.Contains(cfg.Login, c) }

func inCookies(cfg *config.Config) bool {
	return uses(cfg, config.JSONWebToken) && cfg.JWT.Transport != config.InBody
}

const refreshCookie = "refreshCookie"

// credential is a way to authenticate.
type credential struct {
	name   string
	scheme openapi3.SecurityScheme
}

// credentials returns the ways to authenticate that the configuration has, session cookies first.
func credentials(cfg *config.Config, routes []core.RouteInfo) []credential {
	var all []credential
	cookie := func(name, cookie, note string) {
		all = append(all, credential{name, openapi3.SecurityScheme{Type: "apiKey", In: "cookie", Name: cookie, Description: note}})
	}
	if uses(cfg, config.SessionCookie) {
		cookie("sessionCookie", cfg.Cookie.FullName(), "Set by a login; scripts cannot read it.")
	}
	if inCookies(cfg) {
		cookie("accessCookie", cfg.JWT.AccessCookie.Name, "The access token; scripts cannot read it.")
	}
	if uses(cfg, config.OpaqueToken) || uses(cfg, config.JSONWebToken) {
		note := "The access token of a login."
		if uses(cfg, config.OpaqueToken) {
			note = "The key of a login or of a personal token."
		}
		// HTTP does not register the scheme "Token", and generators reject it.
		note += " The server also accepts `Authorization: Token ...`, which clients of dj-rest-auth send."
		all = append(all, credential{"bearer", openapi3.SecurityScheme{Type: "http", Scheme: "bearer", Description: note}})
	}
	if inCookies(cfg) {
		var takers []string
		for i := range routes {
			if routes[i].RefreshCookie && !slices.Contains(takers, routes[i].Path) {
				takers = append(takers, routes[i].Path)
			}
		}
		cookie(refreshCookie, cfg.JWT.RefreshCookie.Name, "The refresh token; only "+strings.Join(takers, " and ")+" use it.")
	}
	return all
}

// security lists the credentials that a route accepts; one of them is enough. An empty requirement means that credentials
// are optional, and an empty list means that the route needs none.
func security(all []credential, r *core.RouteInfo) *openapi3.SecurityRequirements {
	list := openapi3.NewSecurityRequirements()
	cookie := func(c credential) bool { return c.name == refreshCookie }
	refresh := r.RefreshCookie && !r.Access.NeedsUser() // for a user, it comes besides the access token
	if r.Access == core.AccessOptional || refresh && slices.ContainsFunc(all, cookie) {
		list.With(openapi3.NewSecurityRequirement())
	}
	for _, c := range all {
		if takes := r.Access != core.AccessOpen; cookie(c) && refresh || !cookie(c) && takes {
			list.With(openapi3.NewSecurityRequirement().Authenticate(c.name))
		}
	}
	return list
}
