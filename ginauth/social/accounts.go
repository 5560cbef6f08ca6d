package social

// GET socialaccounts/, and removing one.

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// tag is the heading of the routes in documentation.
const tag = "Logging in with other accounts"

// Account is an element of the response of GET socialaccounts/.
type Account struct {
	ID         int64      `json:"id"`
	Provider   string     `json:"provider"`   // Provider.Name
	UID        string     `json:"uid"`        // the permanent ID at the provider
	LastLogin  *time.Time `json:"last_login"` // null if the account was connected and not used since
	DateJoined time.Time  `json:"date_joined"`
}

func (f *feature) accountRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodGet, Path: "socialaccounts", Tag: tag, Access: core.AccessUser, WhileImpersonated: true, Doc: "List the accounts that the user can log in with.",
	}, f.list)
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "socialaccounts/:id/disconnect", Tag: tag, Access: core.AccessUser, Limit: core.LimitGuess, NumericID: true,
		Doc: "Disconnect an account. The last way to log in cannot be removed.",
	}, f.disconnect)
	core.Add(s, core.Route{
		Method: http.MethodDelete, Path: "socialaccounts/:id", Tag: tag, Access: core.AccessUser, Limit: core.LimitGuess, NumericID: true,
		Status: http.StatusNoContent, Doc: "Disconnect an account, as `socialaccounts/:id/disconnect/` does.",
	}, f.disconnect)
}

// list answers GET socialaccounts/.
func (f *feature) list(g *gin.Context, _ *binding.Empty) ([]Account, error) {
	var rows []models.Identity
	err := f.core.DB(g.Request.Context()).Select("id", "provider", "subject", "last_login", "created_at").
		Where("user_id = ?", core.User(g).ID).Order("id").Find(&rows).Error
	out := make([]Account, len(rows))
	for i := range rows {
		out[i] = accountOf(&rows[i])
	}
	return out, err
}

func accountOf(r *models.Identity) Account {
	uid := strings.TrimPrefix(string(r.Subject), importedPrefix)
	return Account{r.ID, string(r.Provider), uid, r.LastLogin, r.CreatedAt}
}

// disconnect answers POST socialaccounts/:id/disconnect/ and DELETE socialaccounts/:id/. The user is locked while the ways in that
// remain are counted. Other sessions end, since someone may have logged in with the account.
func (f *feature) disconnect(g *gin.Context, in *binding.RecentPassword) (binding.Empty, error) {
	var none binding.Empty
	if err := f.core.RequireRecent(g, in.Password); err != nil {
		return none, err
	}
	user := core.User(g)
	id, err := core.PathID(g)
	if err != nil {
		return none, err
	}
	return none, f.core.Held(g, func(tx *core.Tx) error {
		if err := f.drop(g, tx, id, user.ID); err != nil {
			return err
		}
		if in, err := tx.HasWayIn(user.ID); err != nil || !in {
			if err == nil {
				err = problem(CodeLastWayIn)
			}
			return err
		}
		if err := tx.EndOtherSessions(user.ID, core.Session(g).ID); err != nil {
			return err
		}
		return f.core.Notify(g, tx, mailDisconnected, user, user.Email)
	})
}

// drop deletes an identity of a user, who is locked, revokes its tokens and records the event. It returns [core.ErrNotFound] if the
// user has none with this ID.
func (f *feature) drop(g *gin.Context, tx *core.Tx, id, userID int64) error {
	var row models.Identity
	r := tx.Where("id = ? AND user_id = ?", id, userID).Limit(1).Find(&row)
	if r.Error == nil && r.RowsAffected == 0 {
		return core.ErrNotFound
	}
	if r.Error != nil {
		return r.Error
	}
	if err := f.revokeLater(tx, &row); err != nil {
		return err
	}
	if err := tx.Delete(&row).Error; err != nil {
		return err
	}
	return f.record(g, tx, EventDisconnected, userID, string(row.Provider))
}

// wayIn reports whether the user has an account of a provider that can log them in.
func (f *feature) wayIn(tx *core.Tx, userID int64) (bool, error) {
	names := make([]string, 0, len(f.sources))
	for name := range f.sources {
		names = append(names, name)
	}
	var n int64
	err := tx.Model(&models.Identity{}).Where("user_id = ? AND provider IN ?", userID, names).Count(&n).Error
	return n > 0, err
}
