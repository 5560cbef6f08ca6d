package ginauth

// POST password/change/: a new password for the logged-in user. It ends their other sessions.

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clone"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) passwordRoutes(s *core.Setup) {
	core.AddChecked(s, core.Route{
		Method: http.MethodPost, Path: "password/change", Tag: "Changing and resetting passwords", Access: core.AccessUser, Limit: core.LimitGuess,
		Doc: "Change the password. Ends all other sessions and all personal tokens.", Form: a.cfg.Forms.PasswordChange, Required: requiredInChange(&a.cfg),
	}, a.checkChangePassword, a.changePassword)
}

func requiredInChange(cfg *config.Config) []string {
	if cfg.AllowPasswordChangeWithoutOld {
		return nil
	}
	return []string{"old_password"}
}

// checkChangePassword checks the current password (T029).
func (a *Auth) checkChangePassword(c *gin.Context, in *binding.ChangePassword, good func(string) bool) error {
	if a.core.Managed(core.User(c)) {
		return binding.Invalid("new_password2", core.ProblemManaged)
	}
	if !good("old_password") || in.OldPassword == "" && a.cfg.AllowPasswordChangeWithoutOld {
		return nil // the missing password is reported already, or allowed
	}
	attempt, err := a.core.GuessPassword(c)
	if err != nil {
		return err
	}
	ok, err := a.core.ComparePassword(c.Request.Context(), core.User(c).Password, in.OldPassword)
	switch {
	case errors.Is(err, core.ErrTruncated):
		a.core.WrongPassword(c)
		a.core.LogTruncated(c.Request.Context(), core.User(c))
		return binding.Invalid("old_password", core.ProblemPasswordReset)
	case err == nil && !ok:
		a.core.WrongPassword(c)
		return binding.Invalid("old_password", core.ProblemIncorrect)
	case err != nil:
		attempt.GiveBack(c)
		return err
	}
	attempt.Right(c)
	return nil
}

// changePassword answers POST password/change/. One transaction sets the password, ends every other session and
// gives this one a new key. Of two concurrent changes one wins, and the other fails because the current password is
// now a different one. If both set the same password, both succeed: a form that was sent twice gets the same
// response twice.
func (a *Auth) changePassword(c *gin.Context, in *binding.ChangePassword) (binding.Detail, error) {
	var none binding.Detail
	ctx, user := c.Request.Context(), core.User(c)
	if in.NewPassword1 != in.NewPassword2 {
		return none, binding.Invalid("new_password2", core.ProblemMismatch)
	}
	problems, err := a.core.PasswordProblems(ctx, in.NewPassword1, user)
	if err != nil {
		return none, err
	}
	if problems != nil {
		return none, binding.Invalid("new_password2", problems...)
	}
	edited, err := a.core.ApplyToCopy(c, a.core.IdentityOf(c).Account)
	if err != nil {
		return none, err
	}
	encoded, err := a.core.HashPassword(ctx, in.NewPassword1)
	if err != nil {
		return none, err
	}
	done := binding.Detail{Detail: a.core.Say(c, "done.password_changed", nil)}
	if err := a.replacePassword(c, edited, encoded); isLost(err) {
		same, failure := a.changedAlready(ctx, user, in.NewPassword1)
		switch {
		case failure != nil:
			return none, failure
		case same:
			return done, nil
		case errors.Is(err, core.ErrChanged):
			return none, binding.Invalid("old_password", core.ProblemIncorrect)
		}
		return none, err
	} else if err != nil {
		return none, err
	}
	a.core.After(ctx, config.EventPasswordChange, a.core.Event(c, edited))
	return done, nil
}

// isLost reports whether another request changed the password, or ended the session, first.
func isLost(err error) bool {
	return errors.Is(err, core.ErrChanged) || errors.Is(err, core.ErrInvalidToken) || errors.Is(err, core.ErrAuthenticationFailed)
}

// changedAlready reports whether the password has become the new one since the user was read. This reveals nothing
// to a client that knows the new password.
func (a *Auth) changedAlready(ctx context.Context, user *models.User, renewed string) (bool, error) {
	account, err := a.core.UserByID(ctx, user.ID)
	if err != nil {
		return false, core.NotFoundAs(err, nil)
	}
	now := account.Base()
	if now.Password == user.Password || !a.core.MayUse(now) {
		return false, nil
	}
	same, err := a.core.ComparePassword(ctx, now.Password, renewed)
	if errors.Is(err, core.ErrTruncated) {
		err = nil
	}
	return same, err
}

func (a *Auth) replacePassword(c *gin.Context, edited models.Account, encoded string) error {
	if a.cfg.LogoutOnPasswordChange {
		err := a.core.Held(c, clone.OnRetry(edited, func(tx *core.Tx) error {
			return a.changeOwn(c, tx, edited, encoded, "")
		}))
		if err != nil {
			return err
		}
		a.forgetLogin(c)
		return nil
	}
	return a.core.RenewSession(c, clone.OnRetry(edited, func(tx *core.Tx) error {
		return a.changeOwn(c, tx, edited, encoded, core.Session(c).ID)
	}))
}

// changeOwn changes the password of the logged-in user, and the columns that a form changed.
func (a *Auth) changeOwn(c *gin.Context, tx *core.Tx, edited models.Account, encoded, keep string) error {
	if err := a.setPassword(c, tx, core.User(c), encoded, keep); err != nil {
		return err
	}
	if err := tx.SaveOwn(c, a.core.IdentityOf(c).Account, edited); err != nil {
		return err
	}
	return a.core.Before(c.Request.Context(), tx, config.EventPasswordChange, a.core.Event(c, edited))
}

// setPassword stores a new password, ends all sessions except keep, and mails the notice.
func (a *Auth) setPassword(c *gin.Context, tx *core.Tx, user *models.User, encoded, keep string) error {
	if err := tx.SetPasswordHash(user, encoded); err != nil {
		return err
	}
	if err := tx.EndSessions(user.ID, keep); err != nil {
		return err
	}
	// An intruder may have added the unconfirmed addresses (T112); the user got notices about the confirmed ones.
	if err := tx.DropUnconfirmed(user.ID, models.EmailKey(user.Email)); err != nil {
		return err
	}
	return a.core.Notify(c, tx, core.MailPasswordChanged, user, user.Email)
}

// asField returns problems as the error of a field, or nil if there are no problems.
func asField(field string, problems []binding.Problem) error {
	if problems == nil {
		return nil
	}
	return binding.Invalid(field, problems...)
}
