package ginauth

// POST registration/correct-email/: another address for a pending sign-up.

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// correctRoutes exist where nobody gets in before an address is confirmed, so that a mistyped
// one cannot be changed at emails/.
func (a *Auth) correctRoutes(s *Setup) {
	add(s, route{
		method: http.MethodPost, path: "registration/correct-email", status: http.StatusOK,
		doc: "Change the address of a pending sign-up, by name and password.",
	}, a.correctEmail)
}

// correctEmail answers POST registration/correct-email/, alike for an address that is free and
// one that another account has confirmed: the mail goes out as at sign-up. A name or password that
// is wrong and an account that is not pending are refused alike, or the route would tell which
// password is right without a login.
func (a *Auth) correctEmail(c *gin.Context, in *binding.CorrectEmail) (binding.Detail, error) {
	var none binding.Detail
	account, err := a.pendingBy(c.Request.Context(), in.Username, in.Password)
	if err == nil {
		err = a.correct(c, account, in.Email)
	}
	if errors.Is(err, store.ErrChanged) || errors.Is(err, store.ErrNotFound) {
		a.loginFailed(c, in.Username, methodPassword)
		return none, errCredentials
	}
	if err != nil {
		return none, err
	}
	return binding.Detail{Detail: a.say(c, "done.verification_sent", nil)}, nil
}

// pendingBy returns the pending account with a name and password, or ErrNotFound.
func (a *Auth) pendingBy(ctx context.Context, username, password string) (models.Account, error) {
	account, err := a.store.UserByKeys(ctx, "", models.UsernameKey(username), false, a.now())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	result, err := a.verify(ctx, account, password)
	if err != nil {
		return nil, err
	}
	if account == nil || !result.OK || !account.Base().Pending || !a.exists(account.Base()) {
		return nil, store.ErrNotFound
	}
	return account, nil
}

// correct gives a pending account another address, and mails the link to it. No hook has heard of
// the account, and none hears of this.
func (a *Auth) correct(c *gin.Context, account models.Account, address string) error {
	user := account.Base()
	taken, err := a.takenBy(c.Request.Context(), models.EmailKey(address), user.ID)
	if err != nil {
		return err
	}
	return a.store.Tx(c.Request.Context(), restoreOnRetry(account, func(tx *store.Tx) error {
		if err := tx.CorrectEmail(user, newEmail(user.ID, address, a.now()), a.now().Add(a.cfg.UnconfirmedLifetime)); err != nil {
			return err
		}
		if err := tx.DisownTickets(user.ID, map[string]string{
			string(forVerify): stateOf(forVerify, nobody), string(forReset): stateOf(forReset, nobody), string(forLogin): stateOf(forLogin, nobody),
		}); err != nil {
			return err
		}
		user.SetEmail(address)
		return a.mailClaim(c, tx, user, taken)
	}))
}
