package social

// The pages of the front end where a login by redirect can end.

import (
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
)

const maxNext = 1024 // bytes of next

// pages are Options.URL and Options.Pages.
type pages struct {
	base   string // without a slash at the end
	secure bool   // base is https
	list   []*url.URL
}

// parsePage parses a page: https, http on this machine, or the scheme of a native app (RFC 8252, section 7.1), which has
// a dot, unlike those that browsers know.
func parsePage(page string) (*url.URL, error) {
	u, err := parseNext(page)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme == "https" && u.Host != "", u.Scheme == "http" && IsLoopback(u.Hostname()):
	case !strings.Contains(u.Scheme, "."):
		return nil, errors.New("must begin with https://, or with the scheme of an app such as com.example.app:/")
	}
	if u.RawQuery != "" {
		return nil, errors.New("must have no query; next can have one")
	}
	return u, nil
}

// parseNext parses an absolute URL, and rejects what programs read in different ways.
func parseNext(text string) (*url.URL, error) {
	odd := func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' || r == '#' }
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Opaque != "" || u.User != nil || len(text) > maxNext || strings.ContainsFunc(text, odd) {
		return nil, errors.New("is not an absolute URL without user, fragment and special characters")
	}
	if strings.HasPrefix(u.Path, "//") || strings.ContainsAny(u.Path, "\\\r\n\t") { // decoded
		return nil, errors.New("has a path that is read in different ways")
	}
	u.Host = strings.ToLower(u.Host)
	return u, nil
}

// allowed returns the page that next names, as this package writes it, or an error.
func (p *pages) allowed(next string) (string, error) {
	first := *p.list[0]
	if first.Path == "" && first.Host != "" {
		first.Path = "/"
	}
	if next == "" {
		return first.String(), nil
	}
	if strings.HasPrefix(next, "/") && !strings.HasPrefix(next, "//") && first.Host != "" {
		next = first.Scheme + "://" + first.Host + next
	}
	u, err := parseNext(next)
	if err != nil || !slices.ContainsFunc(p.list, func(page *url.URL) bool { return matches(page, u) }) {
		return "", binding.Invalid("next", binding.Problem{Code: CodeNext})
	}
	return u.String(), nil
}

// matches reports whether a page in the list allows a URL. A page without a path allows its whole origin. The port of a loopback
// address does not count, because native apps listen on any free one (RFC 8252, section 7.3).
func matches(page, u *url.URL) bool {
	host := page.Host == u.Host
	if ip := net.ParseIP(page.Hostname()); ip != nil && ip.IsLoopback() && page.Scheme == "http" && page.Path != "" {
		host = page.Hostname() == u.Hostname()
	}
	return host && page.Scheme == u.Scheme && (page.Path == "" && page.Host != "" || page.EscapedPath() == u.EscapedPath())
}

// withParameter returns a page with one parameter, in place of those that a login by redirect sets.
func withParameter(page, name, value string) string {
	u, err := url.Parse(page)
	if err != nil { // allowed has written it
		return page
	}
	query := u.Query()
	for _, own := range []string{"code", "error"} {
		query.Del(own)
	}
	if name != "" {
		query.Set(name, value)
	}
	u.RawQuery = query.Encode()
	return u.String()
}
