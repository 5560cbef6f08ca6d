package invite

// POST invitations/accept/: a user who has an account already joins the groups of an invitation.

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Accept is the body of POST invitations/accept/.
type Accept struct {
	Invitation string `json:"invitation" binding:"required,max=128"` // the key
}

// Accepted is the response of POST invitations/accept/.
type Accepted struct {
	Groups []string `json:"groups"` // those of the invitation
}

func (f *feature) acceptRoute(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "invitations/accept", Tag: "Invitations", Access: core.AccessUser, Limit: core.LimitFailure,
		Doc: "Join the groups of an invitation with the account of the logged-in user. Confirms no address.",
	}, f.accept)
}

// accept answers POST invitations/accept/. A user can accept an invitation once.
func (f *feature) accept(g *gin.Context, in *Accept) (out Accepted, err error) {
	found, err := f.find(g.Request.Context(), in.Invitation, 0)
	if err == nil {
		err = f.core.Held(g, func(tx *core.Tx) error {
			var before int64
			user := core.User(g)
			if err := tx.Model(&Use{}).Where("user_id = ? AND invitation_id = ?", user.ID, found.ID).Count(&before).Error; err != nil {
				return err
			}
			if before > 0 {
				return core.ErrNoRow
			}
			out.Groups, err = f.take(tx, found.ID, user)
			return err
		})
	}
	return out, core.NotFoundAs(err, binding.Invalid(core.InvitationField, binding.Problem{Code: core.CodeInvitation}))
}
