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

// checkChangePassword checks the current password (T029), in a session that has proven the second factor of a user who has one (T171).
func (a *Auth) checkChangePassword(c *gin.Context, in *binding.ChangePassword, good func(string) bool) error {
	if a.core.Managed(core.User(c)) {
		return binding.Invalid("new_password2", core.ProblemManaged)
	}
	if core.LacksFactor(c) {
		return core.ErrFactorRequired
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
	err := a.enterNewPassword(c, in.NewPassword1, in.NewPassword2)
	if errors.Is(err, core.ErrChanged) {
		err = binding.Invalid("old_password", core.ProblemIncorrect)
	}
	if err != nil {
		return binding.Detail{}, err
	}
	return binding.Detail{Detail: a.core.Say(c, "done.password_changed", nil)}, nil
}

// enterNewPassword gives the logged-in user the password that they entered twice. It returns [core.ErrChanged] if another
// request set a different one first.
func (a *Auth) enterNewPassword(c *gin.Context, entered, again string) error {
	ctx := c.Request.Context()
	if entered != again {
		return binding.Invalid("new_password2", core.ProblemMismatch)
	}
	problems, err := a.core.PasswordProblems(ctx, entered, core.User(c))
	if err != nil {
		return err
	}
	if problems != nil {
		return binding.Invalid("new_password2", problems...)
	}
	edited, err := a.core.ApplyToCopy(c, a.core.IdentityOf(c).Account)
	if err != nil {
		return err
	}
	encoded, err := a.core.HashPassword(ctx, entered)
	if err != nil {
		return err
	}
	replaced, err := a.replacePassword(c, edited, encoded, entered)
	if err == nil && replaced {
		a.core.After(ctx, config.EventPasswordChange, a.core.Event(c, edited))
	}
	return err
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

// replacePassword sets the password of the logged-in user. It reports false if a concurrent request has set the same one, as a form does
// that was sent twice.
func (a *Auth) replacePassword(c *gin.Context, edited models.Account, encoded, renewed string) (changed bool, err error) {
	err = a.storePassword(c, edited, encoded)
	if !isLost(err) {
		return err == nil, err
	}
	same, failure := a.changedAlready(c.Request.Context(), core.User(c), renewed)
	if failure != nil || same {
		return false, failure
	}
	return false, err
}

func (a *Auth) storePassword(c *gin.Context, edited models.Account, encoded string) error {
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
	if err := a.core.ReplacePassword(c, tx, core.User(c), encoded, keep); err != nil {
		return err
	}
	if err := tx.SaveOwn(c, a.core.IdentityOf(c).Account, edited); err != nil {
		return err
	}
	return a.core.Before(c.Request.Context(), tx, config.EventPasswordChange, a.core.Event(c, edited))
}

// asField returns problems as the error of a field, or nil if there are no problems.
func asField(field string, problems []binding.Problem) error {
	if problems == nil {
		return nil
	}
	return binding.Invalid(field, problems...)
}
