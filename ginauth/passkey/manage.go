package passkey

// GET passkeys/, and reading, renaming and removing one.

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Rename is the body of PATCH and PUT passkeys/:id/, and the response.
type Rename struct {
	Name string `json:"name" binding:"required,max=255"`
}

func (f *feature) listRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodGet, Path: "passkeys", Tag: tag, Access: core.AccessUser, WhileImpersonated: true, Doc: "List the passkeys of the user.",
	}, f.list)
	core.Add(s, core.Route{
		Method: http.MethodGet, Path: "passkeys/:id", Tag: tag, Access: core.AccessUser, NumericID: true, Doc: "Return a passkey of the user.",
	}, f.read)
	for _, method := range []string{http.MethodPatch, http.MethodPut} {
		core.Add(s, core.Route{
			Method: method, Path: "passkeys/:id", Tag: tag, Access: core.AccessUser, NumericID: true, Doc: "Rename a passkey.",
		}, f.rename)
	}
	core.Add(s, core.Route{
		Method: http.MethodDelete, Path: "passkeys/:id", Tag: tag, Access: core.AccessUser, NumericID: true, Limit: core.LimitGuess,
		Status: http.StatusNoContent, Doc: "Remove a passkey. The last way to log in cannot be removed.",
	}, f.remove)
}

// list answers GET passkeys/.
func (f *feature) list(g *gin.Context, _ *binding.Empty) ([]Passkey, error) {
	rows, err := list(f.core.DB(g.Request.Context()), core.User(g).ID)
	return passkeysOf(rows), err
}

// read answers GET passkeys/:id/.
func (f *feature) read(g *gin.Context, _ *binding.Empty) (out Passkey, err error) {
	id, err := core.PathID(g)
	if err != nil {
		return out, err
	}
	row, err := find(f.core.DB(g.Request.Context()).Where("id = ? AND user_id = ?", id, core.User(g).ID))
	if err != nil {
		return out, err
	}
	if row == nil {
		return out, core.ErrNotFound
	}
	return passkeyOf(row), nil
}

// rename answers PATCH and PUT passkeys/:id/.
func (f *feature) rename(g *gin.Context, in *Rename) (Rename, error) {
	id, err := core.PathID(g)
	if err != nil {
		return *in, err
	}
	return *in, f.core.Held(g, func(tx *core.Tx) error {
		row, err := find(tx.Where("id = ? AND user_id = ?", id, core.User(g).ID)) // MySQL counts no row whose name stays
		if err != nil {
			return err
		}
		if row == nil {
			return core.ErrNotFound
		}
		return tx.Model(&Credential{}).Where("id = ?", row.ID).Update("name", in.Name).Error
	})
}

// remove answers DELETE passkeys/:id/. The user is locked while the ways in that remain are counted. Other sessions end, since
// someone may have logged in with the passkey.
func (f *feature) remove(g *gin.Context, in *binding.RecentPassword) (binding.Empty, error) {
	var none binding.Empty
	if err := f.core.RequireRecent(g, in.Password); err != nil {
		return none, err
	}
	id, err := core.PathID(g)
	if err != nil {
		return none, err
	}
	user, session := core.User(g), core.Session(g)
	return none, f.core.Held(g, func(tx *core.Tx) error {
		r := tx.Where("id = ? AND user_id = ?", id, user.ID).Delete(&Credential{})
		if r.Error == nil && r.RowsAffected == 0 {
			return core.ErrNotFound
		}
		if r.Error != nil {
			return r.Error
		}
		if err := f.afterRemoval(tx, user.ID); err != nil {
			return err
		}
		if !f.AllowOtherSessions {
			if err := tx.EndOtherSessions(user.ID, session.ID); err != nil {
				return err
			}
		}
		return f.changed(tx, request{g, f.core.IdentityOf(g).Account}, mailRemoved, EventRemoved)
	})
}

// afterRemoval returns an error if the user could not log in any more. Without a passkey, the user no longer has the factor.
func (f *feature) afterRemoval(tx *core.Tx, userID int64) error {
	if in, err := tx.HasWayIn(userID); err != nil || !in {
		if err == nil {
			err = errLastWayIn
		}
		return err
	}
	n, err := count(tx, userID)
	if err != nil || n > 0 {
		return err
	}
	return tx.SetFactor(userID, Method, false)
}
