package binding

import (
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// Empty is the input of a route that does not read a body.
type Empty struct{}

// Detail is a response that only says what was done, in the language of the user.
type Detail struct {
	Detail string `json:"detail"`
}

// Session is a session of the user. GET sessions/ returns a list of them. Times are RFC 3339 in UTC.
type Session struct {
	ID         string    `json:"id"`      // in the path of DELETE sessions/:id/
	Current    bool      `json:"current"` // whether it is the session of this request
	Method     string    `json:"method"`  // how the user logged in, such as "password"
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at"` // updated at most once per config.Session.Touch
	ExpiresAt  time.Time `json:"expires_at"`   // the latest end; an idle session ends earlier
	IP         string    `json:"ip"`
	UserAgent  string    `json:"user_agent"`
}

// SessionOf returns the public fields of a session.
func SessionOf(s *models.Session, current bool) Session {
	return Session{
		ID: s.ID, Current: current, Method: s.Method, CreatedAt: s.CreatedAt.UTC(),
		LastSeenAt: s.LastSeenAt.UTC(), ExpiresAt: s.ExpiresAt.UTC(), IP: s.IP, UserAgent: s.UserAgent,
	}
}
