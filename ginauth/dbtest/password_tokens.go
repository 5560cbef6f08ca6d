package dbtest

import (
	"context"
	"fmt"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// passwordChangeEndsCopiedTokenCookies: both cookies stop working at once.
func passwordChangeEndsCopiedTokenCookies(c *Case) {
	c.Start(withJWTCookies)
	ann := c.SignedUp("ann")
	thief := ann.Clone()
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	ann.Get("/auth/user/").Want(200)
	ann.Post("/auth/token/refresh/", nil).Want(200)
	thief.Get("/auth/user/").Want(401)
	thief.Post("/auth/token/refresh/", nil).Want(401)
	ann.Get("/auth/user/").Want(200)
}

// passwordChangeEndsARefreshInFlight: a refresh that was valid before the change does not succeed after it, and does not
// make the owner's new token look stolen.
func passwordChangeEndsARefreshInFlight(c *Case) {
	var m interruption
	c.Start(withJWTCookies, func(cfg *config.Config) {
		cfg.JWT.Claims = func(context.Context, models.Account) (map[string]any, error) { m.run(); return nil, nil }
	})
	ann := c.SignedUp("ann")
	thief := ann.Clone()
	m.set(func() { ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200) })
	thief.Post("/auth/token/refresh/", nil).Want(401)
	thief.Get("/auth/user/").Want(401)
	c.Clock.Advance(20 * time.Second)
	ann.Post("/auth/token/refresh/", nil).Want(200)
}

// refreshDuringAPasswordChange: a refresh of another tab that succeeded before the change does not make the new token
// look stolen either.
func refreshDuringAPasswordChange(c *Case) {
	var m interruption
	c.Start(withJWTCookies, func(cfg *config.Config) {
		cfg.Forms.PasswordChange = config.Form(func(*slowChange, *models.User) error { m.run(); return nil })
	})
	ann := c.SignedUp("ann")
	tab := ann.Clone()
	m.set(func() { tab.Post("/auth/token/refresh/", nil).Want(200) })
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	tab.Get("/auth/user/").Want(401)
	c.Clock.Advance(20 * time.Second)
	ann.Post("/auth/token/refresh/", nil).Want(200)
}

type slowChange struct{ binding.ChangePassword }

// passwordChangeEndsTokensOfTheSameLogin: a cookie changes the password, and the tokens of the same login's body end. A
// token that changes the password itself stays valid.
func passwordChangeEndsTokensOfTheSameLogin(c *Case) {
	c.Start(withEverything)
	ann := c.Client()
	var out binding.LoginResponse
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201).JSON(&out)
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	ann.Get("/auth/user/").Want(200)
	c.byToken(out.Key).Get("/auth/user/").Want(401)
	c.byToken(out.Access).Get("/auth/user/").Want(401)
	c.refresh(out.Refresh).Want(401)

	ann.Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(200).JSON(&out)
	c.byToken(out.Access).Post("/auth/password/change/", change("Mirror-Maze-88", authtest.Password)).Want(200)
	c.byToken(out.Access).Get("/auth/user/").Want(200)
	c.refresh(out.Refresh).Want(200)
}

// passwordChangeEndsDuplicateTokenCookies: cookies of the same name, as a sub-domain can set them, do not keep a session
// alive.
func passwordChangeEndsDuplicateTokenCookies(c *Case) {
	c.Start(withJWTCookies)
	ann := c.SignedUp("ann")
	planted := ""
	for i := range 20 {
		planted += fmt.Sprintf("refresh=planted%d; ", i)
	}
	c.Client().Do("POST", "/auth/logout/", nil, "Cookie", planted+"refresh="+ann.Cookies["refresh"]).Want(200)
	ann.Get("/auth/user/").Want(401)
}

// passwordChangeRotatesCookies covers T038: copies of the cookies of the browser that changes the password become
// invalid, no matter which of its cookies authenticated the request.
func passwordChangeRotatesCookies(c *Case) {
	c.Start(func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.SessionCookie, config.JSONWebToken}
		cfg.JWT.Transport = config.InCookies
	})
	ann := c.SignedUp("ann")
	session, refresh := c.Client(), c.Client()
	session.Cookies["__Host-session"], refresh.Cookies["refresh"] = ann.Cookies["__Host-session"], ann.Cookies["refresh"]
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	session.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	refresh.Post("/auth/token/refresh/", nil).WantCode(401, binding.CodeInvalidToken)
	ann.Get("/auth/user/").Want(200)
	ann.Post("/auth/token/refresh/", nil).Want(200)
}
