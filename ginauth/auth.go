package ginauth

// Auth, what applications hold of the library: Register, and what describes it.

import (
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Auth is the plugin: made once by [New], mounted once by [Auth.Register], and safe
// for concurrent use. It starts no goroutine and holds nothing to close.
type Auth struct {
	core.Holder
	core *core.Core
	cfg  config.Config
}

// Register mounts the routes on a router: on an engine below Config.BasePath or, if
// that is not set, below /auth; on a group directly, or below Config.BasePath in it.
// The routes bring what they need and use the middleware the router has by then.
//
// It returns an error when called twice, or when one of the paths is taken.
func (a *Auth) Register(router gin.IRouter) error { return a.core.Register(router) }

// Use puts middleware of the application's before a route, named by its path below the base,
// as "registration" or "password/reset"; the empty path stands for all. Call it before
// Register. It panics on a path that is none.
func (a *Auth) Use(path string, handlers ...gin.HandlerFunc) { a.core.Use(path, handlers...) }

// Config returns the completed and checked configuration, secrets among it. Changing it changes
// nothing.
func (a *Auth) Config() config.Config { return a.core.Config() }

// Base is the path of the routes, as "/auth"; empty before Register.
func (a *Auth) Base() string { return a.core.Base() }
