package ginauth

// Descriptions of the routes for documentation, Routes and ErrorType; and Sessions, for the application's values.

import (
	"reflect"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Routes returns the routes that are configured, in the order of README.md.
func (a *Auth) Routes() []core.RouteInfo { return a.core.Routes() }

// ErrorType returns the type of the error body if a view replaces it. It returns nil for the default, the shapes of
// Django REST framework.
func (a *Auth) ErrorType() reflect.Type { return a.core.ErrorType() }

// Sessions returns the gin-contrib/sessions middleware for the session that this Auth uses. Behind it,
// sessions.Default(c) stores values of your own. They survive a login, are dropped when another user logs in, and
// are deleted at logout. A handler that changes them calls Save before it writes its response.
//
// With the default store, the values are in the cookie itself: a client that keeps a copy of it can send them again
// after logout, without being logged in. So do not store rights there, and use [User] to find out who made the
// request.
//
// It answers 403 to an unsafe request from a foreign origin, because the values belong to the user.
//
// The routes and guards do not need it.
func (a *Auth) Sessions() gin.HandlerFunc { return a.core.Sessions() }
