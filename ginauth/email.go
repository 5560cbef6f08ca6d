package ginauth

// emails/: lists, adds and removes the user's addresses, sends their mail again, and makes one primary.

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// emailRoutes: to change an address, the user adds another one, confirms it, and makes it primary.
func (a *Auth) emailRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodGet, Path: "emails", Tag: "The user's addresses", Access: core.AccessUser, WhileImpersonated: true,
		Doc: "List the user's e-mail addresses.",
	}, a.listEmails)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "emails", Limit: core.LimitMail, Status: http.StatusCreated, Access: core.AccessUser,
		Doc: "Add an e-mail address and send a mail to it.",
	}, a.addEmail)
	core.Add(s, core.Route{
		Method: http.MethodDelete, Path: "emails/:id", Limit: core.LimitGuess, NumericID: true, Status: http.StatusNoContent, Access: core.AccessUser,
		Doc: "Remove an e-mail address that is not the primary one.",
	}, a.removeEmail)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "emails/:id/primary", Limit: core.LimitGuess, NumericID: true, Access: core.AccessUser,
		Doc: "Make a confirmed e-mail address the primary one. The previous one gets a notice.",
	}, a.makePrimary)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "emails/:id/resend", Limit: core.LimitMail, NumericID: true, Fails: []int{http.StatusBadRequest}, Access: core.AccessUser,
		Doc: "Send the confirmation mail for an address again.",
	}, a.resendTo)
}

// listEmails answers GET emails/.
func (a *Auth) listEmails(c *gin.Context, _ *binding.Empty) ([]binding.Email, error) {
	rows, err := a.core.Emails(c.Request.Context(), core.User(c).ID)
	if err != nil {
		return nil, err
	}
	out := make([]binding.Email, len(rows))
	for i := range rows {
		out[i] = binding.EmailOf(&rows[i], core.User(c))
	}
	return out, nil
}

// addEmail answers POST emails/. The response is the same if another account has the address: its owner gets a
// mail, and the user who asks learns nothing (T010). Each request writes its own row with address and ticket, so
// two concurrent requests cannot mix them (T236).
func (a *Auth) addEmail(c *gin.Context, in *binding.AddEmail) (binding.Email, error) {
	var none binding.Email
	ctx, user := c.Request.Context(), core.User(c)
	if err := a.core.RequireRecent(c, in.Password); err != nil {
		return none, err
	}
	email := a.core.NewEmail(user.ID, in.Email)
	confirmed, err := a.core.OwnerOf(ctx, email.Key, user.ID)
	if err != nil {
		return none, err
	}
	m := confirmed.ClaimMail(user, email.Address)
	m.Only = true
	err = a.core.Tx(ctx, func(tx *core.Tx) error {
		if err := tx.AddEmail(email, a.cfg.Mail.MaxAddresses); err != nil {
			return err
		}
		if err := a.core.StillIn(c, tx); err != nil {
			return err
		}
		if err := a.core.Post(c, tx, m); err != nil {
			return err
		}
		return a.recordEmail(c, tx, config.EventEmailAdded, email)
	})
	switch {
	case errors.Is(err, core.ErrExists): // an address of this user, so the error reveals nothing
		return none, binding.Invalid("email", core.ProblemTaken)
	case errors.Is(err, core.ErrTooMany):
		return none, binding.Invalid("email", binding.Problem{
			Code: binding.CodeTooMany, Params: map[string]any{"Limit": a.cfg.Mail.MaxAddresses}})
	}
	return binding.EmailOf(email, user), err
}

// removeEmail answers DELETE emails/:id/.
func (a *Auth) removeEmail(c *gin.Context, in *binding.RecentPassword) (binding.Empty, error) {
	var none binding.Empty
	if err := a.core.RequireRecent(c, in.Password); err != nil {
		return none, err
	}
	id, err := core.PathID(c)
	if err != nil {
		return none, err
	}
	user := core.User(c)
	err = a.core.Tx(c.Request.Context(), func(tx *core.Tx) error {
		email, err := tx.RemoveEmail(user.ID, id, core.ForNotice)
		if err == nil {
			err = a.core.StillIn(c, tx)
		}
		if err == nil {
			err = a.recordEmail(c, tx, config.EventEmailRemoved, email)
		}
		if err != nil || !email.Verified() {
			return err
		}
		return a.core.Notify(c, tx, core.MailEmailRemoved, user, user.Email)
	})
	if errors.Is(err, core.ErrRefused) {
		return none, binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodePrimaryEmail})
	}
	return none, core.NotFoundAs(err, core.ErrNotFound)
}

// recordEmail writes an event about an address of the logged-in user to the audit trail.
func (a *Auth) recordEmail(c *gin.Context, tx *core.Tx, name config.EventName, email *models.Email) error {
	e := a.core.Event(c, a.core.IdentityOf(c).Account)
	e.Email = email.Address
	return tx.Record(name, e)
}

// makePrimary answers POST emails/:id/primary/. The previous primary address gets a notice with a link that undoes
// the change (T112).
func (a *Auth) makePrimary(c *gin.Context, in *binding.RecentPassword) (binding.Email, error) {
	var none binding.Email
	if err := a.core.RequireRecent(c, in.Password); err != nil {
		return none, err
	}
	id, err := core.PathID(c)
	if err != nil {
		return none, err
	}
	var email *models.Email
	event := a.core.Event(c, a.core.IdentityOf(c).Account)
	err = a.core.Tx(c.Request.Context(), func(tx *core.Tx) error {
		old, now, err := tx.SetPrimary(core.User(c).ID, id)
		if err == nil {
			err = a.core.StillIn(c, tx)
		}
		if err != nil {
			return err
		}
		email, event.Email = now, ""
		if models.EmailKey(old.Email) == email.Key {
			return nil
		}
		event.Email = email.Address
		if err := a.core.Before(c.Request.Context(), tx, config.EventEmailChange, event); err != nil {
			return err
		}
		return a.core.Notify(c, tx, core.MailEmailChanged, old, old.Email)
	})
	if errors.Is(err, core.ErrRefused) {
		return none, core.ErrUnverified
	}
	if err != nil {
		return none, core.NotFoundAs(err, core.ErrNotFound)
	}
	if event.Email != "" {
		a.core.After(c.Request.Context(), config.EventEmailChange, event)
	}
	return binding.EmailOf(email, &models.User{Email: email.Address}), nil
}

// resendTo answers POST emails/:id/resend/.
func (a *Auth) resendTo(c *gin.Context, _ *binding.Empty) (binding.Detail, error) {
	var none binding.Detail
	id, err := core.PathID(c)
	if err != nil {
		return none, err
	}
	ctx, user := c.Request.Context(), core.User(c)
	rows, err := a.core.Emails(ctx, user.ID)
	if err != nil {
		return none, err
	}
	i := slices.IndexFunc(rows, func(e models.Email) bool { return e.ID == id })
	if i < 0 {
		return none, core.ErrNotFound
	}
	if rows[i].Verified() {
		return none, binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodeAlreadyVerified})
	}
	confirmed, err := a.core.OwnerOf(ctx, rows[i].Key, user.ID)
	if err != nil {
		return none, err
	}
	m := confirmed.ClaimMail(user, rows[i].Address)
	if err := a.core.Tx(ctx, func(tx *core.Tx) error { return a.core.Post(c, tx, m) }); err != nil {
		return none, err
	}
	return binding.Detail{Detail: a.core.Say(c, "done.verification_sent", nil)}, nil
}
