package check

// Origins and proxies, and the pages that send requests.

import (
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/config/advice"
)

func (k *checker) origins() error {
	c := k.Config
	k.report(row{len(c.TrustedProxies) == 0, Note, "TrustedProxies",
		"is empty: behind a proxy, all clients appear to have the proxy's address", "behind a proxy, set its address or CIDR range; without a proxy, ignore this"})
	for _, origin := range c.TrustedOrigins {
		u := pageURL(origin)
		k.report(row{u.Scheme == "http" && !local(u.Hostname()), Warning, "TrustedOrigins",
			fmt.Sprintf("%q "+advice.MustBeHTTPS, origin), "serve its pages over https"})
	}
	const (
		problem = "None sends the cookie with requests from every site, but no origin in TrustedOrigins may use it"
		fix     = "add the front end's origin to TrustedOrigins, or use Lax"
	)
	none := func(used bool, mode http.SameSite) bool {
		return used && mode == http.SameSiteNoneMode && len(c.TrustedOrigins) == 0 && !c.Cookie.Partitioned
	}
	jwt := k.gives(config.JSONWebToken) && c.JWT.Transport != config.InBody
	k.report(
		row{none(k.gives(config.SessionCookie), c.Cookie.SameSite), Note, "Cookie.SameSite", problem, fix},
		row{none(jwt, c.JWT.AccessCookie.SameSite), Note, "JWT.AccessCookie.SameSite", problem, fix},
		row{none(jwt, c.JWT.RefreshCookie.SameSite), Note, "JWT.RefreshCookie.SameSite", problem, fix},
		row{len(k.NoRefresh) > 0, Warning, "JWT.RefreshCookie.Path",
			fmt.Sprintf("%q does not include %s, so browsers do not send the cookie there", c.JWT.RefreshCookie.Path, strings.Join(k.NoRefresh, " and ")),
			"leave it empty, or use a path that includes all of them"},
	)
	return nil
}

// tokenOrigins finds entries that have no effect: origins that cannot get a token, or get one anyway.
func (k *checker) tokenOrigins() error {
	origins, effective := k.Config.TokenOrigins, k.Ambient && k.TokensInBody
	k.report(row{len(origins) > 0 && !effective, Note, "TokenOrigins",
		"has no effect: it is for logins that can return both cookies and tokens in the body", "remove it"})
	for _, origin := range origins {
		k.report(row{effective && !slices.Contains(k.Config.TrustedOrigins, origin), Note, "TokenOrigins",
			fmt.Sprintf("%q is not in TrustedOrigins, so its requests are rejected", origin),
			"add it to TrustedOrigins as well, unless it is the API's own origin"})
	}
	return nil
}

// pages finds settings that break pages of other origins.
func (k *checker) pages() error {
	urls, lax, hosts := k.Config.Mail.URLs, strings.Join(k.LaxCookies, " and "), map[string]bool{}
	for _, page := range append(slices.Clone(k.Config.TrustedOrigins), urls.Verify, urls.Reset, urls.Login, urls.Notice) {
		u := pageURL(page)
		dropped := u.Host != "" && u.Scheme != "http" && u.Scheme != "https" && lax != ""
		k.report(row{dropped, Warning, "TrustedOrigins",
			fmt.Sprintf("%q is a different site from any server: its web view drops cookies that are not SameSite None", page),
			"set " + lax + " to None, or use tokens in that app"})
		if !dropped && local(u.Hostname()) && !strings.HasSuffix(u.Hostname(), ".localhost") {
			hosts[u.Hostname()] = true
		}
	}
	k.report(
		row{len(k.Config.TrustedOrigins) > 0 && k.NoCORS, Note, "auth.Register",
			"no CORS middleware runs before the routes, but browsers send a preflight request before a page of TrustedOrigins may send JSON",
			"add one, such as gin-contrib/cors, to the router before Register, unless a proxy or a handler around the router answers preflight requests"},
		row{len(hosts) > 1, Warning, "TrustedOrigins",
			fmt.Sprintf("pages are at %s, which are different sites for a browser: a login at one does not count at the other",
				strings.Join(slices.Sorted(maps.Keys(hosts)), " and ")),
			"use one of these names everywhere, including the server and the browser's address bar"},
	)
	return nil
}

// pageURL parses the URL of a page, with or without placeholders. It returns an empty URL for an invalid one, which New
// rejects.
func pageURL(page string) *url.URL {
	u, err := url.Parse(strings.NewReplacer("{", "", "}", "").Replace(page))
	if err != nil {
		return &url.URL{}
	}
	return u
}

// local reports whether a host name means the computer that uses it.
func local(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback()
}
