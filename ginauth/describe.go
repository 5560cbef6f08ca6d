package ginauth

// What is registered, for documentation: Routes and ErrorType; and Sessions for values of the application.

import (
	"reflect"

	"github.com/gin-gonic/gin"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Routes lists the routes in the order of the README.
func (a *Auth) Routes() []core.RouteInfo { return a.core.Routes() }

// ErrorType is the type of the error body where a view replaces it, else nil: the shapes of
// Django REST framework.
func (a *Auth) ErrorType() reflect.Type { return a.core.ErrorType() }

// Sessions returns the gin-contrib/sessions middleware on the session that this Auth
// uses, so that sessions.Default(c) gives the application room for values of its own.
// Values from before a login are kept, values of another user are dropped, and logout deletes
// them. A handler that changes them calls Save before it writes its response.
//
// With the default store the values are in the cookie itself: anyone who keeps a copy of it can
// send them again after logout, without being logged in. Use [User] to learn who made the request,
// and keep no rights there.
//
// It returns 403 to an unsafe request from a foreign origin, since the values, and the cookie
// that Save sets, are the user's.
//
// The routes, RequireUser and OptionalUser do not need it.
func (a *Auth) Sessions() gin.HandlerFunc { return a.core.Sessions() }
