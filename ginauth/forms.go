package ginauth

// Request bodies: decoded into the library's struct or the application's form, and applied to a user.

import (
	"context"
	"errors"
	"reflect"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clone"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// formKey and answerKey are where a request keeps its form, and whom its answer is about.
type formKey struct{}

// filled is a form of the application's with what came in it.
type filled struct {
	spec *config.FormSpec
	form any
	base reflect.Type // the library's struct in it
}

// own is a copy of the form without what is in the library's struct.
func (f filled) own() any {
	own := reflect.New(f.spec.Type())
	own.Elem().Set(reflect.ValueOf(f.form).Elem())
	reflect.ValueOf(f.spec.Base(own.Interface(), f.base)).Elem().SetZero()
	return own.Interface()
}

// decode reads the body into the library's struct or, where the route has one, into that in
// the application's form.
func decode[In any](c *gin.Context, r *route) (*In, error) {
	options := []binding.Option{binding.Require(r.required...), binding.Ignore(r.ignored...)}
	if r.partial {
		options = append(options, binding.Partial())
	}
	if r.form == nil {
		in := new(In)
		return in, binding.Decode(c.Writer, c.Request, in, options...)
	}
	form := r.form.New()
	err := binding.Decode(c.Writer, c.Request, form, options...)
	base := reflect.TypeFor[In]()
	c.Set(formKey{}, filled{r.form, form, base})
	return r.form.Base(form, base).(*In), err
}

// applyForm copies the application's form fields into a new user. Its changes to models.User are
// undone, except for profile fields that users set themselves: no form gives rights, or turns into
// another user.
//
// A form of config.FormTx is applied in the transaction, any other one before it: tx is nil then. What
// the function reads may fix what the transaction sees, so the lock of the user comes first.
func applyForm(c *gin.Context, tx *store.Tx, account models.Account) error {
	v, found := c.Get(formKey{})
	if !found || v.(filled).spec.InTx() != (tx != nil) {
		return nil
	}
	kept := *clone.Account(account).Base()
	f := v.(filled)
	var err error
	if tx == nil {
		err = f.spec.Apply(c.Request.Context(), nil, f.form, account)
	} else if err = lockStored(tx, account.Base()); err == nil {
		err = ofApplication("a form", f.spec.Apply(c.Request.Context(), tx.Handle(), f.form, account))
	}
	user := account.Base()
	kept.FirstName, kept.LastName, kept.Locale = user.FirstName, user.LastName, user.Locale
	*user = kept
	return err
}

// lockStored locks the row of a user. One who is not stored yet has the lock of lockNew.
func lockStored(tx *store.Tx, user *models.User) error {
	if user.ID == 0 {
		return nil
	}
	return tx.LockUser(user.ID)
}

// applyOwn is applyForm for a user who is stored, or comes from a backend. Of models.User nothing
// is changed: the routes write that themselves.
func applyOwn(c *gin.Context, tx *store.Tx, account models.Account) error {
	kept := *clone.Account(account).Base()
	err := applyForm(c, tx, account)
	*account.Base() = kept
	return err
}

// applyToCopy is applyOwn on a copy of a user, before the transaction, in which saveOwn is called.
func applyToCopy(c *gin.Context, account models.Account) (models.Account, error) {
	own := clone.Account(account)
	return own, applyOwn(c, nil, own)
}

// saveOwn stores what a form has changed in the columns of the application's own.
func saveOwn(c *gin.Context, tx *store.Tx, before, own models.Account) error {
	if err := applyOwn(c, tx, own); err != nil {
		return err
	}
	return tx.SaveOwn(before, clone.Account(own))
}

// ofApplication keeps what a hook's or form's own statements met from being taken for what ours did: that a
// value of its table exists already, say. Seen are refusals, and what asks for another try.
func ofApplication(whose string, err error) error {
	if err == nil || store.Retryable(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if refused, ok := errors.AsType[*binding.Error](err); ok {
		if cause := refused.Unwrap(); cause != nil {
			refused = refused.Because(foreignError{whose, cause})
		}
		return refused
	}
	return foreignError{whose, err}
}

// foreignError has no Unwrap.
type foreignError struct {
	whose string
	cause error
}

func (e foreignError) Error() string { return e.whose + ": " + e.cause.Error() }
