package ginauth

import (
	"cmp"
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// login answers POST login/. Credentials the request came with do not matter: a stale
// cookie never keeps anybody from logging in.
func (a *Auth) login(c *gin.Context, in *binding.Login) (binding.LoginResponse, error) {
	account, rehashed, err := a.authenticate(c.Request.Context(), in)
	if err != nil {
		if err == errCredentials || err == errInactive { //nolint:errorlint // the very values: other refusals have the same code
			a.loginFailed(c, cmp.Or(in.Email, in.Username), methodPassword)
		}
		return binding.LoginResponse{}, err
	}
	user := account.Base()
	own, err := applyToCopy(c, account)
	if err != nil {
		return binding.LoginResponse{}, err
	}
	if user.ID == 0 { // of a backend that knows somebody whom the table does not
		out, err := a.signIn(c, own, methodPassword, func(tx *store.Tx) error { return a.adopt(c, tx, own) })
		if errors.Is(err, store.ErrExists) {
			err = errCredentials.Because(err)
		}
		return out, err
	}
	return a.signIn(c, own, methodPassword, func(tx *store.Tx) error {
		if rehashed != "" {
			if err := tx.Rehash(user.ID, user.Password, rehashed); err != nil {
				return err
			}
		}
		return tx.SaveOwn(account, own)
	})
}

// adopt stores somebody whom a backend knows and the table does not. The backend vouches for
// his address.
func (a *Auth) adopt(c *gin.Context, tx *store.Tx, account models.Account) error {
	if err := a.addUser(c, tx, account); err != nil || account.Base().Email == "" {
		return err
	}
	return a.confirm(tx, account.Base().ID, models.EmailKey(account.Base().Email))
}
