// Package jwtroutes adds the routes of JSON Web Tokens: token/refresh/, token/verify/ and jwks.json. Package
// ginauth adds it to an Auth if config.Config.Login has JSONWebToken; you do not list it in ginauth.New. Package
// core makes and reads the tokens.
package jwtroutes

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

type feature struct{ core *core.Core }

// Feature returns the feature. New returns an error if Login lacks JSONWebToken.
func Feature() core.Feature {
	return func(s *core.Setup) error {
		f := feature{s.Core()}
		s.Name("jwtroutes")
		if !f.core.UsesJWT() {
			s.Refuse("Login", errors.New("must have JSONWebToken"))
			return nil
		}
		core.Add(s, core.Route{
			Method: http.MethodPost, Path: "token/refresh", Tag: "JSON Web Tokens", Limit: core.LimitRefresh, Fails: []int{http.StatusUnauthorized}, RefreshCookie: true, SetsCookies: true,
			Doc: "Exchange a refresh token for a new pair of tokens.",
		}, f.refresh)
		core.Add(s, core.Route{
			Method: http.MethodPost, Path: "token/verify", Limit: core.LimitVerify, Fails: []int{http.StatusUnauthorized},
			Doc: "Check whether a token is valid.",
		}, f.verify)
		core.Add(s, core.Route{
			Method: http.MethodGet, Path: "jwks.json", Tag: "Keys that JSON Web Tokens are signed with", Public: true,
			Doc: "Return the public keys that verify access tokens.",
		}, f.keys)
		return nil
	}
}

// refresh answers POST token/refresh/. As in dj-rest-auth, the response always has access_expiration.
func (f feature) refresh(c *gin.Context, in *binding.RefreshToken) (*binding.Tokens, error) {
	return f.core.Refresh(c, in.Refresh)
}

// verify answers POST token/verify/ for access and refresh tokens.
func (f feature) verify(c *gin.Context, in *binding.VerifyToken) (binding.Empty, error) {
	return binding.Empty{}, f.core.VerifyToken(c, in.Token)
}

// keys answers GET jwks.json.
func (f feature) keys(*gin.Context, *binding.Empty) (binding.KeySet, error) {
	return f.core.KeySet(), nil
}
