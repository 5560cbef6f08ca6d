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
		"is empty: behind a proxy all clients seem to have its address", "behind a proxy set its address or CIDR range; without one all is well"})
	for _, origin := range c.TrustedOrigins {
		u := pageURL(origin)
		k.report(row{u.Scheme == "http" && !local(u.Hostname()), Warning, "TrustedOrigins",
			fmt.Sprintf("%q "+advice.MustBeHTTPS, origin), "serve its pages over https"})
	}
	const (
		problem = "None sends the cookie with requests from every site, but TrustedOrigins has none whose pages may use it"
		fix     = "put the front end's origin into TrustedOrigins, or leave Lax"
	)
	none := func(used bool, mode http.SameSite) bool {
		return used && mode == http.SameSiteNoneMode && len(c.TrustedOrigins) == 0 && !c.Cookie.Partitioned
	}
	jwt := k.gives(config.JSONWebToken) && c.JWT.Transport != config.InBody
	k.report(
		row{none(k.gives(config.SessionCookie), c.Cookie.SameSite), Note, "Cookie.SameSite", problem, fix},
		row{none(jwt, c.JWT.AccessCookie.SameSite), Note, "JWT.AccessCookie.SameSite", problem, fix},
		row{none(jwt, c.JWT.RefreshCookie.SameSite), Note, "JWT.RefreshCookie.SameSite", problem, fix},
	)
	return nil
}

// tokenOrigins finds origins that cannot get a token, or need no entry to get one.
func (k *checker) tokenOrigins() error {
	origins, effective := k.Config.TokenOrigins, k.Ambient && k.TokensInBody
	k.report(row{len(origins) > 0 && !effective, Note, "TokenOrigins",
		"has no effect: it is for logins that can give both cookies and tokens in the body", "leave it out"})
	for _, origin := range origins {
		k.report(row{effective && !slices.Contains(k.Config.TrustedOrigins, origin), Note, "TokenOrigins",
			fmt.Sprintf("%q is not in TrustedOrigins, so its requests are refused", origin),
			"put it into TrustedOrigins as well, unless it is the API's own origin"})
	}
	return nil
}

// pages finds what keeps pages of other origins from working.
func (k *checker) pages() error {
	urls, lax, hosts := k.Config.Mail.URLs, strings.Join(k.LaxCookies, " and "), map[string]bool{}
	for _, page := range append(slices.Clone(k.Config.TrustedOrigins), urls.Verify, urls.Reset, urls.Login, urls.Notice) {
		u := pageURL(page)
		dropped := u.Host != "" && u.Scheme != "http" && u.Scheme != "https" && lax != ""
		k.report(row{dropped, Warning, "TrustedOrigins",
			fmt.Sprintf("%q is another site than any server: its web view drops cookies that are not SameSite None", page),
			"set " + lax + " to None, or use tokens in that app"})
		if !dropped && local(u.Hostname()) && !strings.HasSuffix(u.Hostname(), ".localhost") {
			hosts[u.Hostname()] = true
		}
	}
	k.report(
		row{len(k.Config.TrustedOrigins) > 0 && k.NoCORS, Note, "auth.Register",
			"no CORS middleware is before the routes, and browsers send a preflight before a page of TrustedOrigins may send JSON",
			"put one, as gin-contrib/cors, on the router before Register, unless a proxy or a handler around the router answers preflights"},
		row{len(hosts) > 1, Warning, "TrustedOrigins",
			fmt.Sprintf("pages are at %s, which are different sites to a browser: a login at one is not one at the other",
				strings.Join(slices.Sorted(maps.Keys(hosts)), " and ")),
			"use one of the names everywhere, also for the server and in the browser's address bar"},
	)
	return nil
}

// pageURL reads the URL of a page, with or without placeholders. It is empty if the URL is invalid,
// which New refuses.
func pageURL(page string) *url.URL {
	u, err := url.Parse(strings.NewReplacer("{", "", "}", "").Replace(page))
	if err != nil {
		return &url.URL{}
	}
	return u
}

// local reports whether a host is the reader's own machine, whoever reads.
func local(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback()
}
