package ginauth

// The user and session of a request, for handlers: User, Actor, UserAs, Session.

import (
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// User returns the logged-in user. It returns nil if the request is not logged in, or if no guard, such as
// [Auth.RequireUser] or [Auth.OptionalUser], ran before. The value belongs to the request: changing it does not
// change the database.
func User(c *gin.Context) *models.User { return core.User(c) }

// Actor returns the operator who acts in the place of the user, with package impersonate. It returns nil if the user acts, and like
// [User]. Use it in the log, and where only the user may act; [Auth.RequireSelf] does that as a guard. With config.JWT.Stateless, it
// has only the ID.
func Actor(c *gin.Context) *models.User { return core.Actor(c) }

// UserAs returns the logged-in user as your own type, or nil like [User]:
//
//	member := ginauth.UserAs[Member](c)
//
// It panics if Config.NewUser makes another type.
func UserAs[U any](c *gin.Context) *U { return core.UserAs[U](c) }

// Session returns the session of the request, or nil like [User]. It is a copy of the row in auth_session.
func Session(c *gin.Context) *models.Session { return core.Session(c) }
