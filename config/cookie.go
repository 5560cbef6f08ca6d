package config

import "net/http"

// Cookie sets the attributes of the session cookie. The zero value is the strictest
// cookie a browser knows: __Host- name, Secure, HttpOnly, SameSite=Lax, Path=/.
type Cookie struct {
	// Name is the bare name; a prefix that browsers enforce is put before it:
	// __Host- where it can be, __Secure- where Domain or Path are set, none with
	// InsecureHTTP. Default "session".
	Name string
	// Domain also sends the cookie to sub-domains, all of which must then be
	// trusted. Default: this host only.
	Domain string
	// Path limits the cookie. Default "/".
	Path string
	// SameSite is Lax by default. None sends the cookie with requests from every
	// site and is refused together with InsecureHTTP.
	SameSite http.SameSite
	// Partitioned gives all cookies of the library, those of JWT included, a jar of their own
	// for each site that embeds the application in a frame (CHIPS); where browsers block
	// other third-party cookies, they still take these. A user logs in once for each of
	// these sites. It needs SameSite None for each cookie, and Secure. Default false.
	Partitioned bool
	// InsecureHTTP drops Secure and the name prefix, so that the cookie works over
	// plain http, where anybody on the way can take it. For development only.
	InsecureHTTP bool
}

func (c Cookie) withDefaults() Cookie {
	or(&c.Name, "session")
	or(&c.Path, "/")
	or(&c.SameSite, http.SameSiteLaxMode)
	return c
}

// FullName returns the name on the wire, prefix included (RFC 6265bis, section 4.1.3).
func (c Cookie) FullName() string {
	switch {
	case c.InsecureHTTP:
		return c.Name
	case c.Domain != "" || c.Path != "/":
		return "__Secure-" + c.Name
	}
	return "__Host-" + c.Name
}
