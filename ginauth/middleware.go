package ginauth

// Guards for the application's routes: RequireUser, OptionalUser, Require and others; and Fail.

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// RequireUser returns middleware that lets only logged-in users through. Handlers behind it get the user from
// [User], [UserAs] and [Session]. It answers 401 if the request is not logged in, 403 to an unsafe request from a
// foreign origin and to a personal token with scopes, and 503 if the database or the session store fails.
//
// A token in the Authorization header wins over cookies. Session and user are read in one query, so a revoked
// session, a deactivated user or a changed password takes effect at the next request, with every credential.
// config.JWT.Stateless turns that off for access tokens. config.Session.CacheFor delays it for GET and HEAD, by at
// most 30 seconds.
func (a *Auth) RequireUser() gin.HandlerFunc {
	return a.core.Guard(func(c *gin.Context) error {
		return a.core.Require(c, true, core.AccessUserOrToken.Admits)
	})
}

// RequireSelf is [Auth.RequireUser] for what only the user may do, such as paying. It answers 403 impersonated to an operator who acts in
// the place of the user, with package impersonate. [Auth.RequireFresh] and mfa.Require do that as well.
func (a *Auth) RequireSelf() gin.HandlerFunc {
	return a.core.Guard(func(c *gin.Context) error { return a.core.Require(c, true, core.AdmitsSelf) })
}

// RequireScope is [Auth.RequireUser] for routes that also admit personal tokens with all of these scopes. Sessions,
// and personal tokens without scopes, can do what their user can do. It panics on a scope that is not in
// config.Token.Scopes, because no token can have it.
func (a *Auth) RequireScope(scopes ...string) gin.HandlerFunc {
	if len(scopes) == 0 {
		panic("ginauth: RequireScope needs a scope; RequireUser needs none")
	}
	for _, scope := range scopes {
		if !slices.Contains(a.cfg.Token.Scopes, scope) {
			panic(fmt.Sprintf("ginauth: RequireScope(%q): not in config.Token.Scopes %q", scope, a.cfg.Token.Scopes))
		}
	}
	may := func(s *models.Session) error {
		has := strings.Fields(s.Scopes)
		if len(has) == 0 {
			return nil
		}
		for _, scope := range scopes {
			if !slices.Contains(has, scope) {
				return core.ErrScope
			}
		}
		return nil
	}
	return a.core.Guard(func(c *gin.Context) error { return a.core.Require(c, true, may) })
}

// OptionalUser is [Auth.RequireUser] for routes that also serve requests that are not logged in: without
// credentials, or with the cookie of a session that has ended, the request continues and [User] returns nil. In all
// other cases it answers as RequireUser does; an invalid token is 401.
func (a *Auth) OptionalUser() gin.HandlerFunc {
	return a.core.Guard(func(c *gin.Context) error {
		id, err := a.core.Identify(c, true)
		if errors.Is(err, core.ErrEnded) {
			return nil
		}
		if err == nil && id != nil {
			return core.AccessUserOrToken.Admits(id.Session)
		}
		return err
	})
}

// RequireStaff is [Auth.RequireUser] for users with IsStaff. It answers 403 to other users.
func (a *Auth) RequireStaff() gin.HandlerFunc {
	return a.Require(func(u *models.User) bool { return u.IsStaff })
}

// RequireSuperuser is [Auth.RequireUser] for users with IsSuperuser. It answers 403 to other users.
func (a *Auth) RequireSuperuser() gin.HandlerFunc {
	return a.Require(func(u *models.User) bool { return u.IsSuperuser })
}

// Require is [Auth.RequireUser] for users that may returns true for. It answers 403 to other users. The user is
// always read from the database, even with config.JWT.Stateless or config.Session.CacheFor. For your own user type,
// use [RequireAs].
func (a *Auth) Require(may func(*models.User) bool) gin.HandlerFunc {
	return a.require(func(c *gin.Context) bool { return may(core.User(c)) })
}

// RequireAs is [Auth.Require] for your own user type:
//
//	router.GET("/admin", ginauth.RequireAs(auth, func(m *Member) bool { return m.Role == "admin" }), admin)
//
// It panics if Config.NewUser makes another type.
func RequireAs[U any, P config.Embeds[U]](a *Auth, may func(*U) bool) gin.HandlerFunc {
	if made, ok := a.cfg.NewUser().(P); !ok {
		panic(fmt.Sprintf("ginauth: RequireAs for %T, but Config.NewUser makes %T", made, a.cfg.NewUser()))
	}
	return a.require(func(c *gin.Context) bool { return may(core.UserAs[U](c)) })
}

func (a *Auth) require(may func(*gin.Context) bool) gin.HandlerFunc {
	return a.core.Guard(func(c *gin.Context) error {
		if err := a.core.Require(c, false, core.AccessUserOrToken.Admits); err != nil {
			return err
		}
		if !may(c) {
			return core.ErrPermission
		}
		return nil
	})
}

// RequireFresh is [Auth.RequireUser] for actions that an unattended open session must not allow. It answers 403
// fresh_login_required unless the user logged in, or re-authenticated at reauthenticate/, within this time, and 403
// factor_required if the user has a second factor that the session has not proven. It refuses personal tokens.
func (a *Auth) RequireFresh(within time.Duration) gin.HandlerFunc {
	return a.core.Guard(func(c *gin.Context) error {
		if err := a.core.Require(c, false, core.AccessUser.Admits); err != nil {
			return err
		}
		return a.core.RequireFresh(c, within)
	})
}

// RequireVerifiedEmail is [Auth.RequireUser] for users who have confirmed an address. It answers 403
// email_unverified to other users. It takes one more query.
func (a *Auth) RequireVerifiedEmail() gin.HandlerFunc {
	return a.core.Guard(func(c *gin.Context) error {
		if err := a.core.Require(c, false, core.AccessUserOrToken.Admits); err != nil {
			return err
		}
		confirmed, err := a.core.HasConfirmed(c.Request.Context(), core.User(c).ID)
		if err == nil && !confirmed {
			err = core.ErrNoAddress
		}
		return err
	})
}

// Fail answers an error as the library's own routes do, and stops the chain. Use it in your middleware, such as
// that passed to [Auth.Use]. A *binding.Error has the status. It is written in the language of the client, as
// problem+json if the client accepts that, and through your view of errors, if you have one:
//
//	auth.Fail(c, binding.Invalid("invitation", binding.Problem{Code: "invitation_unknown", Message: "Please try again."}))
//
// Any other error is logged and answered with 503, without its text. A *binding.Error without a status of 400 or
// more is a mistake: it is logged and answered with 500.
func (a *Auth) Fail(c *gin.Context, err error) {
	if err == nil {
		err = core.ErrInternal.Because(errors.New("Fail was called without an error"))
	}
	a.core.Fail(c, err)
}
