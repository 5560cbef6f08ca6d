package ginauth

// sessions/: lists the user's sessions, ends one or all others.

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) sessionRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodGet, Path: "sessions", Tag: "Where the user is logged in", Access: core.AccessUser, WhileImpersonated: true,
		Doc: "List the user's sessions, the most recently used first.",
	}, a.listSessions)
	core.Add(s, core.Route{
		Method: http.MethodDelete, Path: "sessions", Status: http.StatusNoContent, Access: core.AccessUser,
		Doc: "End all sessions except this one.",
	}, a.endOtherSessions)
	core.Add(s, core.Route{
		Method: http.MethodDelete, Path: "sessions/:id", Status: http.StatusNoContent, Access: core.AccessUser,
		Doc: "End one session.",
	}, a.endSession)
}

// listSessions answers GET sessions/.
func (a *Auth) listSessions(c *gin.Context, _ *binding.Empty) ([]binding.Session, error) {
	rows, err := a.core.SessionsOf(c.Request.Context(), core.User(c), false)
	if err != nil {
		return nil, err
	}
	out := make([]binding.Session, len(rows))
	for i := range rows {
		out[i] = binding.SessionOf(&rows[i], rows[i].ID == core.Session(c).ID, a.core.AMR(&rows[i]), core.ACR(&rows[i]))
	}
	return out, nil
}

// endSession answers DELETE sessions/:id/. Ending the session of the request is a logout.
func (a *Auth) endSession(c *gin.Context, _ *binding.Empty) (binding.Empty, error) {
	id := c.Param("id")
	ended, err := a.sessionsToReport(c, func(s *models.Session) bool { return s.ID == id })
	if err != nil {
		return binding.Empty{}, err
	}
	err = a.core.EndSession(c.Request.Context(), core.User(c).ID, id, false)
	if errors.Is(err, core.ErrNoRow) {
		return binding.Empty{}, core.ErrNotFound
	}
	if err != nil {
		return binding.Empty{}, err
	}
	if id != core.Session(c).ID {
		a.notifyRevoked(c, ended)
		return binding.Empty{}, nil
	}
	e := a.core.Event(c, a.core.IdentityOf(c).Account)
	e.Session = core.Session(c)
	a.core.Record(c.Request.Context(), config.EventLogout, e)
	a.core.After(c.Request.Context(), config.EventLogout, e)
	if a.core.IdentityOf(c).ByHeader {
		return binding.Empty{}, nil
	}
	a.core.DropTokenCookies(c)
	return binding.Empty{}, a.core.DropSessionCookie(c)
}

// endOtherSessions answers DELETE sessions/.
func (a *Auth) endOtherSessions(c *gin.Context, _ *binding.Empty) (binding.Empty, error) {
	ended, err := a.sessionsToReport(c, func(s *models.Session) bool { return s.ID != core.Session(c).ID })
	if err != nil {
		return binding.Empty{}, err
	}
	err = a.core.EndOtherSessions(c.Request.Context(), core.User(c).ID, core.Session(c).ID, a.cfg.Token.EndWithSessions)
	if err == nil {
		a.notifyRevoked(c, ended)
	}
	return binding.Empty{}, err
}

// sessionsToReport returns the sessions of the user that are about to end, if a hook listens.
func (a *Auth) sessionsToReport(c *gin.Context, which func(*models.Session) bool) ([]models.Session, error) {
	if !a.core.Listens(config.EventSessionRevoked) {
		return nil, nil
	}
	all, err := a.core.SessionsOf(c.Request.Context(), core.User(c), false)
	if err == nil && a.cfg.Token.EndWithSessions {
		var programs []models.Session
		programs, err = a.core.SessionsOf(c.Request.Context(), core.User(c), true)
		all = append(all, programs...)
	}
	return slices.DeleteFunc(all, func(s models.Session) bool { return !which(&s) }), err
}

func (a *Auth) notifyRevoked(c *gin.Context, ended []models.Session) {
	for i := range ended {
		e := a.core.Event(c, a.core.IdentityOf(c).Account)
		e.Session = &ended[i]
		a.core.Record(c.Request.Context(), config.EventSessionRevoked, e)
		a.core.After(c.Request.Context(), config.EventSessionRevoked, e)
	}
}
