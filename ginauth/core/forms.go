package core

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

// formKey and subjectKey are where a request keeps its form, and whom its answer is about.
type formKey struct{}

// filled is a form of the application's with what came in it.
type filled struct {
	spec *config.FormSpec
	form any
	base reflect.Type // the library's struct in it
	lang func() string
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
func decode[In any](c *Core, g *gin.Context, r *Route) (*In, error) {
	options := []binding.Option{binding.Require(r.Required...), binding.Ignore(r.Ignored...)}
	if r.Partial {
		options = append(options, binding.Partial())
	}
	if r.Form == nil {
		in := new(In)
		return in, binding.Decode(g.Writer, g.Request, in, options...)
	}
	form := r.Form.New()
	err := binding.Decode(g.Writer, g.Request, form, options...)
	base := reflect.TypeFor[In]()
	g.Set(formKey{}, filled{r.Form, form, base, func() string { return c.LanguageOf(g) }})
	return r.Form.Base(form, base).(*In), err
}

// ApplyForm copies the application's form fields into a new user. Its changes to models.User are
// undone, except for profile fields that users set themselves: no form gives rights, or turns into
// another user.
//
// A form of config.FormTx is applied in the transaction, any other one before it: tx is nil then. What
// the function reads may fix what the transaction sees, so the lock of the user comes first.
func ApplyForm(g *gin.Context, tx *Tx, account models.Account) error {
	v, found := g.Get(formKey{})
	if !found || v.(filled).spec.InTx() != (tx != nil) {
		return nil
	}
	kept := *clone.Account(account).Base()
	f := v.(filled)
	ctx := config.WithLanguage(g.Request.Context(), f.lang())
	var err error
	if tx == nil {
		err = f.spec.Apply(ctx, nil, f.form, account)
	} else if err = lockStored(tx, account.Base()); err == nil {
		err = ofApplication("a form", f.spec.Apply(ctx, tx.DB, f.form, account))
	}
	user := account.Base()
	kept.FirstName, kept.LastName, kept.Locale = user.FirstName, user.LastName, user.Locale
	*user = kept
	return err
}

// lockStored locks the row of a user. One who is not stored yet has the lock of lockNew.
func lockStored(tx *Tx, user *models.User) error {
	if user.ID == 0 {
		return nil
	}
	return tx.rows.LockUser(user.ID)
}

// ApplyOwn is ApplyForm for a user who is stored, or comes from a backend. Of models.User nothing
// is changed: the routes write that themselves.
func ApplyOwn(g *gin.Context, tx *Tx, account models.Account) error {
	kept := *clone.Account(account).Base()
	err := ApplyForm(g, tx, account)
	*account.Base() = kept
	return err
}

// ApplyToCopy is ApplyOwn on a copy of a user, before the transaction, in which SaveOwn is called.
func ApplyToCopy(g *gin.Context, account models.Account) (models.Account, error) {
	own := clone.Account(account)
	return own, ApplyOwn(g, nil, own)
}

// SaveOwn stores what a form has changed in the columns of the application's own.
func SaveOwn(g *gin.Context, tx *Tx, before, own models.Account) error {
	if err := ApplyOwn(g, tx, own); err != nil {
		return err
	}
	return tx.rows.SaveOwn(before, clone.Account(own))
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
