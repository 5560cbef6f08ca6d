package ginauth

import (
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
)

// logout answers POST logout/, also to somebody who is not logged in, and ends what the
// request brings, be it a cookie, a token, or both. The row goes
// first: when the database cannot end the session the answer is 503 and the cookie
// stays, so that trying again can end it.
func (a *Auth) logout(c *gin.Context, _ *binding.Empty) (binding.Detail, error) {
	keys, err := a.cookieKeys(c)
	if err != nil {
		return binding.Detail{}, err
	}
	if token, given := a.headerToken(c.Request); given {
		if key, ok := secret.Parse(a.cfg.Token.Prefix, token); ok {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		if err := a.store.EndSessionByKey(c.Request.Context(), secret.Hash(key)); err != nil {
			return binding.Detail{}, err
		}
	}
	if err := a.dropCarrier(c); err != nil {
		return binding.Detail{}, err
	}
	return binding.Detail{Detail: "You are logged out."}, nil
}
