package ginauth

// The identity in the context of a request: User, UserAs, Session.

import (
	"fmt"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/models"
)

// identity is who made a request, and by which session.
type identity struct {
	auth    *Auth // whose guard found it; another Auth on the same request does not believe it
	account models.Account
	session *models.Session

	byHeader bool // by a token in the Authorization header, not by a cookie
}

type identityKey struct{}

func identityOf(c *gin.Context) *identity {
	if c == nil {
		return nil
	}
	v, _ := c.Get(identityKey{})
	id, _ := v.(*identity)
	return id
}

// User returns the logged-in user, or nil where nobody is or where neither
// [Auth.RequireUser] nor [Auth.OptionalUser] ran. The value belongs to the request:
// changing it changes nothing in the database.
func User(c *gin.Context) *models.User {
	if id := identityOf(c); id != nil {
		return id.account.Base()
	}
	return nil
}

// UserAs returns the logged-in user as the application's own type, or nil like [User]:
//
//	member := ginauth.UserAs[Member](c)
//
// It panics when the configured NewUser makes another type.
func UserAs[U any](c *gin.Context) *U {
	id := identityOf(c)
	if id == nil {
		return nil
	}
	user, ok := any(id.account).(*U)
	if !ok {
		panic(fmt.Sprintf("ginauth: UserAs[%T], but Config.NewUser makes %T", *new(U), id.account))
	}
	return user
}

// Session returns the session of the request, or nil like [User]. It is a copy of the
// row in auth_session.
func Session(c *gin.Context) *models.Session {
	if id := identityOf(c); id != nil {
		return id.session
	}
	return nil
}
