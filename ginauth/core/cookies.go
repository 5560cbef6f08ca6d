package core

// The session cookie and the cookie of known devices, for flows; package cookies has their rules.

import (
	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/models"
)

// CookieKeys returns the keys of all session cookies of a request, so that a second cookie, which a stranger planted,
// cannot keep the session of the first from being ended.
func (c *Core) CookieKeys(g *gin.Context) ([]string, error) { return c.cookies.Keys(g) }

// DropSessionCookie empties the gin session and deletes its cookie, if one came.
func (c *Core) DropSessionCookie(g *gin.Context) error { return c.cookies.Drop(g) }

// ExpireCookie deletes the session cookie without the store.
func (c *Core) ExpireCookie(g *gin.Context) { c.cookies.Expire(g) }

// rememberDevice notes in a cookie that the user logged in here, where notices and cookies are in use.
func (c *Core) rememberDevice(g *gin.Context, u *models.User) {
	if c.Notices() && c.UsesCookies() {
		c.cookies.RememberDevice(g, u)
	}
}

// Sessions implements the method Sessions of ginauth.Auth, which documents it.
func (c *Core) Sessions() gin.HandlerFunc {
	c.hasValues.Store(true)
	middleware := c.cookies.Middleware()
	return func(g *gin.Context) {
		if err := c.origins.Check(g.Request, false); err != nil {
			c.Fail(g, err)
			return
		}
		sessions.GetRegistry(g.Request) // before anybody copies the request, so that all see one session
		middleware(g)
	}
}
