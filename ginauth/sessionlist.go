package ginauth

// sessions/: listing the user's sessions, ending one or all others.

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) sessionRoutes(s *Setup) {
	add(s, route{
		method: http.MethodGet, path: "sessions", status: http.StatusOK, user: true,
		doc: "List the user's sessions, the latest first.",
	}, a.listSessions)
	add(s, route{
		method: http.MethodDelete, path: "sessions", status: http.StatusNoContent, user: true,
		doc: "End all sessions but this one.",
	}, a.endOtherSessions)
	add(s, route{
		method: http.MethodDelete, path: "sessions/:id", status: http.StatusNoContent, user: true,
		doc: "End one session.",
	}, a.endSession)
}

// listSessions answers GET sessions/.
func (a *Auth) listSessions(c *gin.Context, _ *binding.Empty) ([]binding.Session, error) {
	now := a.now()
	rows, err := a.store.Sessions(c.Request.Context(), User(c), false, now, a.idleSince(now))
	if err != nil {
		return nil, err
	}
	out := make([]binding.Session, len(rows))
	for i := range rows {
		out[i] = binding.SessionOf(&rows[i], rows[i].ID == Session(c).ID)
	}
	return out, nil
}

// endSession answers DELETE sessions/:id/. Ending one's own session is logging out.
func (a *Auth) endSession(c *gin.Context, _ *binding.Empty) (binding.Empty, error) {
	id := c.Param("id")
	if !secret.IsID(id) { // it goes to a database that may not take every byte, or compare without case
		return binding.Empty{}, errNotFound
	}
	ended, err := a.toldOf(c, func(s *models.Session) bool { return s.ID == id })
	if err != nil {
		return binding.Empty{}, err
	}
	err = a.store.EndSession(c.Request.Context(), User(c).ID, id, false)
	if errors.Is(err, store.ErrNotFound) {
		return binding.Empty{}, errNotFound
	}
	if err != nil {
		return binding.Empty{}, err
	}
	if id != Session(c).ID {
		a.tellRevoked(c, ended)
		return binding.Empty{}, nil
	}
	e := a.event(c, identityOf(c).account)
	e.Session = Session(c)
	a.after(c.Request.Context(), config.EventLogout, e)
	if identityOf(c).byHeader {
		return binding.Empty{}, nil
	}
	a.dropTokenCookies(c)
	return binding.Empty{}, a.dropCarrier(c)
}

// endOtherSessions answers DELETE sessions/.
func (a *Auth) endOtherSessions(c *gin.Context, _ *binding.Empty) (binding.Empty, error) {
	ended, err := a.toldOf(c, func(s *models.Session) bool { return s.ID != Session(c).ID })
	if err != nil {
		return binding.Empty{}, err
	}
	err = a.store.EndOtherSessions(c.Request.Context(), User(c).ID, Session(c).ID, a.cfg.Token.EndWithSessions)
	if err == nil {
		a.tellRevoked(c, ended)
	}
	return binding.Empty{}, err
}

// toldOf lists the sessions of the user that are about to end, where a hook wants to know.
func (a *Auth) toldOf(c *gin.Context, which func(*models.Session) bool) ([]models.Session, error) {
	if !a.told(config.EventSessionRevoked) {
		return nil, nil
	}
	now := a.now()
	all, err := a.store.Sessions(c.Request.Context(), User(c), false, now, a.idleSince(now))
	if err == nil && a.cfg.Token.EndWithSessions {
		var programs []models.Session
		programs, err = a.store.Sessions(c.Request.Context(), User(c), true, now, now)
		all = append(all, programs...)
	}
	return slices.DeleteFunc(all, func(s models.Session) bool { return !which(&s) }), err
}

func (a *Auth) tellRevoked(c *gin.Context, ended []models.Session) {
	for i := range ended {
		e := a.event(c, identityOf(c).account)
		e.Session = &ended[i]
		a.after(c.Request.Context(), config.EventSessionRevoked, e)
	}
}
