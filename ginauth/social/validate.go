package social

// Mistakes in providers, which New returns, and the names that providers cannot have.

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,23}$`)

// reserved are first parts of paths of the library's routes and features, with any configuration. The routes that exist are
// added to them.
var reserved = []string{
	"account", "admin", "authenticators", "config", "email", "emails", "jwks", "login", "logout", "me", "mfa", "openapi", "passkey", "passkeys", "password",
	"reauthenticate", "registration", "security", "sessions", "signup", "social", "socialaccounts", "socialexchange", "socialsignup", "token", "tokens", "user", "webauthn",
}

// takenNames returns the names that no provider can have, because a route begins with them.
func takenNames(c *core.Core) map[string]bool {
	names := map[string]bool{}
	for _, name := range reserved {
		names[name] = true
	}
	for _, route := range c.Routes() {
		first, _, _ := strings.Cut(strings.ReplaceAll(route.Path, ".", "/"), "/")
		names[first] = true
	}
	return names
}

// validate returns the mistakes in a provider, by setting. taken are the names that it cannot have.
func (p *Provider) validate(taken map[string]bool) (mistakes map[string]error) {
	mistakes = map[string]error{}
	refuse := func(field, problem string, args ...any) {
		mistakes["social.Provider("+p.Name+")."+field] = fmt.Errorf(problem, args...)
	}
	switch {
	case !nameForm.MatchString(p.Name):
		refuse("Name", "must be 1 to 24 lower-case letters, digits, - and _, and begin with a letter")
	case taken[p.Name]:
		refuse("Name", "is taken by a route or by another provider; choose another one")
	}
	if p.err != nil {
		mistakes["social.Provider("+p.Name+")"] = p.err
	}
	if p.ClientID == "" {
		refuse("ClientID", "is empty; set it to the ID of the application's registration at the provider")
	}
	if p.ClientSecret == "" && p.Secret == nil && p.err == nil {
		refuse("ClientSecret", "is empty; set it to the secret of the application's registration at the provider")
	}
	if slices.Contains(p.Audiences, "") {
		refuse("Audiences", "contains an empty client ID; remove it")
	}
	if err := p.validateURLs(); err != nil {
		refuse("Issuer", "%w", err)
	}
	if p.RevokeURL != "" {
		if err := secureURL(p.RevokeURL); err != nil {
			refuse("RevokeURL", "%w", err)
		}
	}
	for _, redirect := range p.RedirectURLs {
		if u, err := url.Parse(redirect); err != nil || redirect != "postmessage" && (u.Scheme == "" || u.Fragment != "" || u.User != nil) {
			refuse("RedirectURLs", "has %q, which is not a URL without fragment", redirect)
		}
	}
	for _, domain := range p.EmailDomains {
		if domain == "" || strings.ContainsAny(domain, "@* ") {
			refuse("EmailDomains", "has %q; write a domain such as acme.example", domain)
		}
	}
	return mistakes
}

func (p *Provider) validateURLs() error {
	if p.isOIDC() {
		return secureURL(p.Issuer)
	}
	if p.User == nil {
		return errors.New("is empty, so User must be set, or the constructor OIDC used")
	}
	return errors.Join(secureURL(p.Endpoint.AuthURL), secureURL(p.Endpoint.TokenURL))
}

// secureURL returns an error unless a URL is https, or http on this machine.
func secureURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return fmt.Errorf("%q is not a URL with a host", text)
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && IsLoopback(u.Hostname())) {
		return fmt.Errorf("%q must begin with https://", text)
	}
	return nil
}
