package core

// The session cookie and the cookie of known devices; package cookies implements them.

import (
	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// CookieKeys returns the keys of all session cookies of a request. A logout must end all of them: if a stranger
// planted a second cookie, the user's own session must end as well.
func (c *Core) CookieKeys(g *gin.Context) ([]string, error) { return c.cookies.Keys(g) }

// DropSessionCookie empties the gin session and deletes its cookie, if the request has one.
func (c *Core) DropSessionCookie(g *gin.Context) error { return c.cookies.Drop(g) }

// ExpireCookie deletes the session cookie without using the session store.
func (c *Core) ExpireCookie(g *gin.Context) { c.cookies.Expire(g) }

// needsDevices reports whether the library distinguishes new devices from those where a user has logged in.
func (c *Core) needsDevices() bool { return c.Notices() || !c.cfg.Limits.AllowUnlimited }

// rememberDevice sets a cookie which says that the user logged in here, if that is needed and cookies are in use.
func (c *Core) rememberDevice(g *gin.Context, u *models.User) {
	if c.UsesCookies() && c.needsDevices() {
		var keys []string
		if address := LoginIdentifiers(u.Email, ""); len(address) > 0 && c.remembersAddress(g, u, address[0].key) {
			keys = append(keys, address[0].key)
		}
		for _, name := range LoginIdentifiers("", u.Username) {
			keys = append(keys, name.key)
		}
		c.cookies.RememberDevice(g, u, keys...)
	}
}

// remembersAddress reports whether a login makes the browser a known one of the user's address: if the user has confirmed it.
// Otherwise the failures of someone who only claims an address would keep its owner waiting. It costs a query for each browser.
func (c *Core) remembersAddress(g *gin.Context, u *models.User, identifier string) bool {
	if c.cfg.Limits.AllowUnlimited || c.cfg.EmailVerification == config.VerifyNone || c.cookies.KnowsIdentifier(g, identifier) {
		return true
	}
	owner, err := c.store.OwnerID(g.Request.Context(), models.EmailKey(u.Email))
	return err == nil && owner == u.ID
}

// Sessions implements ginauth.Auth.Sessions, which has the documentation.
func (c *Core) Sessions() gin.HandlerFunc {
	c.hasValues.Store(true)
	middleware := c.cookies.Middleware()
	return func(g *gin.Context) {
		if err := c.origins.Check(g.Request, false); err != nil {
			c.Fail(g, err)
			return
		}
		sessions.GetRegistry(g.Request) // before the request is copied, so that all copies share one session
		middleware(g)
	}
}
