package core

// Grants: the credential that a login gives its client, chosen once and kept on the session.

import (
	"net/http"
	"slices"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// A grant is what a login gives its client. The choice is made once, in SignIn, and stored
// on the session row. Each credential is then checked against the row, so that no route turns
// one kind into another: a key from a session cookie is no bearer token, a token in a cookie
// logs no browser in, and a refresh answers in the way that its login did.
type grant struct {
	Credential string // models.Session.Credential
	cookies    bool   // sets the cookies that are in use, and ends the sessions of those it replaces
	pair       bool   // JSON Web Tokens, in cookies or in the body
}

// CheckGrant refuses a request that asks for a credential it cannot get. Call it before a password is verified, or the
// refusal tells that the password was right.
func (c *Core) CheckGrant(r *http.Request) error {
	_, err := c.grantFor(r)
	return err
}

// grantFor reads what the client asks for. A page in a browser gets a token beside cookies
// only if its origin is listed, since any script on a page can ask.
func (c *Core) grantFor(r *http.Request) (grant, error) {
	asked := r.Header.Values(config.CredentialHeader)
	switch {
	case len(asked) > 1:
		return grant{}, errCredential
	case len(asked) == 1 && !c.mayGrant(asked[0]):
		return grant{}, errCredential
	case len(asked) == 0 && c.UsesCookies() && (!c.cfg.AllowTokensWithCookies || isRead(r)):
		asked = []string{config.AskCookie}
	case len(asked) == 0:
		return grant{cookies: true, pair: c.jwt != nil}, nil
	}
	granted := grant{Credential: asked[0], cookies: asked[0] == config.AskCookie}
	switch granted.Credential {
	case config.AskCookie:
		granted.pair = c.jwt.InCookies()
	case config.AskJWT, config.AskFixedJWT:
		granted.pair = true
	}
	if !granted.cookies && (isRead(r) || fromBrowser(r)) && !c.mayReadTokens(r, granted) {
		if granted.Credential != config.AskFixedJWT && fromBrowser(r) {
			c.origins.WarnOfTokens(r)
		}
		return grant{}, errCredential
	}
	return granted, nil
}

// mayGrant reports whether the configuration has a credential.
func (c *Core) mayGrant(credential string) bool {
	switch credential {
	case config.AskCookie:
		return c.UsesCookies()
	case config.AskToken:
		return c.tokens
	case config.AskJWT:
		return c.jwt != nil && c.cfg.JWT.Transport != config.InCookies
	case config.AskFixedJWT:
		return c.jwt != nil && c.cfg.JWT.AllowFixedRefresh > 0
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
func (c *Core) mayReadTokens(r *http.Request, granted grant) bool {
	if granted.Credential == config.AskFixedJWT { // for servers
		return false
	}
	origins := r.Header.Values("Origin")
	return !c.UsesCookies() || len(origins) == 1 && slices.Contains(c.cfg.TokenOrigins, origins[0])
}

// UsesCookies reports whether browsers send a credential by themselves.
func (c *Core) UsesCookies() bool {
	return c.cookies.InUse || c.jwt.InCookies()
}

// UsesTokens reports whether logins give opaque tokens and users may make personal ones.
func (c *Core) UsesTokens() bool { return c.tokens }

// gave reports whether the login of a session gave a credential.
func gave(s *models.Session, credential string) bool {
	return s.Credential == "" || s.Credential == credential
}

// lifeOf is how long a session lives at most.
func (c *Core) lifeOf(granted grant) time.Duration {
	if granted.Credential == config.AskFixedJWT {
		return min(c.cfg.Session.Absolute, c.cfg.JWT.AllowFixedRefresh)
	}
	return c.cfg.Session.Absolute
}
