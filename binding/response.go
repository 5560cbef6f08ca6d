package binding

import (
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// Empty is the input of a route that reads no body.
type Empty struct{}

// Detail is an answer that only says what was done.
type Detail struct {
	Detail string `json:"detail"`
}

// Session is one login of the user, as GET sessions/ lists it. Times are RFC 3339
// in UTC.
type Session struct {
	ID         string    `json:"id"`      // for DELETE sessions/:id/
	Current    bool      `json:"current"` // the one that made this request
	Method     string    `json:"method"`
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at"` // exact to config.Session.Touch
	ExpiresAt  time.Time `json:"expires_at"`   // absolute end; an idle session ends sooner
	IP         string    `json:"ip"`
	UserAgent  string    `json:"user_agent"`
}

// SessionOf copies the public columns of a session.
func SessionOf(s *models.Session, current bool) Session {
	return Session{
		ID: s.ID, Current: current, Method: s.Method, CreatedAt: s.CreatedAt.UTC(),
		LastSeenAt: s.LastSeenAt.UTC(), ExpiresAt: s.ExpiresAt.UTC(), IP: s.IP, UserAgent: s.UserAgent,
	}
}
