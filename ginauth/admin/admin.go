// Package admin adds the routes below admin/, at which operators manage users: superusers, and staff with the permission of each route.
// List it in ginauth.New, with package roles for permissions:
//
//	auth, err := ginauth.New(db, cfg, roles.Feature(roles.Options{ManageRoutes: true}), admin.Feature(admin.Options{}))
//
// Operators act only on users whose rights theirs cover, and never on themselves. Changes need a recent login, and the second factor of an
// operator who has one. The audit trail has each change with the ID of the operator.
//
// The README of this folder has a table of the routes and their permissions.
package admin

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"reflect"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Options are the settings of the feature. The zero value is complete.
type Options struct {
	// Form adds columns of the application to the body of PATCH admin/users/:id/. Make it with config.Form or config.FormTx from a struct
	// that embeds [UpdateUser]. Its function also runs for fields that were not sent, so declare them as pointers. Default: none.
	Form *config.FormSpec
	// Application returns the field "application" of a user, for JSON, such as columns of the application. Default: the field is missing.
	Application func(ctx context.Context, account models.Account) (any, error)
	// AllowSilentChanges turns off the mails that tell users what operators changed. Those of new passwords and removed factors remain.
	// Default: false.
	AllowSilentChanges bool
}

//go:embed texts
var embedded embed.FS

const (
	mailChanged = "account_changed"
	mailRemoved = "account_removed"

	codeUnreachable = binding.Code("no_address_for_link")
	codeCursor      = binding.Code("cursor_not_valid")
)

type feature struct {
	Options
	core *core.Core
}

// Feature returns the feature. Errors of New name the option.
func Feature(o Options) core.Feature {
	return func(s *core.Setup) error {
		texts, err := fs.Sub(embedded, "texts")
		if err != nil {
			return err
		}
		s.Name("admin")
		f := &feature{Options: o, core: s.Core()}
		if o.Form != nil {
			user := reflect.TypeOf(s.Config().NewUser()).Elem()
			if err := o.Form.Check(reflect.TypeFor[UpdateUser](), user); err != nil {
				s.Refuse("admin.Options.Form", err)
				return nil
			}
		}
		s.Texts(texts)
		s.Codes(
			binding.CodeDoc{Code: codeUnreachable, Meaning: "the user has no address for a link that sets a password, or only a directory can log them in"},
			binding.CodeDoc{Code: codeCursor, Meaning: "the cursor is not one of this list: begin again without it"},
		)
		s.Mail(core.MailKind{Name: mailChanged, Notice: true})
		s.Mail(core.MailKind{Name: mailRemoved, Notice: true})
		s.Event(events()...)
		s.Migration("0001_indexes", f.core.UserIndexes)
		s.Migration("0002_index_of_bans", f.core.UserIndexes)
		s.Check("admin.Options", f.check)
		f.readRoutes(s)
		f.userRoutes(s)
		f.accessRoutes(s)
		f.outboxRoutes(s)
		return nil
	}
}

// route completes a route for operators with a permission.
func route(method, path, permission, doc string) core.Route {
	r := core.Route{
		Method: method, Path: "admin/" + path, Tag: "Managing users", Access: core.AccessUser, Permission: permission, NumericID: true, Doc: doc,
	}
	if method == http.MethodDelete {
		r.Status = http.StatusNoContent
	}
	return r
}

// change is a change of the user in the path.
type change struct {
	*core.OperatorTx
	event config.Event // of the request, about the user
	mail  *gin.Context // for mails, which have nothing about the client: it is not the user's
}

// operate runs a change of the user in the path.
func (f *feature) operate(g *gin.Context, first func(*core.Tx) error, fn func(*change) error) error {
	id, err := core.PathID(g)
	if err != nil {
		return err
	}
	mail := core.WithoutRequest(g.Request.Context())
	err = f.core.OperateAfter(g, id, first, func(op *core.OperatorTx) error {
		return fn(&change{op, f.core.Event(g, op.Account), mail})
	})
	if err == nil {
		f.core.Posted(mail)
	}
	return err
}

// tell mails the user that an operator changed the account.
func (f *feature) tell(c *change) error {
	if f.AllowSilentChanges {
		return nil
	}
	return f.core.Notify(c.mail, c.Tx, mailChanged, c.User, c.User.Email)
}

// check warns of operators without a second factor.
func (f *feature) check(ctx context.Context, r *core.Report) error {
	var bare []int64
	operators := f.core.DB(ctx).Table(f.core.UsersTable()).Where("(is_superuser = true OR is_staff = true)").Where("is_active = true AND factors = ''")
	if err := operators.Limit(1).Pluck("id", &bare).Error; err != nil {
		return errors.Join(errors.New("look for operators"), err)
	}
	if len(bare) > 0 {
		r.Warning("an operator has no second factor, so a stolen password is enough to manage all users",
			"list mfa.Feature or passkey.Feature in ginauth.New, and require a factor of staff and superusers with mfa.Options.RequireFor")
	}
	return nil
}
