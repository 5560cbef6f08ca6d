package ginauth

// The routes of JSON Web Tokens, with token/verify/ and jwks.json. token/refresh/ is in refresh.go.

import (
	"net/http"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/core"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/jwt"
)

// jwtRoutes are there where config.Login has JSONWebToken.
func (a *Auth) jwtRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "token/refresh", Tag: "JSON Web Tokens", Fails: []int{http.StatusUnauthorized}, RefreshCookie: true, SetsCookies: true,
		Doc: "Exchange a refresh token for the next pair.",
	}, a.refreshToken)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "token/verify", Fails: []int{http.StatusUnauthorized},
		Doc: "Say whether a token is good now.",
	}, a.verifyToken)
	core.Add(s, core.Route{
		Method: http.MethodGet, Path: "jwks.json", Tag: "Keys that JSON Web Tokens are signed with", Public: true,
		Doc: "The public keys that access tokens are signed with.",
	}, a.jwks)
}

// verifyToken answers POST token/verify/ for access and refresh tokens: whether they
// would be accepted now.
func (a *Auth) verifyToken(c *gin.Context, in *binding.VerifyToken) (binding.Empty, error) {
	ctx, now := c.Request.Context(), a.core.Now()
	if strings.HasPrefix(in.Token, core.RefreshPrefix) {
		session, account, generation, err := a.core.FindRefresh(ctx, in.Token)
		if err == nil && !(a.canRefresh(session, account, now) && a.currentRefresh(session, generation, now)) {
			err = core.ErrInvalidToken
		}
		return binding.Empty{}, err
	}
	_, err := a.core.ByAccessToken(c, in.Token, false)
	return binding.Empty{}, err
}

// jwks answers GET jwks.json.
func (a *Auth) jwks(*gin.Context, *binding.Empty) (keySet, error) {
	return keySet{a.core.PublicKeys()}, nil
}

// keySet is RFC 7517, section 5.
type keySet struct {
	Keys []jwt.JWK `json:"keys"`
}
