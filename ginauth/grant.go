package ginauth

// Grants: the credential that a login gives its client, chosen once and kept on the session.

import (
	"net/http"
	"slices"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// A grant is what a login gives its client. The choice is made once, in signIn, and stored
// on the session row. Each credential is then checked against the row, so that no route turns
// one kind into another: a key from a session cookie is no bearer token, a token in a cookie
// logs no browser in, and a refresh answers in the way that its login did.
type grant struct {
	credential string // models.Session.Credential
	cookies    bool   // sets the cookies that are in use, and ends the sessions of those it replaces
	pair       bool   // JSON Web Tokens, in cookies or in the body
}

// grantFor reads what the client asks for. A page in a browser gets a token beside cookies
// only if its origin is listed, since any script on a page can ask.
func (a *Auth) grantFor(r *http.Request) (grant, error) {
	asked := r.Header.Values(config.CredentialHeader)
	switch {
	case len(asked) > 1:
		return grant{}, errCredential
	case len(asked) == 1 && !a.mayGrant(asked[0]):
		return grant{}, errCredential
	case len(asked) == 0 && a.ambient() && (!a.cfg.AllowTokensWithCookies || isRead(r)):
		asked = []string{config.AskCookie}
	case len(asked) == 0:
		return grant{cookies: true, pair: a.ring != nil}, nil
	}
	g := grant{credential: asked[0], cookies: asked[0] == config.AskCookie}
	switch g.credential {
	case config.AskCookie:
		g.pair = a.tokenCookies()
	case config.AskJWT, config.AskFixedJWT:
		g.pair = true
	}
	if !g.cookies && (isRead(r) || fromBrowser(r)) && !a.mayReadTokens(r, g) {
		return grant{}, errCredential
	}
	return g, nil
}

// mayGrant reports whether the configuration has a credential.
func (a *Auth) mayGrant(credential string) bool {
	switch credential {
	case config.AskCookie:
		return a.ambient()
	case config.AskToken:
		return a.tokens
	case config.AskJWT:
		return a.ring != nil && a.cfg.JWT.Transport != config.InCookies
	case config.AskFixedJWT:
		return a.ring != nil && a.cfg.JWT.AllowFixedRefresh > 0
	}
	return false
}

// fromBrowser reports whether a browser sent a request: all of them send one of these headers
// with a POST, and no page can take them out.
func fromBrowser(r *http.Request) bool {
	return len(r.Header.Values("Origin")) > 0 || len(r.Header.Values("Sec-Fetch-Site")) > 0
}

// isRead reports whether a request may come from a browser although fromBrowser says no: by plain
// HTTP, pages send neither header with these methods. Only applications log in by them, see LogIn.
func isRead(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}

// mayReadTokens reports whether a page may get a token in the body. Where there are no cookies,
// a token is all that any page can get, and CORS decides who reads it.
func (a *Auth) mayReadTokens(r *http.Request, g grant) bool {
	if g.credential == config.AskFixedJWT { // for servers
		return false
	}
	origins := r.Header.Values("Origin")
	return !a.ambient() || len(origins) == 1 && slices.Contains(a.cfg.TokenOrigins, origins[0])
}

// ambient reports whether browsers send a credential by themselves.
func (a *Auth) ambient() bool {
	return a.cookies || a.tokenCookies()
}

// tokenCookies reports whether JSON Web Tokens travel in cookies.
func (a *Auth) tokenCookies() bool {
	return a.ring != nil && a.cfg.JWT.Transport != config.InBody
}

// gave reports whether the login of a session gave a credential.
func gave(s *models.Session, credential string) bool {
	return s.Credential == "" || s.Credential == credential
}

// lifeOf is how long a session lives at most.
func (a *Auth) lifeOf(g grant) time.Duration {
	if g.credential == config.AskFixedJWT {
		return min(a.cfg.Session.Absolute, a.cfg.JWT.AllowFixedRefresh)
	}
	return a.cfg.Session.Absolute
}
