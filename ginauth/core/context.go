package core

// The identity in the context of a request: User, Actor, UserAs, Session.

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/models"
)

// Identity is the account that made a request, and the session that it used.
type Identity struct {
	auth    *Core // the one whose guard found it; another Auth does not trust it
	Account models.Account
	Session *models.Session
	// Actor is the operator who acts in the place of the user; nil if the user acts. From an access token alone, with
	// config.JWT.Stateless, it has only the ID.
	Actor models.Account

	ByHeader bool // by a token in the Authorization header, not by a cookie
	foreign  bool // by an [Identifier], so there is no row in auth_session
	cached   bool // out of the cache, so up to config.Session.CacheFor old
}

// looked reports whether the user was read from the database for this request.
func (id *Identity) looked() bool { return id.foreign || id.Session.KeyHash != "" && !id.cached }

// WithoutRequest returns a context for calls that an application makes without a request, such as from a command. Notices
// then say nothing about a client.
func WithoutRequest(ctx context.Context) *gin.Context {
	return &gin.Context{Request: new(http.Request).WithContext(ctx)}
}

type identityKey struct{}

// permissionKey has the permission of a route for operators, once they are admitted.
type permissionKey struct{}

// IdentityOf returns the identity of a request, or nil if no guard ran or the request is not logged in.
func (*Core) IdentityOf(g *gin.Context) *Identity { return identityOf(g) }

func identityOf(g *gin.Context) *Identity {
	if g == nil {
		return nil
	}
	v, _ := g.Get(identityKey{})
	id, _ := v.(*Identity)
	return id
}

// AuthOf returns the core of the Auth whose guard found the user of a request, or nil if no guard ran or the request is not
// logged in. Use it in functions of features that take a request and no Auth.
func AuthOf(g *gin.Context) *Core {
	if id := identityOf(g); id != nil {
		return id.auth
	}
	return nil
}

// actorID returns the ID of the operator who acts in the place of the logged-in user, or 0.
func actorID(g *gin.Context) int64 {
	if id := identityOf(g); id != nil {
		return id.Session.ActorID
	}
	return 0
}

// accountOf returns the logged-in account, or nil.
func accountOf(g *gin.Context) models.Account {
	if id := identityOf(g); id != nil {
		return id.Account
	}
	return nil
}

// User returns the logged-in user, or nil if no guard ran or the request is not logged in.
func User(g *gin.Context) *models.User {
	if id := identityOf(g); id != nil {
		return id.Account.Base()
	}
	return nil
}

// Actor returns the operator who acts in the place of the user of a request, see package impersonate. It returns nil if the user
// acts, and like [User]. With config.JWT.Stateless, the value of an access token has only the ID.
func Actor(g *gin.Context) *models.User {
	if id := identityOf(g); id != nil && id.Actor != nil {
		return id.Actor.Base()
	}
	return nil
}

// UserAs is [User] as the application's own type. It panics if NewUser makes another type.
func UserAs[U any](g *gin.Context) *U {
	id := identityOf(g)
	if id == nil {
		return nil
	}
	user, ok := any(id.Account).(*U)
	if !ok {
		panic(fmt.Sprintf("ginauth: UserAs[%T], but Config.NewUser makes %T", *new(U), id.Account))
	}
	return user
}

// Session returns the session of the request, or nil like [User].
func Session(g *gin.Context) *models.Session {
	if id := identityOf(g); id != nil {
		return id.Session
	}
	return nil
}

// PathID returns the parameter :id of a path, or [ErrNotFound] if it is not a positive number.
func PathID(g *gin.Context) (int64, error) {
	id, err := strconv.ParseInt(g.Param("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, ErrNotFound
	}
	return id, nil
}
