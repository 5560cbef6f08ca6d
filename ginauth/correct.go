package ginauth

// POST registration/correct-email/: another address for a pending sign-up.

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clone"
	"github.com/ginauth/gin-rest-auth/models"
)

// correctRoutes are for VerifyMandatory: no user can log in before an address is confirmed, so a mistyped address
// cannot be changed at emails/.
func (a *Auth) correctRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "registration/correct-email", Limit: core.LimitMail,
		Doc: "Change the e-mail address of a pending sign-up, with user name and password.",
	}, a.correctEmail)
}

// correctEmail answers POST registration/correct-email/. The response is the same if another account has confirmed
// the address: the mail goes out as at sign-up. A wrong name or password and an account that is not pending get the
// same error, or the route would reveal which password is right without a login.
func (a *Auth) correctEmail(c *gin.Context, in *binding.CorrectEmail) (binding.Detail, error) {
	var none binding.Detail
	attempt, err := a.core.GuessLogin(c, core.LoginIdentifiers("", in.Username)...)
	if err != nil {
		return none, err
	}
	account, err := a.pendingBy(c.Request.Context(), in.Username, in.Password)
	if err == nil {
		err = a.correct(c, account, in.Email)
	}
	if errors.Is(err, core.ErrChanged) || errors.Is(err, core.ErrNoRow) {
		a.core.LoginFailed(c, in.Username, core.MethodPassword)
		return none, core.ErrCredentials
	}
	if err != nil {
		attempt.GiveBack(c)
		return none, err
	}
	attempt.Right(c)
	return binding.Detail{Detail: a.core.Say(c, "done.verification_sent", nil)}, nil
}

// pendingBy returns the pending account with a name and password, or core.ErrNoRow.
func (a *Auth) pendingBy(ctx context.Context, username, password string) (models.Account, error) {
	account, err := a.core.UserByName(ctx, username)
	if err != nil && !errors.Is(err, core.ErrNoRow) {
		return nil, err
	}
	ok, err := a.core.VerifyPassword(ctx, account, password)
	if err != nil {
		return nil, err
	}
	if account == nil || !ok || !account.Base().Pending || !a.core.MayUse(account.Base()) {
		return nil, core.ErrNoRow
	}
	return account, nil
}

// correct gives a pending account another address, and mails the link to it. No hook knows of the account yet, so
// none is called.
func (a *Auth) correct(c *gin.Context, account models.Account, address string) error {
	user := account.Base()
	taken, err := a.core.TakenBy(c.Request.Context(), models.EmailKey(address), user.ID)
	if err != nil {
		return err
	}
	return a.core.Tx(c.Request.Context(), clone.OnRetry(account, func(tx *core.Tx) error {
		if err := tx.CorrectEmail(user, a.core.NewEmail(user.ID, address), a.core.Now().Add(a.cfg.UnconfirmedLifetime)); err != nil {
			return err
		}
		if err := tx.DisownTickets(user.ID); err != nil {
			return err
		}
		user.SetEmail(address)
		return a.core.PostClaim(c, tx, user, taken)
	}))
}
