package ginauth

// Auth, the type that applications use: Register, Use, Config and Base.

import (
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Auth is the library in an application: [New] makes it, [Auth.Register] mounts it once. It is safe for concurrent
// use, starts no goroutine, and has nothing to close.
type Auth struct {
	core.Holder
	core *core.Core
	cfg  config.Config
}

// Register mounts the routes on a router: on an engine below Config.BasePath or, if that is not set, below /auth;
// on a group directly, or below Config.BasePath in the group. Middleware that the router has by then runs before
// the routes.
//
// It returns an error if it is called twice, or if one of the paths is taken.
func (a *Auth) Register(router gin.IRouter) error { return a.core.Register(router) }

// ChangePasswordPage returns a handler that redirects to Config.ChangePasswordPage, or responds with 404 if that is not
// set. Register mounts it on an engine. If you give Register a group, mount it on the engine yourself:
//
//	router.GET("/.well-known/change-password", auth.ChangePasswordPage())
func (a *Auth) ChangePasswordPage() gin.HandlerFunc { return a.core.ChangePasswordPage() }

// Use puts your middleware before a route. path is the route's path below the base, such as "registration" or
// "password/reset"; the empty path means all routes. Call it before Register. It panics if there is no such route.
func (a *Auth) Use(path string, handlers ...gin.HandlerFunc) { a.core.Use(path, handlers...) }

// Config returns the completed and checked configuration, including secrets. Changing the result has no effect.
func (a *Auth) Config() config.Config { return a.core.Config() }

// Base returns the path of the routes, such as "/auth". It is empty before Register.
func (a *Auth) Base() string { return a.core.Base() }
