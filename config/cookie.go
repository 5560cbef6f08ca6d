package config

import "net/http"

// Cookie sets the attributes of the session cookie. The zero value is a strict cookie: the name
// "__Host-session", Secure, HttpOnly, SameSite=Lax, Path=/.
type Cookie struct {
	// Name is the name without prefix: letters, digits, "_", "." and "-". The library adds the prefix
	// that browsers enforce: __Host- by default, __Secure- if Domain or Path is set, and none with
	// InsecureHTTP. Default: "session".
	Name string
	// Domain makes browsers send the cookie to this domain and all its sub-domains. Every one of them
	// can then read and replace it, so all must be trusted. Default: this host only.
	Domain string
	// Path is the path below which browsers send the cookie. It must include your own routes that need
	// the login. Default: "/".
	Path string
	// SameSite is Lax, Strict or None. None makes browsers send the cookie with requests from every site; a
	// front end on another site needs it. None together with InsecureHTTP is an error. Default: Lax.
	SameSite http.SameSite
	// Partitioned is for applications that other sites embed in a frame (CHIPS). Browsers then keep separate
	// cookies for each embedding site, and accept them where they block other third-party
	// cookies. Users log in once for each of these sites. It applies to all cookies of the library, also those
	// of JWT. It needs SameSite None for each cookie, and Secure; otherwise New returns an error. Default: false.
	Partitioned bool
	// InsecureHTTP leaves out Secure and the name prefix, so that the cookie works over plain http, where
	// anyone on the network can copy it. For development only; Check reports it as an error. Default: false.
	InsecureHTTP bool
}

func (c Cookie) withDefaults() Cookie {
	or(&c.Name, "session")
	or(&c.Path, "/")
	or(&c.SameSite, http.SameSiteLaxMode)
	return c
}

// FullName returns the name that browsers see, with its prefix (RFC 6265bis, section 4.1.3).
func (c Cookie) FullName() string {
	switch {
	case c.InsecureHTTP:
		return c.Name
	case c.Domain != "" || c.Path != "/":
		return "__Secure-" + c.Name
	}
	return "__Host-" + c.Name
}
