package ginauth

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"
)

// RequireUser lets only logged-in users through. Handlers behind it get the user from
// [User], [UserAs] and [Session]. It answers 401 to everybody else, 403 to an unsafe
// request from a foreign origin, and 503 when the database or the session store
// cannot say.
//
// Session and user are read in one query, so that a session that was ended, a
// deactivated user and a changed password take effect at the next request.
func (a *Auth) RequireUser() gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Writer.Header().Add("Vary", "Cookie")
		if err := a.requireUser(c); err != nil {
			a.fail(c, err)
		}
	}
}

// OptionalUser is RequireUser for routes that also serve strangers: without a session,
// or with one that has ended, the request goes on and [User] returns nil. The other
// answers are those of RequireUser.
func (a *Auth) OptionalUser() gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Writer.Header().Add("Vary", "Cookie")
		if _, err := a.identify(c); err != nil && !errors.Is(err, errAuthenticationFailed) {
			a.fail(c, err)
		}
	}
}

// checkOrigin refuses what a page of another site makes a browser send, by the rules
// of net/http's CrossOriginProtection: safe methods pass, then Sec-Fetch-Site decides,
// then Origin; a request with neither does not come from a browser (T056). changes
// says that the request is unsafe although its method is not.
func (a *Auth) checkOrigin(r *http.Request, changes bool) error {
	if changes {
		post := *r
		post.Method = http.MethodPost
		r = &post
	}
	switch err := a.cross.Check(r); {
	case err == nil:
		return nil
	case r.Header.Get("Sec-Fetch-Site") != "":
		return errCrossSite.Because(err)
	default:
		return errCrossOrigin.Because(err)
	}
}
