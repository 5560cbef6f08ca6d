package openapi

import (
	"slices"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
)

func uses(cfg *config.Config, c config.Credential) bool { return slices.Contains(cfg.Login, c) }

func inCookies(cfg *config.Config) bool {
	return uses(cfg, config.JSONWebToken) && cfg.JWT.Transport == config.InCookies
}

func isLogout(r *ginauth.Route) bool { return r.Path == "logout/" }

const refreshCookie = "refreshCookie"

// credentials are the ways in which a client shows who it is, those by which a route finds
// its user first.
func credentials(cfg *config.Config) ordered[securityScheme] {
	var all ordered[securityScheme]
	if uses(cfg, config.SessionCookie) {
		all.set("sessionCookie", securityScheme{
			Type: "apiKey", In: "cookie", Name: cfg.Cookie.FullName(), Description: "Set by a login; scripts cannot read it.",
		})
	}
	if inCookies(cfg) {
		all.set("accessCookie", securityScheme{
			Type: "apiKey", In: "cookie", Name: cfg.JWT.AccessCookie.Name, Description: "The access token; scripts cannot read it.",
		})
	}
	if uses(cfg, config.OpaqueToken) || uses(cfg, config.JSONWebToken) {
		text := map[bool]string{true: "The access token of a login.", false: "The key of a login, or of a personal token."}
		all.set("bearer", securityScheme{Type: "http", Scheme: "bearer", Description: text[!uses(cfg, config.OpaqueToken)]})
		all.set("token", securityScheme{Type: "http", Scheme: "Token", Description: "The same as Bearer, as dj-rest-auth's clients send it."})
	}
	if inCookies(cfg) {
		all.set(refreshCookie, securityScheme{
			Type: "apiKey", In: "cookie", Name: cfg.JWT.RefreshCookie.Name, Description: "The refresh token; it goes to token/refresh/ and logout/ only.",
		})
	}
	return all
}

// security lists what a route takes, one or the other. The empty one says that it also
// answers without.
func security(schemes ordered[securityScheme], r *ginauth.Route) []map[string][]string {
	all := []map[string][]string{}
	_, hasRefresh := schemes.find(refreshCookie)
	isRefresh := r.Path == "token/refresh/"
	if isLogout(r) || r.Path == verifyPath || isRefresh && hasRefresh {
		all = append(all, map[string][]string{})
	}
	for _, scheme := range schemes {
		takes := r.User || r.Path == verifyPath
		if scheme.key == refreshCookie {
			takes = isRefresh
		}
		if takes || isLogout(r) {
			all = append(all, map[string][]string{scheme.key: {}})
		}
	}
	return all
}
