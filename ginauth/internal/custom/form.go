// Package custom runs what an application adds to flows: the fields of its forms, and errors of its hooks.
package custom

// Request bodies: decoded into the library's struct or the application's form, and applied to a user.

import (
	"reflect"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clone"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// formKey is where a request keeps its form.
type formKey struct{}

// filled is an application's form with the values of the request.
type filled struct {
	spec *config.FormSpec
	form any
	base reflect.Type // the library's struct in it
	lang func() string
}

// own returns a copy of the form without the values of the library's struct.
func (f filled) own() any {
	own := reflect.New(f.spec.Type())
	own.Elem().Set(reflect.ValueOf(f.form).Elem())
	reflect.ValueOf(f.spec.Base(own.Interface(), f.base)).Elem().SetZero()
	return own.Interface()
}

// Decode reads the body into the application's form, and returns the library's struct in it, of the type base.
func Decode(g *gin.Context, spec *config.FormSpec, base reflect.Type, lang func() string, options ...binding.Option) (any, error) {
	form := spec.New()
	err := binding.Decode(g.Writer, g.Request, form, options...)
	g.Set(formKey{}, filled{spec, form, base, lang})
	return spec.Base(form, base), err
}

// Form returns a copy of the application's form without the values of the library's struct, or nil if the route has no form.
func Form(g *gin.Context) any {
	if f, found := g.Get(formKey{}); found {
		return f.(filled).own()
	}
	return nil
}

// Apply copies the application's form fields into a new user. Its changes to models.User are undone, except for profile
// fields that users may set: a form can neither grant rights nor turn the user into another one.
//
// A form of config.FormTx is applied in the transaction. Any other form is applied before it, with a nil tx. The function's
// first read may fix the snapshot of the transaction, so the user is locked first.
func Apply(g *gin.Context, tx *store.Tx, account models.Account) error {
	f, found := formFor(g, tx)
	if !found {
		return nil
	}
	kept := *clone.Account(account).Base()
	ctx := config.WithLanguage(g.Request.Context(), f.lang())
	var err error
	if tx == nil {
		err = f.spec.Apply(ctx, nil, f.form, account)
	} else if err = lockStored(tx, account.Base()); err == nil {
		err = Failure("a form", f.spec.Apply(ctx, tx.Handle(), f.form, account))
	}
	user := account.Base()
	kept.FirstName, kept.LastName, kept.Locale = user.FirstName, user.LastName, user.Locale
	*user = kept
	return err
}

// formFor returns the form of a request if it is to be applied in the transaction tx or, if tx is nil, outside of one.
func formFor(g *gin.Context, tx *store.Tx) (filled, bool) {
	v, found := g.Get(formKey{})
	if !found || v.(filled).spec.InTx() != (tx != nil) {
		return filled{}, false
	}
	return v.(filled), true
}

// lockStored locks the row of a stored user. For a new user, core.LockNew has locked the address.
func lockStored(tx *store.Tx, user *models.User) error {
	if user.ID == 0 {
		return nil
	}
	return tx.LockUser(user.ID)
}

// ApplyOwn is Apply for a user who is stored, or comes from a backend. It changes nothing in models.User: the routes write
// those fields.
func ApplyOwn(g *gin.Context, tx *store.Tx, account models.Account) error {
	if _, found := formFor(g, tx); !found {
		return nil
	}
	kept := *clone.Account(account).Base()
	err := Apply(g, tx, account)
	*account.Base() = kept
	return err
}

// ApplyNew is Apply for a sign-up form, and ApplyOwn for any other: the user of a backend is new at a login.
func ApplyNew(g *gin.Context, tx *store.Tx, account models.Account) error {
	if f, found := formFor(g, tx); found && f.base == reflect.TypeFor[binding.Register]() {
		return Apply(g, tx, account)
	}
	return ApplyOwn(g, tx, account)
}

// SaveOwn stores the changes of a form to the application's columns.
func SaveOwn(g *gin.Context, tx *store.Tx, before, own models.Account) error {
	if err := ApplyOwn(g, tx, own); err != nil {
		return err
	}
	return tx.SaveOwn(before, clone.Account(own))
}
