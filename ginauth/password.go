package ginauth

// POST password/change/: a new password for the logged-in user, and what a new password ends.

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) passwordRoutes(s *Setup) {
	add(s, route{
		method: http.MethodPost, path: "password/change", status: http.StatusOK, user: true,
		doc: "Set a new password; ends the other sessions.", form: a.cfg.Forms.PasswordChange, required: requiredInChange(&a.cfg),
	}, a.changePassword, a.checkChangePassword)
}

func requiredInChange(cfg *config.Config) []string {
	if cfg.AllowPasswordChangeWithoutOld {
		return nil
	}
	return []string{"old_password"}
}

// checkChangePassword checks the current password (T029).
func (a *Auth) checkChangePassword(c *gin.Context, in *binding.ChangePassword, good func(string) bool) error {
	if a.managed(User(c)) {
		return binding.Invalid("new_password2", problemManaged)
	}
	if !good("old_password") || in.OldPassword == "" && a.cfg.AllowPasswordChangeWithoutOld {
		return nil // reported already, or allowed
	}
	result, err := a.hasher.Verify(c.Request.Context(), User(c).Password, in.OldPassword)
	if err != nil {
		return err
	}
	if !result.OK {
		a.loginFailed(c, User(c).Username, methodPassword)
		if result.Truncated {
			a.logTruncated(c.Request.Context(), User(c))
			return binding.Invalid("old_password", problemPasswordReset)
		}
		return binding.Invalid("old_password", problemIncorrect)
	}
	return nil
}

// changePassword answers POST password/change/. One transaction sets the password,
// ends every other session and gives this one a new key; of two changes at once, one
// wins and the other is told that the current password is another, unless it sets the same one:
// a form that was sent twice gets the same answer twice.
func (a *Auth) changePassword(c *gin.Context, in *binding.ChangePassword) (binding.Detail, error) {
	var none binding.Detail
	ctx, user := c.Request.Context(), User(c)
	if in.NewPassword1 != in.NewPassword2 {
		return none, binding.Invalid("new_password2", problemMismatch)
	}
	problems, err := a.passwordProblems(ctx, in.NewPassword1, user)
	if err != nil {
		return none, err
	}
	if problems != nil {
		return none, binding.Invalid("new_password2", problems...)
	}
	own, err := applyToCopy(c, identityOf(c).account)
	if err != nil {
		return none, err
	}
	encoded, err := a.hasher.Hash(ctx, in.NewPassword1)
	if err != nil {
		return none, err
	}
	done := binding.Detail{Detail: a.say(c, "done.password_changed", nil)}
	if err := a.replacePassword(c, own, encoded); isLost(err) {
		same, failure := a.changedAlready(ctx, user, in.NewPassword1)
		switch {
		case failure != nil:
			return none, failure
		case same:
			return done, nil
		case errors.Is(err, store.ErrChanged):
			return none, binding.Invalid("old_password", problemIncorrect)
		}
		return none, err
	} else if err != nil {
		return none, err
	}
	a.after(ctx, config.EventPasswordChange, a.event(c, own))
	return done, nil
}

// isLost reports whether another request came first: it changed the password, or ended the session.
func isLost(err error) bool {
	return errors.Is(err, store.ErrChanged) || errors.Is(err, errInvalidToken) || errors.Is(err, errAuthenticationFailed)
}

// changedAlready reports whether the password has become the new one since the user was read. A
// client that knows the new one learns nothing by it.
func (a *Auth) changedAlready(ctx context.Context, user *models.User, renewed string) (bool, error) {
	account, err := a.store.UserByID(ctx, user.ID)
	if err != nil {
		return false, notFoundAs(err, nil)
	}
	now := account.Base()
	if now.Password == user.Password || !a.exists(now) {
		return false, nil
	}
	result, err := a.hasher.Verify(ctx, now.Password, renewed)
	return result.OK, err
}

func (a *Auth) replacePassword(c *gin.Context, own models.Account, encoded string) error {
	user := User(c)
	if a.cfg.LogoutOnPasswordChange {
		err := a.store.Tx(c.Request.Context(), restoreOnRetry(own, func(tx *store.Tx) error {
			return a.changeOwn(c, tx, own, encoded, "")
		}))
		if err != nil {
			return err
		}
		a.forgetLogin(c)
		return nil
	}
	key, err := a.keyAfterChange(c)
	if err != nil {
		return err
	}
	defer key.undoUnlessCommitted()
	renewed, tokens, err := a.pairAfterChange(c)
	if err != nil {
		return err
	}
	renewed.KeyHash, renewed.Epoch = key.hash, user.SessionEpoch+1
	err = a.store.Tx(c.Request.Context(), restoreOnRetry(own, func(tx *store.Tx) error {
		if err := a.changeOwn(c, tx, own, encoded, Session(c).ID); err != nil {
			return err
		}
		return tx.RekeySession(Session(c).ID, renewed)
	}))
	if err != nil {
		return err
	}
	key.commit()
	Session(c).ID = renewed.ID
	if tokens != nil {
		a.setTokenCookies(c, tokens)
	}
	a.rememberDevice(c, &models.User{ID: user.ID, SessionEpoch: renewed.Epoch})
	return nil
}

// changeOwn changes the password of who is logged in, and what a form has changed in him.
func (a *Auth) changeOwn(c *gin.Context, tx *store.Tx, own models.Account, encoded, keep string) error {
	if err := a.asEnded(c, tx.LockedIn(User(c).ID, Session(c).ID)); err != nil { // before all others are ended
		return err
	}
	if err := a.setPassword(c, tx, User(c), encoded, keep); err != nil {
		return err
	}
	if err := saveOwn(c, tx, identityOf(c).account, own); err != nil {
		return err
	}
	return a.before(c.Request.Context(), tx, config.EventPasswordChange, a.event(c, own))
}

// setPassword stores a new password, ends all sessions but the one given, and tells the
// user.
func (a *Auth) setPassword(c *gin.Context, tx *store.Tx, user *models.User, encoded, keep string) error {
	if err := tx.SetPassword(user, encoded); err != nil {
		return err
	}
	if err := tx.EndSessions(user.ID, keep); err != nil {
		return err
	}
	// Who could add an address may have been somebody else (T112); what is confirmed was told.
	if err := tx.DropUnconfirmed(user.ID, models.EmailKey(user.Email), string(forVerify)); err != nil {
		return err
	}
	return a.notify(c, tx, mailPasswordChanged, user, user.Email)
}

// keyAfterChange is a new key for a client with a session cookie. A client with a token
// keeps the one it has: the answer of dj-rest-auth has no place for another.
func (a *Auth) keyAfterChange(c *gin.Context) (*newKey, error) {
	if identityOf(c).byHeader || !a.hasCookie(c) {
		return &newKey{hash: Session(c).KeyHash, undo: func() {}, forget: func() {}}, nil
	}
	return a.issueKey(c, true, true)
}

// pairAfterChange gives a session that was shown by a cookie a new ID: copies of its JSON Web
// Tokens, and a refresh in progress, name a session that no longer exists. Tokens in cookies are
// made anew. A client that sent a token keeps it, as with opaque ones.
func (a *Auth) pairAfterChange(c *gin.Context) (renewed *models.Session, p *pair, err error) {
	renewed = new(*Session(c))
	if identityOf(c).byHeader || a.ring == nil {
		return renewed, nil, nil
	}
	if renewed.ID, err = secret.NewID(a.cfg.Rand); err != nil {
		return nil, nil, errInternal.Because(err)
	}
	if a.tokenCookies() {
		p, err = a.newPair(c.Request.Context(), identityOf(c).account, renewed)
	}
	return renewed, p, err
}
