package core

// Request bodies: decoded into the library's struct or the application's form, and applied to a user.

import (
	"reflect"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clone"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/custom"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

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
	in, err := custom.Decode(g, r.Form, reflect.TypeFor[In](), func() string { return c.LanguageOf(g) }, options...)
	return in.(*In), err
}

// ApplyForm copies the application's form fields into a new user. Its changes to models.User are
// undone, except for profile fields that users set themselves: no form gives rights, or turns into
// another user.
//
// A form of config.FormTx is applied in the transaction, any other one before it: tx is nil then. What
// the function reads may fix what the transaction sees, so the lock of the user comes first.
func (c *Core) ApplyForm(g *gin.Context, tx *Tx, account models.Account) error {
	return custom.Apply(g, tx.stored(), account)
}

// ApplyToCopy is ApplyForm on a copy of a user who is stored, before the transaction, in which [Tx.SaveOwn] is called.
// Of models.User nothing is changed: the routes write that themselves.
func (c *Core) ApplyToCopy(g *gin.Context, account models.Account) (models.Account, error) {
	own := clone.Account(account)
	return own, custom.ApplyOwn(g, nil, own)
}

// SaveOwn stores what a form has changed in the columns of the application's own.
func (tx *Tx) SaveOwn(g *gin.Context, before, own models.Account) error {
	return custom.SaveOwn(g, tx.rows, before, own)
}

// stored is the transaction of the library's tables, nil outside one.
func (tx *Tx) stored() *store.Tx {
	if tx == nil {
		return nil
	}
	return tx.rows
}
