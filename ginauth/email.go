package ginauth

// emails/: the user's addresses, listed, added, confirmed again, made primary and removed.

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// emailRoutes: an address is changed by adding another,
// confirming it, and making it the primary one.
func (a *Auth) emailRoutes(s *Setup) {
	add(s, route{
		method: http.MethodGet, path: "emails", status: http.StatusOK, user: true,
		doc: "List the user's addresses.",
	}, a.listEmails)
	add(s, route{
		method: http.MethodPost, path: "emails", status: http.StatusCreated, user: true,
		doc: "Add an address; a mail with a link goes there.",
	}, a.addEmail)
	add(s, route{
		method: http.MethodDelete, path: "emails/:id", status: http.StatusNoContent, user: true,
		doc: "Remove an address that is not the primary one.",
	}, a.removeEmail)
	add(s, route{
		method: http.MethodPost, path: "emails/:id/primary", status: http.StatusOK, user: true,
		doc: "Make a confirmed address the primary one; the old one is told.",
	}, a.makePrimary)
	add(s, route{
		method: http.MethodPost, path: "emails/:id/resend", status: http.StatusOK, user: true,
		doc: "Send the link for an address once more.",
	}, a.resendTo)
}

// listEmails answers GET emails/.
func (a *Auth) listEmails(c *gin.Context, _ *binding.Empty) ([]binding.Email, error) {
	rows, err := a.store.Emails(c.Request.Context(), User(c).ID)
	if err != nil {
		return nil, err
	}
	out := make([]binding.Email, len(rows))
	for i := range rows {
		out[i] = binding.EmailOf(&rows[i], User(c))
	}
	return out, nil
}

// addEmail answers POST emails/, alike whether or not somebody else has the address: he is
// told, the one who asks is not (T010). Each request writes a row of its own that holds
// address and ticket together, so that two at once cannot mix them (T236).
func (a *Auth) addEmail(c *gin.Context, in *binding.AddEmail) (binding.Email, error) {
	var none binding.Email
	ctx, user := c.Request.Context(), User(c)
	if err := a.proveFresh(c, in.Password); err != nil {
		return none, err
	}
	email := newEmail(user.ID, in.Email, a.now())
	confirmed, err := a.ownerOf(ctx, email.Key, user.ID)
	if err != nil {
		return none, err
	}
	l := claimMail(user, email.Address, confirmed)
	l.only = true
	err = a.store.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.AddEmail(email, a.cfg.Mail.MaxAddresses); err != nil {
			return err
		}
		if err := a.stillIn(c, tx); err != nil {
			return err
		}
		return a.post(c, tx, l)
	})
	switch {
	case errors.Is(err, store.ErrExists): // his own, so it tells him nothing
		return none, binding.Invalid("email", problemTaken)
	case errors.Is(err, store.ErrTooMany):
		return none, binding.Invalid("email", binding.Problem{
			Code: binding.CodeTooMany, Params: map[string]any{"Limit": a.cfg.Mail.MaxAddresses}})
	}
	return binding.EmailOf(email, user), err
}

// removeEmail answers DELETE emails/:id/.
func (a *Auth) removeEmail(c *gin.Context, in *binding.Password) (binding.Empty, error) {
	var none binding.Empty
	if err := a.proveFresh(c, in.Password); err != nil {
		return none, err
	}
	user := User(c)
	err := a.store.Tx(c.Request.Context(), func(tx *store.Tx) error {
		email, err := tx.RemoveEmail(user.ID, emailID(c), string(forNotice))
		if err == nil {
			err = a.stillIn(c, tx)
		}
		if err != nil || !email.Verified() {
			return err
		}
		return a.notify(c, tx, mailEmailRemoved, user, user.Email)
	})
	if errors.Is(err, store.ErrRefused) {
		return none, binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodePrimaryEmail})
	}
	return none, notFoundAs(err, errNotFound)
}

// makePrimary answers POST emails/:id/primary/. The address that was primary hears of it,
// with a link that takes everything back (T112).
func (a *Auth) makePrimary(c *gin.Context, in *binding.Password) (binding.Email, error) {
	var none binding.Email
	if err := a.proveFresh(c, in.Password); err != nil {
		return none, err
	}
	var email *models.Email
	event := a.event(c, identityOf(c).account)
	err := a.store.Tx(c.Request.Context(), func(tx *store.Tx) error {
		old, now, err := tx.SetPrimary(User(c).ID, emailID(c))
		if err == nil {
			err = a.stillIn(c, tx)
		}
		if err != nil {
			return err
		}
		email, event.Email = now, ""
		if models.EmailKey(old.Email) == email.Key {
			return nil
		}
		event.Email = email.Address
		if err := a.before(c.Request.Context(), tx, config.EventEmailChange, event); err != nil {
			return err
		}
		return a.notify(c, tx, mailEmailChanged, old, old.Email)
	})
	if errors.Is(err, store.ErrRefused) {
		return none, errUnverified
	}
	if err != nil {
		return none, notFoundAs(err, errNotFound)
	}
	if event.Email != "" {
		a.after(c.Request.Context(), config.EventEmailChange, event)
	}
	return binding.EmailOf(email, &models.User{Email: email.Address}), nil
}

// resendTo answers POST emails/:id/resend/.
func (a *Auth) resendTo(c *gin.Context, _ *binding.Empty) (binding.Detail, error) {
	var none binding.Detail
	ctx, user := c.Request.Context(), User(c)
	rows, err := a.store.Emails(ctx, user.ID)
	if err != nil {
		return none, err
	}
	i := slices.IndexFunc(rows, func(e models.Email) bool { return e.ID == emailID(c) })
	if i < 0 {
		return none, errNotFound
	}
	if rows[i].Verified() {
		return none, binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodeAlreadyVerified})
	}
	confirmed, err := a.ownerOf(ctx, rows[i].Key, user.ID)
	if err != nil {
		return none, err
	}
	l := claimMail(user, rows[i].Address, confirmed)
	if err := a.store.Tx(ctx, func(tx *store.Tx) error { return a.post(c, tx, l) }); err != nil {
		return none, err
	}
	return binding.Detail{Detail: a.say(c, "done.verification_sent", nil)}, nil
}

// emailID reads the ID in the path; 0, which no row has, for what is none.
func emailID(c *gin.Context) int64 {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}
