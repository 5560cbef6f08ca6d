package impersonate

// Begin and end: the handlers, the notice and the events.

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Start is the body of POST admin/users/:id/impersonate/.
type Start struct {
	Reason string `json:"reason" binding:"max=255"` // for the audit trail; the user does not see it
}

// Ended is the response of POST impersonate/end/.
type Ended struct {
	User *binding.User `json:"user"` // the operator
}

var errCannot = &binding.Error{Status: http.StatusConflict, Code: codeCannot}

// start answers POST admin/users/:id/impersonate/.
func (f *feature) start(g *gin.Context, in *Start) (binding.LoginResponse, error) {
	reason := strings.TrimSpace(in.Reason)
	if reason == "" && !f.ReasonOptional {
		return binding.LoginResponse{}, binding.Invalid("reason", binding.Problem{Code: binding.CodeRequired})
	}
	id, err := core.PathID(g)
	if err != nil {
		return binding.LoginResponse{}, err
	}
	out, err := f.core.Impersonate(g, id, f.Lifetime, func(op *core.OperatorTx, s *models.Session) error {
		e := f.core.Event(g, op.User)
		e.Session, e.Details = s, reason
		if err := op.Record(EventStarted, e); err != nil {
			return err
		}
		return f.notify(g, op, s)
	})
	if errors.Is(err, core.ErrRefused) {
		err = errCannot
	}
	return out, err
}

// notify mails the user who acts in their place, and until when.
func (f *feature) notify(g *gin.Context, op *core.OperatorTx, s *models.Session) error {
	if f.SilentlyWithoutNotice {
		return nil
	}
	to, confirmed, err := f.core.Reachable(op.Tx, op.User.ID, op.User.Email)
	if err != nil || to == "" {
		return err
	}
	return f.core.Post(g, op.Tx, core.Mail{
		Kind: mailKind, User: op.User, Address: to, Confirmed: confirmed, Only: true, Actor: nameOf(op.Operator), Until: s.ExpiresAt,
	})
}

func nameOf(u *models.User) string {
	return cmp.Or(strings.TrimSpace(u.FirstName+" "+u.LastName), u.Username, u.Email)
}

// end answers POST impersonate/end/.
func (f *feature) end(g *gin.Context, _ *binding.Empty) (Ended, error) {
	out, err := f.core.EndImpersonation(g, func(tx *core.Tx, s *models.Session, user, operator models.Account) error {
		e := f.core.Event(g, user)
		e.Session, e.Actor = s, operator
		return tx.Record(EventEnded, e)
	})
	return Ended{out.User}, err
}

// after is called when a session has ended by a logout, or because a refresh token was stolen. A logout in a browser also ends the
// operator's session there, whose cookie the impersonation had replaced.
func (f *feature) after(ctx context.Context, e config.Event) error {
	s := e.Session
	if s == nil || s.ActorID == 0 || e.Name != config.EventLogout && e.Name != config.EventRefreshReuse {
		return nil
	}
	operator, err := f.core.UserByID(ctx, s.ActorID)
	if errors.Is(err, core.ErrNoRow) {
		return nil
	}
	if err != nil {
		return err
	}
	e.Actor = operator
	f.core.Record(ctx, EventEnded, e)
	if e.Name == config.EventLogout && s.Credential == config.AskCookie {
		return core.NotFoundAs(f.core.EndSessionByID(ctx, s.ActorSession), nil)
	}
	return nil
}
