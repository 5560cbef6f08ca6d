package admin

// GET admin/users/ and what belongs to one user: reading.

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

func (f *feature) readRoutes(s *core.Setup) {
	list := route(http.MethodGet, "users", "auth.view_user", "List users in pages.")
	list.Fails = []int{http.StatusBadRequest}
	list.Query = paged(
		core.Parameter{Name: "search", Doc: "Only users whose name, or one of whose addresses, begins with this, or who have it as their ID. They come in the order of these."},
		core.Parameter{Name: "active", Doc: "true or false."}, core.Parameter{Name: "staff", Doc: "true or false."},
		core.Parameter{Name: "superuser", Doc: "true or false."}, core.Parameter{Name: "banned", Doc: "true or false."},
		core.Parameter{Name: "joined_from", Doc: "Only users who joined then or later, in RFC 3339. Needs the order date_joined, which is then the default."},
		core.Parameter{Name: "joined_before", Doc: "Only users who joined earlier; like joined_from."},
		core.Parameter{Name: "order", Doc: "-id (the default), id, -date_joined, date_joined, or username, which leaves out users without one. Not with search."})
	core.Add(s, list, f.list)
	core.Add(s, route(http.MethodGet, "users/:id", "auth.view_user", "Return all about a user."), f.show)
	events := route(http.MethodGet, "users/:id/events", "auth.view_user", "List the events of a user in pages, the newest first.")
	events.Fails, events.Query = []int{http.StatusBadRequest}, paged(core.Parameter{Name: "event", Doc: "Only events with this name, such as login."})
	core.Add(s, events, f.listEvents)
}

// list answers GET admin/users/. Each order is that of an index, so a page takes the same time wherever it begins.
func (f *feature) list(g *gin.Context, _ *binding.Empty) (out Users, err error) {
	filter, order, err := listOf(g)
	if err != nil {
		return out, err
	}
	limit, err := limitOf(g)
	if err != nil {
		return out, err
	}
	at, err := positionOf(g, order)
	if err != nil {
		return out, err
	}
	var found []models.User
	ctx, search := g.Request.Context(), strings.TrimSpace(g.Query("search"))
	if order == bySearch {
		found, at.User, err = f.search(g, filter, search, at.User, limit)
	} else {
		found, at.User, err = f.core.Users(ctx, filter, order, at.User, limit)
	}
	out.Results = make([]Summary, len(found))
	for i := range found {
		out.Results[i] = summaryOf(&found[i], f.core.Now())
	}
	if !at.User.IsZero() {
		out.Next = at.cursor()
	}
	return out, err
}

// search is Core.SearchUsers, with the user of an ID first.
func (f *feature) search(g *gin.Context, filter core.UserFilter, text string, after core.UserPosition, limit int) ([]models.User, core.UserPosition, error) {
	ctx, first := g.Request.Context(), after.IsZero()
	found, next, err := f.core.SearchUsers(ctx, filter, text, after, limit)
	id, notID := strconv.ParseInt(text, 10, 64)
	if err != nil || notID != nil || !first {
		return found, next, err
	}
	filter.ID = id
	own, _, err := f.core.Users(ctx, filter, "id", core.UserPosition{}, 1)
	for _, u := range found {
		if u.ID != id {
			own = append(own, u)
		}
	}
	return own, next, err
}

const bySearch = "search"

// listOf returns the filter and the order of a list.
func listOf(g *gin.Context) (filter core.UserFilter, order string, err error) {
	var errs []error
	for name, into := range map[string]**bool{"active": &filter.Active, "staff": &filter.Staff, "superuser": &filter.Superuser, "banned": &filter.Banned} {
		switch g.Query(name) {
		case "":
		case "true":
			*into = new(true)
		case "false":
			*into = new(false)
		default:
			errs = append(errs, invalid(name))
		}
	}
	for name, into := range map[string]*time.Time{"joined_from": &filter.JoinedFrom, "joined_before": &filter.JoinedBefore} {
		if text := g.Query(name); text != "" {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				errs = append(errs, invalid(name))
			}
			*into = at.UTC()
		}
	}
	order, err = orderOf(g, !filter.JoinedFrom.IsZero() || !filter.JoinedBefore.IsZero())
	return filter, order, binding.Merge(append(errs, err)...)
}

// orderOf returns the order of a list. A range of dates and a search have their own.
func orderOf(g *gin.Context, joined bool) (string, error) {
	order, search := g.Query("order"), strings.TrimSpace(g.Query("search"))
	if len(search) > maxSearch {
		return "", binding.Invalid("search", binding.Problem{Code: binding.CodeMaxLength, Params: map[string]any{"Limit": maxSearch}})
	}
	switch {
	case search != "" && (order != "" || joined):
		return "", invalid("order")
	case search != "":
		return bySearch, nil
	case order == "" && joined:
		return "-date_joined", nil
	case order == "":
		return "-id", nil
	case order == "date_joined", order == "-date_joined", !joined && (order == "id" || order == "-id" || order == "username"):
		return order, nil
	}
	return "", invalid("order")
}

const maxSearch = 254

func invalid(parameter string) error {
	return binding.Invalid(parameter, binding.Problem{Code: binding.CodeInvalid})
}

// show answers GET admin/users/:id/.
func (f *feature) show(g *gin.Context, _ *binding.Empty) (User, error) {
	id, err := core.PathID(g)
	if err != nil {
		return User{}, err
	}
	return f.read(g.Request.Context(), id)
}

// Event is an event of the audit trail of a user.
type Event struct {
	ID        int64     `json:"id"`
	Event     string    `json:"event"` // a config.EventName, such as "login"
	CreatedAt time.Time `json:"created_at"`
	Actor     *int64    `json:"actor"` // ID of the operator who did it; null if it was not an operator
	Session   string    `json:"session"`
	Method    string    `json:"method"`
	Login     string    `json:"login"` // the name or address that was typed, of a failed or limited login
	IP        string    `json:"ip"`
	UserAgent string    `json:"user_agent"`
	Details   string    `json:"details"` // depends on the event, such as what an operator changed; see config.EventName
}

// Events is a page of events.
type Events struct {
	Results []Event `json:"results"`
	Next    *string `json:"next"`
}

// listEvents answers GET admin/users/:id/events/. A deleted user can have events.
func (f *feature) listEvents(g *gin.Context, _ *binding.Empty) (out Events, err error) {
	id, err := core.PathID(g)
	if err != nil {
		return out, err
	}
	limit, err := limitOf(g)
	if err != nil {
		return out, err
	}
	at, err := positionOf(g, "events")
	if err != nil {
		return out, err
	}
	filter := core.EventFilter{UserID: id, Before: at.ID, Limit: limit + 1}
	if name := g.Query("event"); name != "" {
		filter.Names = []config.EventName{config.EventName(name)}
	}
	rows, err := f.core.Events(g.Request.Context(), filter)
	if len(rows) > limit {
		rows = rows[:limit]
		out.Next = position{List: "events", ID: rows[limit-1].ID}.cursor()
	}
	out.Results = make([]Event, len(rows))
	for i := range rows {
		e := &rows[i]
		out.Results[i] = Event{
			ID: e.ID, Event: e.Event, CreatedAt: e.CreatedAt.UTC(), Session: e.SessionID, Method: e.Method, Login: e.Login, IP: e.IP, UserAgent: e.UserAgent,
			Details: e.Details,
		}
		if e.ActorID != 0 {
			out.Results[i].Actor = &e.ActorID
		}
	}
	return out, err
}
