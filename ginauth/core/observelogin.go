package core

// What observers are told about requests and logins.

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/authn"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
)

// loginTryKey is the key of a *LoginEnd in the gin context: what observers are told about the request's login.
type loginTryKey struct{}

// watch tells observers about a request. Call the result when the response is written, or when the handler has panicked: then a
// middleware of the application writes the response.
func (c *Core) watch(g *gin.Context, r *Route) (end func(panicked bool)) {
	if !c.observed() {
		return func(bool) {}
	}
	if c.cookies.InUse {
		sessions.GetRegistry(g.Request) // before the request is copied, so that all copies share one session
	}
	began, login := time.Now(), &LoginEnd{}
	route := shownPath(r.Path)
	ctx, ended := c.start(g.Request.Context(), Operation{Kind: OperationRequest, Name: r.Method + " " + route})
	g.Request = g.Request.WithContext(ctx)
	g.Set(loginTryKey{}, login)
	return func(panicked bool) {
		if login.Result != "" {
			c.loginEnded(ctx, *login)
		}
		e := RequestEnd{Method: r.Method, Route: route, Status: g.Writer.Status(), Took: time.Since(began)}
		if panicked && !g.Writer.Written() {
			e.Status = http.StatusInternalServerError
		}
		c.observe(ctx, func(o *Observer) {
			if o.Request != nil {
				o.Request(ctx, e)
			}
		})
		ended()
	}
}

func (c *Core) loginEnded(ctx context.Context, e LoginEnd) {
	c.observe(ctx, func(o *Observer) {
		if o.Login != nil {
			o.Login(ctx, e)
		}
	})
}

// loginTry returns what is known about the login of a request; nil outside of routes and without observers.
func loginTry(g *gin.Context) *LoginEnd {
	value, _ := g.Get(loginTryKey{})
	e, _ := value.(*LoginEnd)
	return e
}

// tries notes that a request tries to log in.
func tries(g *gin.Context, method string) {
	if e := loginTry(g); e != nil {
		e.Method = method
	}
}

// wrongLogin notes that credentials are wrong, unless more is known.
func wrongLogin(g *gin.Context, method string) {
	if e := loginTry(g); e != nil {
		e.Method = method
		e.settle(LoginWrongCredentials)
	}
}

// failedLogin notes the error of a request that tried to log in.
func failedLogin(g *gin.Context, err error) {
	if e := loginTry(g); e != nil && e.Method != "" {
		e.settle(loginResultOf(err))
	}
}

// signedIn notes the result of SignIn. Outside of routes it tells observers at once.
func (c *Core) signedIn(g *gin.Context, method string, out any, err error) {
	if !c.observed() {
		return
	}
	e := LoginEnd{Method: method, Result: LoginOK}
	if _, asked := out.(binding.Challenge); asked {
		e.Result = LoginChallenge
	}
	if err != nil {
		e.Result = loginResultOf(err)
	}
	if try := loginTry(g); try != nil {
		*try = e
		return
	}
	c.loginEnded(g.Request.Context(), e)
}

// settle sets the result unless the one before says more: wrong credentials end as an error for the field.
func (e *LoginEnd) settle(r LoginResult) {
	vague := []LoginResult{"", LoginOK, LoginRefused, LoginError}
	switch {
	case slices.Contains(vague, e.Result), r == LoginInactive, r == LoginUnverified:
		e.Result = r
	}
}

// loginResultOf returns what an error says about a login.
func loginResultOf(err error) LoginResult {
	e, ok := errors.AsType[*binding.Error](err)
	switch {
	case errors.Is(err, passhash.ErrBusy):
		return LoginBusy
	case errors.Is(err, context.Canceled):
		return LoginCanceled
	case !ok, e.Status >= 500:
		return LoginError
	case errors.Is(err, authn.ErrInactive):
		return LoginInactive
	case e.Code == binding.CodeRateLimited:
		return LoginLimited
	}
	for _, problems := range e.Fields {
		for _, p := range problems {
			if r, known := loginResults[p.Code]; known {
				return r
			}
		}
	}
	return LoginRefused
}

var loginResults = map[binding.Code]LoginResult{
	binding.CodeInvalidCredentials: LoginWrongCredentials, binding.CodePasswordReset: LoginWrongCredentials,
	binding.CodePasswordIncorrect: LoginWrongCredentials, binding.CodeInvalidTicket: LoginWrongCredentials,
	binding.CodeAccountInactive: LoginInactive, binding.CodeEmailUnverified: LoginUnverified,
	binding.CodeCaptchaRequired: LoginCaptcha, binding.CodeCaptchaFailed: LoginCaptcha,
}
