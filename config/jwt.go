package config

import (
	"context"
	"crypto"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// JSONWebToken is a pair of a short-lived signed access token and a refresh token that changes when it
// is used; see [JWT].
const JSONWebToken Credential = "jwt"

// Transport is how JSON Web Tokens travel between server and client.
type Transport string

// The transports.
const (
	// InBody returns {"access", "refresh", "user"}. The client sends the access token as
	// `Authorization: Bearer ...` and the refresh token in the body.
	InBody Transport = "body"
	// InCookies puts both tokens into HttpOnly cookies and none into the body.
	InCookies Transport = "cookie"
	// InEither uses cookies, and the body for logins that ask for it with AskJWT.
	InEither Transport = "either"
)

// JWT sets JSON Web Tokens. It has no effect unless Login has JSONWebToken.
type JWT struct {
	// Transport is how tokens travel: InBody, InCookies or InEither. Default: InBody.
	Transport Transport
	// AccessLifetime is how long an access token is valid. From 1 second to 24 hours; with Stateless, at most
	// 15 minutes. Default: 5 minutes.
	AccessLifetime time.Duration
	// RefreshLifetime is how long a refresh token is valid if it is not used. It must not be shorter than
	// AccessLifetime. Whether used or not, all tokens end at Session.Absolute. Default: 14 days.
	RefreshLifetime time.Duration
	// Keys sign and verify access tokens. The first key signs, and all keys verify. To change the key, put
	// the new one first, and remove the old one after AccessLifetime. Public keys are served at jwks.json.
	// Default: HS256 with keys derived from Secret and OldSecrets.
	Keys []JWTKey
	// Issuer and Audience are the claims "iss" and "aud". They are written into tokens and then required in
	// them, so access tokens from before a change are rejected. Default: none.
	Issuer, Audience string
	// Leeway is how much the clocks of your instances can differ. It extends the lifetime of access
	// and refresh tokens, and the ten seconds in which a replaced refresh token is still accepted. A
	// token that seems to be issued up to ten seconds in the future is always accepted.
	// At most 30 seconds. Default: 0.
	Leeway time.Duration
	// Claims returns claims to add to access tokens. It cannot replace the library's own claims. Anyone who
	// gets a token can read them. At sign-up it runs after the user was stored: if it fails, the user
	// exists but is not logged in. A *binding.Error goes to the client, any other error is a 503. Default: none.
	Claims func(ctx context.Context, user models.Account) (map[string]any, error)
	// AccessCookie and RefreshCookie set the cookies of InCookies and InEither.
	AccessCookie, RefreshCookie JWTCookie
	// ReturnExpiration adds access_expiration and refresh_expiration to the responses of logins,
	// and refresh_expiration to the responses of refreshes, which always have access_expiration.
	// Default: false.
	ReturnExpiration bool
	// AllowFixedRefresh lets a client that cannot store the next refresh token, such as a
	// server-side renderer, ask for one that does not change (AskFixedJWT). Such a login ends
	// after this time, or at Session.Absolute if that is earlier. Nothing reveals a copy of its refresh
	// token. Requests from browsers are rejected, and cookies always rotate. From 1 minute to 24 hours.
	// Default: 0, not allowed.
	AllowFixedRefresh time.Duration
	// AllowCookieTokensInBody also puts the tokens of InCookies into the body, where any script on the page
	// can read them, including an injected one. Default: false.
	AllowCookieTokensInBody bool
	// Stateless lets RequireUser accept an access token without reading the database. A session that has
	// ended then stays valid until its access token expires, and User has only the ID. The library's own
	// routes still read the database. AccessLifetime can then be at most 15 minutes. Default: false.
	Stateless bool
}

// JWTKey is a key for access tokens. Set exactly one of Secret, Private and Public. The kind of key
// decides the algorithm: RS256 for RSA, ES256 for ECDSA on P-256, EdDSA for Ed25519, HS256 for a Secret.
type JWTKey struct {
	ID      string           // the header "kid" of tokens; default: a fingerprint of the key
	Secret  Secret           // for HS256; at least 32 bytes
	Private crypto.Signer    // signs and verifies
	Public  crypto.PublicKey // only verifies
}

// JWTCookie sets a cookie with a JSON Web Token. Zero values are the defaults. The cookie is HttpOnly, and
// Secure unless Cookie.InsecureHTTP is set.
type JWTCookie struct {
	// Name is the whole name on the wire. With the prefix "__Host-", sub-domains cannot set the cookie; it
	// then needs Path "/" and no Domain. Default: "access" and "refresh", as in dj-rest-auth.
	Name string
	// Domain makes browsers send the cookie to this domain and all its sub-domains. Default: this host.
	Domain string
	// Path is the path below which browsers send the cookie. Default: "/" for the access cookie; for the refresh cookie, the routes
	// token/refresh/ and logout/, and with package impersonate those that begin and end an impersonation, which need it.
	Path string
	// SameSite is Lax, Strict or None. Default: Lax for the access cookie, Strict for the refresh cookie.
	SameSite http.SameSite
}

func (j JWT) withDefaults() JWT {
	or(&j.Transport, InBody)
	or(&j.AccessLifetime, 5*time.Minute)
	or(&j.RefreshLifetime, 14*24*time.Hour)
	or(&j.AccessCookie.Name, "access")
	or(&j.AccessCookie.Path, "/")
	or(&j.AccessCookie.SameSite, http.SameSiteLaxMode)
	or(&j.RefreshCookie.Name, "refresh")
	or(&j.RefreshCookie.SameSite, http.SameSiteStrictMode)
	return j
}

func (c Config) checkJWT(bad report) {
	j := c.JWT
	if all := []Transport{InBody, InCookies, InEither}; !slices.Contains(all, j.Transport) {
		bad("JWT.Transport", "%q is invalid; use one of %q", j.Transport, all)
	}
	bad.check([]rule{
		{j.AllowFixedRefresh != 0 && outside(j.AllowFixedRefresh, time.Minute, 24*time.Hour), "JWT.AllowFixedRefresh", "must be between 1 minute and 24 hours, or 0 for never"},
		{outside(j.AccessLifetime, time.Second, 24*time.Hour), "JWT.AccessLifetime", "must be between 1 second and 24 hours"},
		{
			j.Stateless && j.AccessLifetime > 15*time.Minute, "JWT.AccessLifetime",
			"must be at most 15 minutes with JWT.Stateless, because nothing ends such a token earlier",
		},
		{j.RefreshLifetime < j.AccessLifetime, "JWT.RefreshLifetime", "must not be shorter than JWT.AccessLifetime"},
		{outside(j.Leeway, 0, 30*time.Second), "JWT.Leeway", "must be between 0 and 30 seconds"},
	})
	c.checkJWTCookies(bad)
	for i, k := range j.Keys {
		if !k.hasOneKey() {
			bad(at("JWT.Keys", i), "set exactly one of Secret, Private and Public")
		}
	}
}

func (k JWTKey) hasOneKey() bool {
	set := 0
	for _, has := range []bool{k.Secret != "", k.Private != nil, k.Public != nil} {
		if has {
			set++
		}
	}
	return set == 1
}

func (c Config) checkJWTCookies(bad report) {
	names, insecure := map[string]bool{c.Cookie.FullName(): true}, c.Cookie.InsecureHTTP
	for field, k := range sorted(map[string]JWTCookie{"JWT.AccessCookie": c.JWT.AccessCookie, "JWT.RefreshCookie": c.JWT.RefreshCookie}) {
		if !cookieName.MatchString(k.Name) || names[k.Name] {
			bad(field+".Name", "use letters, digits and _ . - and a name that no other cookie has, not %q", k.Name)
		}
		names[k.Name] = true
		bad.check([]rule{
			{k.Path != "" && !validCookiePath(k.Path) || strings.ContainsAny(k.Domain, "; \t"), field, "has a Path or Domain that is not valid"},
			{
				strings.HasPrefix(k.Name, "__Host-") && (k.Path != "/" || k.Domain != "" || insecure), field + ".Name",
				"browsers accept a __Host- cookie only with Path / and Secure, and without Domain",
			},
		})
		checkSameSite(field, k.SameSite, insecure, bad)
	}
}
