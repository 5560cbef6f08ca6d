package admin

// Sessions and personal tokens of a user.

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

func (f *feature) sessionRoutes(s *core.Setup) {
	core.Add(s, route(http.MethodGet, "users/:id/sessions", "auth.view_user", "List the sessions of a user, the most recently used first."), f.listSessions)
	core.Add(s, route(http.MethodDelete, "users/:id/sessions", "auth.change_user", "End all sessions and personal tokens of a user."), f.endSessions)
	core.Add(s, route(http.MethodDelete, "users/:id/sessions/:session", "auth.change_user", "End one session of a user."), f.endSession)
	core.Add(s, route(http.MethodGet, "users/:id/tokens", "auth.view_user", "List the personal tokens of a user, the most recently used first."), f.listTokens)
	core.Add(s, route(http.MethodDelete, "users/:id/tokens/:token", "auth.change_user", "Revoke one personal token of a user."), f.endToken)
}

// Sessions are the sessions of a user. There is one page.
type Sessions struct {
	Results []binding.Session `json:"results"`
	Next    *string           `json:"next"`
}

// Tokens are the personal tokens of a user. There is one page.
type Tokens struct {
	Results []binding.Token `json:"results"`
	Next    *string         `json:"next"`
}

func (f *feature) sessionsOf(g *gin.Context, personal bool) ([]models.Session, error) {
	id, err := core.PathID(g)
	if err != nil {
		return nil, err
	}
	account, err := f.core.UserByID(g.Request.Context(), id)
	if err != nil {
		return nil, core.NotFoundAs(err, core.ErrNotFound)
	}
	return f.core.SessionsOf(g.Request.Context(), account.Base(), personal)
}

// listSessions answers GET admin/users/:id/sessions/.
func (f *feature) listSessions(g *gin.Context, _ *binding.Empty) (Sessions, error) {
	rows, err := f.sessionsOf(g, false)
	out := Sessions{Results: make([]binding.Session, len(rows))}
	for i := range rows {
		out.Results[i] = binding.SessionOf(&rows[i], rows[i].ID == core.Session(g).ID, f.core.AMR(&rows[i]), core.ACR(&rows[i]))
	}
	return out, err
}

// listTokens answers GET admin/users/:id/tokens/.
func (f *feature) listTokens(g *gin.Context, _ *binding.Empty) (Tokens, error) {
	rows, err := f.sessionsOf(g, true)
	out := Tokens{Results: make([]binding.Token, len(rows))}
	for i := range rows {
		out.Results[i] = binding.TokenOf(&rows[i])
	}
	return out, err
}

// endSessions answers DELETE admin/users/:id/sessions/. Logins in progress fail as well.
func (f *feature) endSessions(g *gin.Context, _ *binding.Empty) (binding.Empty, error) {
	return f.end(g, config.EventSessionRevoked, func(c *change) error { return c.EndAllSessions(c.User.ID) })
}

// endSession answers DELETE admin/users/:id/sessions/:session/.
func (f *feature) endSession(g *gin.Context, _ *binding.Empty) (binding.Empty, error) {
	return f.endOne(g, g.Param("session"), false, config.EventSessionRevoked)
}

// endToken answers DELETE admin/users/:id/tokens/:token/.
func (f *feature) endToken(g *gin.Context, _ *binding.Empty) (binding.Empty, error) {
	return f.endOne(g, g.Param("token"), true, config.EventTokenEnded)
}

func (f *feature) endOne(g *gin.Context, id string, personal bool, name config.EventName) (binding.Empty, error) {
	return f.end(g, name, func(c *change) error {
		c.event.Session = &models.Session{ID: id, UserID: c.User.ID, Personal: personal}
		return c.EndSession(c.User.ID, id, personal)
	})
}

// end ends sessions, and tells everyone.
func (f *feature) end(g *gin.Context, name config.EventName, fn func(*change) error) (binding.Empty, error) {
	var e config.Event
	err := f.operate(g, nil, func(c *change) error {
		if err := fn(c); err != nil {
			return err
		}
		e = c.event
		if err := c.Record(name, e); err != nil {
			return err
		}
		return f.tell(c)
	})
	if errors.Is(err, core.ErrNoRow) {
		err = core.ErrNotFound
	}
	if err == nil {
		f.core.After(g.Request.Context(), name, e)
	}
	return binding.Empty{}, err
}
