package invite

// admin/invitations/: staff list, create and revoke invitations.

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// The permissions of operators.
const (
	MayView   = "auth.view_invitation"
	MayAdd    = "auth.add_invitation"
	MayDelete = "auth.delete_invitation"
)

const page = 50 // invitations in a response

// Body is the body of POST admin/invitations/.
type Body struct {
	Email     string   `json:"email" binding:"omitempty,max=254,address"` // where the key is mailed; without it, the response has the key
	MaxUses   int      `json:"max_uses"`                                  // of an invitation without an address; default 1
	Groups    []string `json:"groups" binding:"max=20,dive,max=150"`      // that new users join
	ExpiresIn int      `json:"expires_in"`                                // in seconds; default Options.Lifetime
	Locale    string   `json:"locale" binding:"max=35"`                   // language of the mail
}

// View is an invitation as operators see it.
type View struct {
	ID        int64      `json:"id"`
	Email     string     `json:"email"` // empty for a code
	Groups    []string   `json:"groups"`
	MaxUses   int        `json:"max_uses"`
	Uses      int        `json:"uses"`
	IsValid   bool       `json:"is_valid"`   // it can be used now
	CreatedBy int64      `json:"created_by"` // ID of the operator; 0 for the application
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	RevokedAt *time.Time `json:"revoked_at"`
}

// NewView is the response of POST admin/invitations/.
type NewView struct {
	View
	Key string `json:"key"` // of an invitation without an address, shown once; empty if it was mailed
	URL string `json:"url"` // where to sign up with the key; empty if it was mailed
}

// Page is the response of GET admin/invitations/.
type Page struct {
	Invitations []View `json:"invitations"`
	Next        *int64 `json:"next"` // the parameter before of the next page; null on the last one
}

func (f *feature) routes(s *core.Setup) {
	const tag = "Invitations"
	core.Add(s, core.Route{
		Method: http.MethodGet, Path: "admin/invitations", Tag: tag, Access: core.AccessUser, Permission: MayView,
		Query: []core.Parameter{{Name: "before", Doc: "The field next of the previous page."}},
		Doc:   "List invitations, the newest first, 50 in a page.",
	}, f.list)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "admin/invitations", Tag: tag, Access: core.AccessUser, Permission: MayAdd, Status: http.StatusCreated,
		Doc: "Invite someone by mail, or create a key for several users. Operators give only groups that they are in.",
	}, f.add)
	core.Add(s, core.Route{
		Method: http.MethodDelete, Path: "admin/invitations/:id", NumericID: true, Tag: tag, Access: core.AccessUser, Permission: MayDelete,
		Status: http.StatusNoContent, Fails: []int{http.StatusNotFound, http.StatusConflict}, Doc: "Revoke an invitation.",
	}, f.remove)
}

// view is an invitation as operators see it.
func (f *feature) view(i *Invitation) View {
	valid := i.Uses < i.MaxUses && i.RevokedAt == nil && i.ExpiresAt.After(f.core.Now())
	out := View{i.ID, i.Email, i.GroupNames, i.MaxUses, i.Uses, valid, i.CreatedBy, i.CreatedAt.UTC(), i.ExpiresAt.UTC(), i.RevokedAt}
	if out.Groups == nil {
		out.Groups = []string{}
	}
	return out
}

// list answers GET admin/invitations/.
func (f *feature) list(g *gin.Context, _ *binding.Empty) (Page, error) {
	q := f.core.DB(g.Request.Context())
	if before, err := strconv.ParseInt(g.Query("before"), 10, 64); err == nil {
		q = q.Where("id < ?", before)
	}
	var rows []Invitation
	if err := q.Order("id DESC").Limit(page + 1).Find(&rows).Error; err != nil {
		return Page{}, err
	}
	out := Page{Invitations: []View{}}
	if len(rows) > page {
		rows = rows[:page]
		out.Next = &rows[page-1].ID
	}
	for i := range rows {
		out.Invitations = append(out.Invitations, f.view(&rows[i]))
	}
	return out, nil
}

// add answers POST admin/invitations/. The response is the same whether or not the address has an account.
func (f *feature) add(g *gin.Context, in *Body) (out NewView, err error) {
	if in.MaxUses < 0 || in.ExpiresIn < 0 || in.ExpiresIn > int(maxLifetime/time.Second) {
		in.MaxUses, in.ExpiresIn = min(in.MaxUses, maxUses), min(max(in.ExpiresIn, 1), int(maxLifetime/time.Second)+1)
	}
	n := New{Email: in.Email, MaxUses: in.MaxUses, Groups: in.Groups, Lifetime: time.Duration(in.ExpiresIn) * time.Second, Locale: in.Locale}
	if n.Locale == "" {
		n.Locale = f.cfg.DefaultLocale
	}
	if err := f.check(n); err != nil {
		return out, err
	}
	err = f.core.OperateAlone(g, nil, func(op *core.OperatorTx) error {
		created, row, err := f.create(g, op.Tx, n, op.Operator)
		if err != nil {
			return err
		}
		if err := f.mayGive(op.Tx, op.Operator.ID, n.Groups); err != nil {
			return err
		}
		out = NewView{f.view(row), created.Key, created.URL}
		return nil
	})
	return out, err
}

// mayGive returns nil if an operator still has the permission, and is in the groups.
func (f *feature) mayGive(tx *core.Tx, operator int64, groups []string) error {
	mine, err := f.core.RightsIn(tx, operator)
	if err != nil {
		return err
	}
	theirs, err := f.core.GroupRights(tx, groups)
	if err != nil {
		return err
	}
	if !mine.Can(MayAdd) || !mine.Covers(theirs) {
		return core.ErrPermission
	}
	return nil
}

// remove answers DELETE admin/invitations/:id/.
func (f *feature) remove(g *gin.Context, _ *binding.Empty) (binding.Empty, error) {
	id, err := core.PathID(g)
	if err != nil {
		return binding.Empty{}, err
	}
	e := f.core.Event(g, core.User(g))
	err = f.core.OperateAlone(g, nil, func(op *core.OperatorTx) error {
		var known Invitation
		if err := op.Where("id = ?", id).Limit(1).Find(&known).Error; err != nil || known.ID == 0 {
			return notFound(err)
		}
		return core.NotFoundAs(f.revoke(op.Tx, id, &e), &binding.Error{Status: http.StatusConflict, Code: codeUsed})
	})
	return binding.Empty{}, err
}

func notFound(err error) error {
	if err == nil {
		return core.ErrNotFound
	}
	return err
}
