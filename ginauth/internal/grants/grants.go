// Package grants chooses the credential that a login gives its client.
package grants

import (
	"net/http"
	"slices"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/cookies"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/origin"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/tokens"
)

// Grant is what a login gives its client. The choice is made once, in core.SignIn, and stored on the session row. Each
// credential is then checked against the row, so that no route turns one kind into another: the key of a session cookie is
// not a bearer token, a token in a cookie does not log a browser in, and a refresh returns tokens in the same way as its
// login.
type Grant struct {
	Credential string // models.Session.Credential
	Cookies    bool   // sets the cookies that are in use, and ends the sessions of those it replaces
	Pair       bool   // JSON Web Tokens, in cookies or in the body
	Short      bool   // models.Session.Short; not set by Rules
}

// Rules are the settings of one Auth that decide which credential a login gives.
type Rules struct {
	Config  *config.Config
	Cookies *cookies.Jar
	JWT     *tokens.Issuer // nil if logins give no JSON Web Tokens
	Origins *origin.Checker
}

var errCredential = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeCredential}

// UsesCookies reports whether browsers send a credential automatically.
func (r Rules) UsesCookies() bool { return r.Cookies.InUse || r.JWT.InCookies() }

// For returns what a login gives the client of a request, or an error if it asks for a credential that it cannot get. before is what an
// earlier request of the same login asked for, or "". Where cookies are in use, a page in a browser gets a token only if its origin is
// listed, since any script on a page can ask.
func (r Rules) For(req *http.Request, before string) (Grant, error) {
	asked := req.Header.Values(config.CredentialHeader)
	if len(asked) == 0 && before != "" {
		asked = []string{before}
	}
	switch {
	case len(asked) > 1:
		return Grant{}, errCredential
	case len(asked) == 1 && !r.mayGrant(asked[0]):
		r.Origins.WarnOfCredential(req)
		return Grant{}, errCredential
	case len(asked) == 0 && r.UsesCookies() && (!r.Config.AllowTokensWithCookies || isRead(req)):
		asked = []string{config.AskCookie}
	case len(asked) == 0:
		return Grant{Cookies: true, Pair: r.JWT != nil}, nil
	}
	granted := Grant{Credential: asked[0], Cookies: asked[0] == config.AskCookie}
	switch granted.Credential {
	case config.AskCookie:
		granted.Pair = r.JWT.InCookies()
	case config.AskJWT, config.AskFixedJWT:
		granted.Pair = true
	}
	if !granted.Cookies && (isRead(req) || fromBrowser(req)) && !r.mayReadTokens(req, granted) {
		if granted.Credential != config.AskFixedJWT && fromBrowser(req) {
			r.Origins.WarnOfTokens(req)
		}
		return Grant{}, errCredential
	}
	return granted, nil
}

// mayGrant reports whether the configuration allows a credential.
func (r Rules) mayGrant(credential string) bool {
	switch credential {
	case config.AskCookie:
		return r.UsesCookies()
	case config.AskToken:
		return slices.Contains(r.Config.Login, config.OpaqueToken)
	case config.AskJWT:
		return r.JWT != nil && r.Config.JWT.Transport != config.InCookies
	case config.AskFixedJWT:
		return r.JWT != nil && r.Config.JWT.AllowFixedRefresh > 0
	}
	return false
}

// fromBrowser reports whether a browser sent a request: every browser sends one of these headers with a POST, and pages
// cannot remove them.
func fromBrowser(req *http.Request) bool {
	return len(req.Header.Values("Origin")) > 0 || len(req.Header.Values("Sec-Fetch-Site")) > 0
}

// isRead reports whether a request may come from a browser even if fromBrowser returns false: over plain HTTP, pages send
// neither header with these methods. Only applications log users in with them, see LogIn.
func isRead(req *http.Request) bool {
	return req.Method == http.MethodGet || req.Method == http.MethodHead
}

// mayReadTokens reports whether a page may get a token in the body. Without cookies, a token is the only credential for
// pages, and CORS decides which pages can read it.
func (r Rules) mayReadTokens(req *http.Request, granted Grant) bool {
	if granted.Credential == config.AskFixedJWT { // for servers
		return false
	}
	origins := req.Header.Values("Origin")
	return !r.UsesCookies() || len(origins) == 1 && slices.Contains(r.Config.TokenOrigins, origins[0])
}
