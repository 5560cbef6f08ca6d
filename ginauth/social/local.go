package social

// Providers for development, which this machine alone can use.

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Local reports whether a request comes from this machine, and through no proxy: the listener, the client and the Host are
// loopback, no header names a proxy or a page of another host, and it is not HTTP/1.0, which proxies speak by default. Behind a proxy on
// the same machine, every request comes from 127.0.0.1.
func Local(r *http.Request) bool {
	for name := range r.Header {
		if name == "Forwarded" || name == "Via" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
			return false
		}
	}
	for _, name := range []string{"Origin", "Referer"} {
		if page := r.Header.Get(name); page != "" && page != "null" {
			if u, err := url.Parse(page); err != nil || !isLoopback(u.Hostname()) {
				return false
			}
		}
	}
	listener, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	host := &url.URL{Host: r.Host}
	return listener != nil && isLoopbackAddress(listener.String()) && isLoopbackAddress(r.RemoteAddr) && isLoopback(host.Hostname()) && r.ProtoAtLeast(1, 1)
}

func isLoopbackAddress(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && isLoopback(host)
}

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
