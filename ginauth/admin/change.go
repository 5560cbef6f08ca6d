package admin

// Creating, changing and deleting users.

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

func (f *feature) userRoutes(s *core.Setup) {
	create := route(http.MethodPost, "users", "auth.add_user", "Create a user.")
	create.Status = http.StatusCreated
	core.Add(s, create, f.create)
	update := route(http.MethodPatch, "users/:id", "auth.change_user", "Change the fields that are sent.")
	update.Partial, update.Form = true, f.Form
	core.Add(s, update, f.update)
	core.Add(s, route(http.MethodDelete, "users/:id", "auth.delete_user", "Delete a user at once, with all rows."), f.remove)
}

// CreateUser is the body of POST admin/users/. A name or an address is required. Without a password, the user cannot log in with one:
// send a link that sets it, or confirm an address.
type CreateUser struct {
	Username    string `json:"username" in:"blank" binding:"max=150"`
	Email       string `json:"email" in:"blank" binding:"max=254"`
	Password    string `json:"password" in:"raw,blank" binding:"maxbytes=1024"`
	FirstName   string `json:"first_name" in:"blank" binding:"max=150"`
	LastName    string `json:"last_name" in:"blank" binding:"max=150"`
	Locale      string `json:"locale" in:"blank" binding:"omitempty,max=35,bcp47_language_tag"`
	IsStaff     bool   `json:"is_staff"`
	IsSuperuser bool   `json:"is_superuser"` // only by a superuser
}

// create answers POST admin/users/. A new user has no rights but the rank.
func (f *feature) create(g *gin.Context, in *CreateUser) (out User, err error) {
	ctx, account := g.Request.Context(), f.core.NewAccount()
	user := account.Base()
	user.SetUsername(in.Username)
	user.SetEmail(in.Email)
	if err := f.core.CheckNewUser(ctx, user, in.Password); err != nil {
		return out, err
	}
	if err := f.core.CompleteNewUser(ctx, user, in.Password); err != nil {
		return out, err
	}
	user.FirstName, user.LastName, user.Locale, user.IsStaff, user.IsSuperuser = in.FirstName, in.LastName, in.Locale, in.IsStaff, in.IsSuperuser
	first := func(tx *core.Tx) error { return f.core.LockNew(tx, user) }
	err = f.core.OperateAlone(g, first, func(op *core.OperatorTx) error {
		if in.IsSuperuser && !op.Rights.IsSuperuser {
			return core.ErrPermission
		}
		return f.core.StoreNewUser(op.Tx, f.core.Event(g, account))
	})
	if errors.Is(err, core.ErrExists) {
		err = f.core.LostRace(ctx, user)
	}
	if err != nil {
		return out, err
	}
	return f.read(ctx, user.ID)
}

// UpdateUser is the body of PATCH admin/users/:id/. A nil field is not in the body and stays unchanged. No other column of models.User can
// be changed here.
type UpdateUser struct {
	Username    *string `json:"username,omitempty" binding:"omitnil,max=150"`
	FirstName   *string `json:"first_name,omitempty" in:"blank" binding:"omitnil,max=150"`
	LastName    *string `json:"last_name,omitempty" in:"blank" binding:"omitnil,max=150"`
	Locale      *string `json:"locale,omitempty" binding:"omitnil,max=35,bcp47_language_tag"`
	IsActive    *bool   `json:"is_active,omitempty"` // false also ends all sessions and personal tokens
	IsStaff     *bool   `json:"is_staff,omitempty"`
	IsSuperuser *bool   `json:"is_superuser,omitempty"` // only by a superuser
}

// update answers PATCH admin/users/:id/.
func (f *feature) update(g *gin.Context, in *UpdateUser) (User, error) {
	if in.Username != nil && !binding.ValidUsername(*in.Username) {
		return User{}, binding.Invalid("username", binding.Problem{Code: binding.CodeInvalidUsername})
	}
	err := f.operate(g, nil, func(c *change) error {
		if in.IsSuperuser != nil && *in.IsSuperuser != c.User.IsSuperuser && !c.Rights.IsSuperuser {
			return core.ErrPermission
		}
		if in.Username != nil && *in.Username != c.User.Username && f.core.Managed(c.User) {
			return binding.Invalid("username", core.ProblemManaged)
		}
		return f.store(g, c, in)
	})
	if errors.Is(err, core.ErrExists) && !errors.Is(err, core.ErrOwnExists) {
		err = binding.Invalid("username", core.ProblemTaken)
	}
	if err != nil {
		return User{}, err
	}
	return f.show(g, nil)
}

// store is the transaction of update.
func (f *feature) store(g *gin.Context, c *change, in *UpdateUser) error {
	before := *c.User
	edited, err := f.core.ApplyToCopy(g, c.Account)
	if err != nil {
		return err
	}
	profile := &binding.UpdateUser{Username: in.Username, FirstName: in.FirstName, LastName: in.LastName, Locale: in.Locale}
	if err := c.UpdateProfile(before.ID, profile); err != nil {
		return err
	}
	staff, superuser := valueOr(in.IsStaff, before.IsStaff), valueOr(in.IsSuperuser, before.IsSuperuser)
	if err := c.SetRank(before.ID, staff, superuser); err != nil {
		return err
	}
	if err := c.SaveOwn(g, c.Account, edited); err != nil {
		return err
	}
	changed := changes(&before, in)
	if active := valueOr(in.IsActive, before.IsActive); active != before.IsActive {
		if err := c.SetActive(c.event, active); err != nil {
			return err
		}
	} else if changed == "" && f.Form == nil {
		return nil
	}
	if changed != "" || f.Form != nil {
		e := c.event
		e.Details = changed
		if err := c.Record(EventChanged, e); err != nil {
			return err
		}
	}
	return f.tell(c)
}

// valueOr returns a field of a partial body, or what it is without.
func valueOr[T any](field *T, otherwise T) T {
	if field == nil {
		return otherwise
	}
	return *field
}

// changes says what a body changes, for the audit trail: "is_staff: false -> true, last_name: Lee -> Ray".
func changes(u *models.User, in *UpdateUser) string {
	var all []string
	note := func(field string, before, after any) {
		if before != after {
			all = append(all, fmt.Sprintf("%s: %v -> %v", field, before, after))
		}
	}
	note("is_superuser", u.IsSuperuser, valueOr(in.IsSuperuser, u.IsSuperuser))
	note("is_staff", u.IsStaff, valueOr(in.IsStaff, u.IsStaff))
	note("username", u.Username, valueOr(in.Username, u.Username))
	note("first_name", u.FirstName, valueOr(in.FirstName, u.FirstName))
	note("last_name", u.LastName, valueOr(in.LastName, u.LastName))
	note("locale", u.Locale, valueOr(in.Locale, u.Locale))
	return strings.Join(all, ", ")
}

// remove answers DELETE admin/users/:id/. The mail is made afterwards, so that it is not deleted with the user.
func (f *feature) remove(g *gin.Context, _ *binding.Empty) (binding.Empty, error) {
	var e config.Event
	var pending bool
	err := f.operate(g, nil, func(c *change) (err error) {
		e = c.event
		to, confirmed, err := f.core.Reachable(c.Tx, c.User.ID, c.User.Email)
		if err != nil {
			return err
		}
		if pending, err = f.core.Remove(g.Request.Context(), c.Tx, e); err != nil || to == "" || f.AllowSilentChanges || !f.core.Notices() {
			return err
		}
		return f.core.Post(c.mail, c.Tx, core.Mail{Kind: mailRemoved, User: c.User, Address: to, Confirmed: confirmed, Asked: !confirmed, Only: true})
	})
	if err == nil && !pending {
		f.core.After(g.Request.Context(), config.EventDelete, e)
	}
	return binding.Empty{}, err
}
