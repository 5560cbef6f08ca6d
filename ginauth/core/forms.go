package core

// Request bodies: decoded into the library's struct or the application's form, and copied into a user.

import (
	"reflect"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clone"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/custom"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// decode reads the body into the library's struct or, if the route has one, the application's form. body is the type of the body.
func decode[In any](c *Core, g *gin.Context, r *Route, body reflect.Type) (*In, error) {
	options := []binding.Option{binding.Require(r.Required...), binding.Ignore(r.Ignored...)}
	if r.Partial {
		options = append(options, binding.Partial())
	}
	lang, base := func() string { return c.LanguageOf(g) }, reflect.TypeFor[In]()
	switch {
	case r.Form != nil:
		in, err := custom.Decode(g, r.Form, base, lang, options...)
		return in.(*In), err
	case body != base:
		in, err := custom.DecodeJoined(g, body, base, c.cfg.Forms.SignUp, lang, options...)
		return in.(*In), err
	}
	in := new(In)
	return in, binding.Decode(g.Writer, g.Request, in, options...)
}

// ApplyForm copies the application's form fields into a new user. It undoes the form's changes to models.User,
// except for profile fields that users set themselves, so a form cannot give rights or change the user's identity.
//
// A form of config.FormTx is applied in the transaction, any other one before it: tx is then nil. Lock the user
// before, because a read of the form's function may fix what the transaction sees.
func (c *Core) ApplyForm(g *gin.Context, tx *Tx, account models.Account) error {
	return custom.Apply(g, tx.stored(), account)
}

// ApplyToCopy is [Core.ApplyForm] on a copy of a stored user, before the transaction. Call [Tx.SaveOwn] in the
// transaction. It changes nothing of models.User, which the routes write themselves.
func (c *Core) ApplyToCopy(g *gin.Context, account models.Account) (models.Account, error) {
	edited := clone.Account(account)
	return edited, custom.ApplyOwn(g, nil, edited)
}

// SaveOwn stores the changes of a form in the application's own columns.
func (tx *Tx) SaveOwn(g *gin.Context, before, edited models.Account) error {
	return custom.SaveOwn(g, tx.rows, before, edited)
}

// stored returns the transaction of the library's tables, or nil without a transaction.
func (tx *Tx) stored() *store.Tx {
	if tx == nil {
		return nil
	}
	return tx.rows
}
