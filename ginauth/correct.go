package ginauth

// POST registration/correct-email/: another address for an account that has confirmed none.

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// correctRoutes exist where nobody gets in before an address is confirmed, so that a mistyped
// one cannot be changed at emails/.
func correctRoutes() []route {
	return []route{{
		method: http.MethodPost, path: "registration/correct-email", status: http.StatusOK,
		doc: "Change the address of an account without a confirmed one, by name and password.", action: handle((*Auth).correctEmail, nil),
	}}
}

// correctEmail answers POST registration/correct-email/, alike for an address that is free and
// one that another account has confirmed: the mail goes out as at sign-up.
func (a *Auth) correctEmail(c *gin.Context, in *binding.CorrectEmail) (binding.Detail, error) {
	var none binding.Detail
	ctx := c.Request.Context()
	account, err := a.store.UserByKeys(ctx, "", models.UsernameKey(in.Username), false, a.now())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return none, err
	}
	result, err := a.verify(ctx, account, in.Password)
	if err != nil {
		return none, err
	}
	if account == nil || !result.OK || !a.exists(account.Base()) {
		a.loginFailed(c, in.Username, methodPassword)
		return none, errCredentials
	}
	user := account.Base()
	taken, err := a.takenBy(ctx, models.EmailKey(in.Email), user.ID)
	if err != nil {
		return none, err
	}
	event := a.event(c, account)
	err = a.store.Tx(ctx, again(account, func(tx *store.Tx) error {
		if err := tx.CorrectEmail(user, newEmail(user.ID, in.Email, a.now()), a.now().Add(a.cfg.UnconfirmedLifetime)); err != nil {
			return err
		}
		if err := tx.DisownTickets(user.ID, map[string]string{
			string(forVerify): stateOf(forVerify, nobody), string(forReset): stateOf(forReset, nobody), string(forLogin): stateOf(forLogin, nobody),
		}); err != nil {
			return err
		}
		user.SetEmail(in.Email)
		event.Email = user.Email
		if !user.Pending { // the hooks know it
			if err := a.before(ctx, tx, config.EventEmailChange, event); err != nil {
				return err
			}
		}
		return a.mailClaim(c, tx, user, taken)
	}))
	if errors.Is(err, store.ErrChanged) {
		return none, binding.Invalid("email", binding.Problem{Code: binding.CodeAlreadyVerified})
	}
	if err != nil {
		return none, err
	}
	if !user.Pending {
		a.after(ctx, config.EventEmailChange, event)
	}
	return binding.Detail{Detail: a.say(c, "done.verification_sent", nil)}, nil
}
