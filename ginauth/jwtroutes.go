package ginauth

// The routes of JSON Web Tokens, with token/verify/ and jwks.json. token/refresh/ is in refresh.go.

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/jwt"
)

// jwtRoutes are there where config.Login has JSONWebToken.
func (a *Auth) jwtRoutes(s *Setup) {
	add(s, route{
		method: http.MethodPost, path: "token/refresh", status: http.StatusOK, setsCookies: true,
		doc: "Exchange a refresh token for the next pair.",
	}, a.refreshToken)
	add(s, route{
		method: http.MethodPost, path: "token/verify", status: http.StatusOK,
		doc: "Say whether a token is good now.",
	}, a.verifyToken)
	add(s, route{
		method: http.MethodGet, path: "jwks.json", status: http.StatusOK, public: true,
		doc: "The public keys that access tokens are signed with.",
	}, a.jwks)
}

// verifyToken answers POST token/verify/ for access and refresh tokens: whether they
// would be accepted now.
func (a *Auth) verifyToken(c *gin.Context, in *binding.VerifyToken) (binding.Empty, error) {
	ctx, now := c.Request.Context(), a.now()
	if strings.HasPrefix(in.Token, refreshPrefix) {
		session, account, generation, err := a.findRefresh(ctx, in.Token)
		if err == nil && !(a.canRefresh(session, account, now) && a.currentRefresh(session, generation, now)) {
			err = errInvalidToken
		}
		return binding.Empty{}, err
	}
	_, err := a.byAccess(c, in.Token, false)
	return binding.Empty{}, err
}

// jwks answers GET jwks.json.
func (a *Auth) jwks(*gin.Context, *binding.Empty) (keySet, error) {
	return keySet{a.ring.Public()}, nil
}

// keySet is RFC 7517, section 5.
type keySet struct {
	Keys []jwt.JWK `json:"keys"`
}
