package social

// Providers for development, which this machine alone can use.

import (
	"errors"
	"net/http"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// admits returns an error unless a request can use the provider.
func (s *source) admits(r *http.Request) error {
	if s.Development && !Local(r) {
		return core.ErrNotFound
	}
	return nil
}

// notFound returns the errors that are responses and not redirects.
func notFound(p *source) []int {
	if p.Development {
		return []int{http.StatusNotFound}
	}
	return nil
}

// refuseDevelopment returns the mistake of a provider for development in an application that others reach.
func (f *feature) refuseDevelopment(p *Provider) error {
	switch {
	case !p.Development:
		return nil
	case len(f.cfg.TrustedProxies) > 0:
		return errors.New("is for development, and TrustedProxies is set; remove the provider behind a proxy")
	case strings.HasPrefix(f.options.URL, "https://") || !f.cfg.Cookie.InsecureHTTP && f.options.URL == "":
		return errors.New("is for development on this machine, and Options.URL is not an http URL of it; remove the provider in production")
	case p.LinkByEmail || len(p.EmailDomains) > 0:
		return errors.New("is for development, so LinkByEmail and EmailDomains must not be set")
	}
	return nil
}
