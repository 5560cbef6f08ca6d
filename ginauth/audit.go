package ginauth

// The audit trail: Events, and GET security/events/.

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// EventFilter selects events of the audit trail; see [Auth.Events]. The zero value of a field selects all.
type EventFilter struct {
	UserID   int64              // of the user; failed logins of clients that are not logged in have none
	Names    []config.EventName // such as config.EventLogin
	From, To time.Time          // events from From on and before To
	Before   int64              // events with a lower ID; for the next page, the ID of the last event that you got
	Limit    int                // at most so many events, up to 1000; 0 means 100
}

// Events returns events of the audit trail, the newest first; see config.Audit. For the next page, call it again with Before:
//
//	page, err := auth.Events(ctx, ginauth.EventFilter{UserID: id, Before: page[len(page)-1].ID})
//
// With UserID it uses an index. Without one it reads the table from its end, so give it From and To only with UserID, or if the
// table is small. It also works while the audit trail is off.
func (a *Auth) Events(ctx context.Context, f EventFilter) ([]models.Event, error) {
	return a.core.Events(ctx, core.EventFilter(f))
}

// addAudit adds the route for the user's own events.
func (a *Auth) addAudit(s *core.Setup) error {
	core.Add(s, core.Route{
		Method: http.MethodGet, Path: "security/events", Tag: "What happened to the account", Access: core.AccessUser, WhileImpersonated: true,
		Doc: "List 100 events of the account, the newest first.", Fails: []int{http.StatusBadRequest},
		Query: []core.Parameter{{Name: "before", Doc: "For the next page: the id of the last event. The events of this page have lower ones."}},
	}, a.listEvents)
	return nil
}

// listEvents answers GET security/events/.
func (a *Auth) listEvents(c *gin.Context, _ *binding.Empty) ([]binding.Event, error) {
	filter := core.EventFilter{UserID: core.User(c).ID}
	if text := c.Query("before"); text != "" {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id < 1 {
			return nil, binding.Invalid("before", binding.Problem{Code: binding.CodeInvalid})
		}
		filter.Before = id
	}
	rows, err := a.core.Events(c.Request.Context(), filter)
	if err != nil {
		return nil, err
	}
	out := make([]binding.Event, len(rows))
	for i := range rows {
		out[i] = binding.EventOf(&rows[i])
	}
	return out, nil
}
