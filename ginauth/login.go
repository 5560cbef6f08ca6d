package ginauth

import (
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// login answers POST login/. Credentials the request came with do not matter: a stale
// cookie never keeps anybody from logging in.
func (a *Auth) login(c *gin.Context, in *binding.Login) (binding.LoginResponse, error) {
	account, rehashed, err := a.authenticate(c.Request.Context(), in)
	if err != nil {
		return binding.LoginResponse{}, err
	}
	user := account.Base()
	return a.signIn(c, account, methodPassword, func(tx *store.Tx) error {
		if rehashed == "" {
			return nil
		}
		return tx.Rehash(user.ID, user.Password, rehashed)
	})
}
