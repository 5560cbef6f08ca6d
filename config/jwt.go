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

// JSONWebToken gives a short-lived signed access token and a refresh token that
// changes at each use; see JWT.
const JSONWebToken Credential = "jwt"

// Transport is the way JSON Web Tokens go to the client and back.
type Transport string

// The transports.
const (
	// InBody answers {"access", "refresh", "user"}; the client sends the access token as
	// `Authorization: Bearer ...` and the refresh token in the body.
	InBody Transport = "body"
	// InCookies puts both into HttpOnly cookies and neither into the body.
	InCookies Transport = "cookie"
	// InEither is InCookies, and InBody for logins that ask for it; see AskJWT.
	InEither Transport = "either"
)

// JWT sets JSON Web Tokens. It has no effect unless Login has JSONWebToken.
type JWT struct {
	// Transport is how tokens travel. Default InBody.
	Transport Transport
	// AccessLifetime is the life of an access token. Default 5 minutes.
	AccessLifetime time.Duration
	// RefreshLifetime is how long a refresh token is good if it is not used. Default 14
	// days. Used or not, all ends with Session.Absolute.
	RefreshLifetime time.Duration
	// Keys sign and verify: the first signs, all verify, so that a key is changed by
	// putting the next one before it. Default: HS256 with keys from Secret and OldSecrets.
	// Public keys are served at jwks.json.
	Keys []JWTKey
	// Issuer and Audience are written into the tokens, and required in them. Default
	// none.
	Issuer, Audience string
	// Leeway is how far the clocks of your instances may differ. It extends the life of access
	// and refresh tokens, and the ten seconds in which a replaced refresh token is accepted. A
	// token that seems to be issued up to ten seconds in the future is accepted without it.
	// Default 0, at most 30 seconds.
	Leeway time.Duration
	// Claims adds claims to access tokens; it cannot replace those of the library. It may
	// be called by many requests at once; everybody who gets a token can read them. At a
	// sign-up it is called when the user is stored, who stays when it fails, without a session.
	Claims func(ctx context.Context, user models.Account) (map[string]any, error)
	// AccessCookie and RefreshCookie are used with InCookies and InEither.
	AccessCookie, RefreshCookie JWTCookie
	// ReturnExpiration adds access_expiration and refresh_expiration to the answers of logins,
	// and refresh_expiration to those of refreshes, which always have access_expiration.
	// Default false.
	ReturnExpiration bool
	// AllowFixedRefresh lets a client that cannot store the next refresh token, such as a
	// server-side renderer, ask for one that does not change (AskFixedJWT). Such a login ends
	// after this time, whatever Session.Absolute says. A copy of its refresh token is never
	// noticed. Browsers are refused, and cookies always rotate. Default 0, never; at most 24
	// hours.
	AllowFixedRefresh time.Duration
	// AllowCookieTokensInBody also puts the tokens into the body with InCookies, where
	// scripts, and so anybody's injected script, can read them. Default false.
	AllowCookieTokensInBody bool
	// Stateless lets RequireUser believe an access token without asking the
	// database: what was ended lives on until the token expires, and User has the ID
	// only. The library's own routes still ask. AccessLifetime may then be at most 15
	// minutes. Default false.
	Stateless bool
}

// JWTKey is one key; exactly one of Secret, Private and Public is set. The kind of key
// fixes the algorithm: RSA RS256, ECDSA on P-256 ES256, Ed25519 EdDSA, Secret HS256.
type JWTKey struct {
	ID      string           // kid; default a fingerprint
	Secret  Secret           // HS256, at least 32 bytes
	Private crypto.Signer    // signs and verifies
	Public  crypto.PublicKey // only verifies
}

// JWTCookie sets one cookie. Zero values are the defaults; every cookie is HttpOnly, and
// Secure unless Cookie.InsecureHTTP is set.
type JWTCookie struct {
	Name     string        // default "access", "refresh"; a name with __Host- cannot be planted by others
	Domain   string        // default this host
	Path     string        // default "/"; of the refresh cookie, the refresh and logout routes
	SameSite http.SameSite // default Lax; of the refresh cookie, Strict
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
		bad("JWT.Transport", "%q is none of %q", j.Transport, all)
	}
	bad.check([]rule{
		{j.AllowFixedRefresh != 0 && outside(j.AllowFixedRefresh, time.Minute, 24*time.Hour), "JWT.AllowFixedRefresh", "must be between 1 minute and 24 hours, or 0 for never"},
		{outside(j.AccessLifetime, time.Second, 24*time.Hour), "JWT.AccessLifetime", "must be between 1 second and 24 hours"},
		{
			j.Stateless && j.AccessLifetime > 15*time.Minute, "JWT.AccessLifetime",
			"must be at most 15 minutes with JWT.Stateless, since nothing ends such a token sooner",
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
			bad(field+".Name", "use letters, digits and _ . - and a name of its own, not %q", k.Name)
		}
		names[k.Name] = true
		bad.check([]rule{
			{k.Path != "" && !validCookiePath(k.Path) || strings.ContainsAny(k.Domain, "; \t"), field, "has a Path or Domain that is not valid"},
			{
				strings.HasPrefix(k.Name, "__Host-") && (k.Path != "/" || k.Domain != "" || insecure), field + ".Name",
				"browsers take a __Host- cookie only with Path / and Secure, without Domain",
			},
		})
		checkSameSite(field, k.SameSite, insecure, bad)
	}
}
