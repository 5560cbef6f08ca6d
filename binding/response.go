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
	// How the user has authenticated in the session: AMR has methods of RFC 8176, such as "pwd" and "otp", with "mfa" for two
	// factors. ACR is "aal1" for one factor and "aal2" for two. AuthTime is when they last did.
	AMR      []string  `json:"amr"`
	ACR      string    `json:"acr"`
	AuthTime time.Time `json:"auth_time"`
	Actor    int64     `json:"actor,omitempty"` // ID of the operator who acts in the place of the user, see package impersonate; absent if the user does
}

// Event is an event of the user's audit trail. GET security/events/ returns a list of them. Times are RFC 3339 in UTC.
type Event struct {
	ID        int64     `json:"id"`
	Event     string    `json:"event"` // a config.EventName, such as "login"
	CreatedAt time.Time `json:"created_at"`
	Session   string    `json:"session"` // ID of the session that logged in, ended or made the request; "" without one
	Method    string    `json:"method"`  // how the user logged in, such as "password"; "" for other events
	IP        string    `json:"ip"`
	UserAgent string    `json:"user_agent"`
	Details   string    `json:"details"`         // depends on the event, such as an address; see config.EventName. "" for "ban" and an impersonation
	Actor     int64     `json:"actor,omitempty"` // ID of the operator who did it; absent if the user did. IP and UserAgent are then empty
}

// EventOf returns the fields of an event that its user can see. The reason of a ban or of an impersonation is
// for operators, so it is left out.
func EventOf(e *models.Event) Event {
	out := Event{
		ID: e.ID, Event: e.Event, CreatedAt: e.CreatedAt.UTC(), Session: e.SessionID, Method: e.Method, IP: e.IP,
		UserAgent: e.UserAgent, Details: e.Details, Actor: e.ActorID,
	}
	if out.Actor != 0 {
		out.IP, out.UserAgent = "", ""
	}
	if e.Event == eventBan || e.Event == eventImpersonation {
		out.Details = ""
	}
	return out
}

// Events that this package cannot import: config.EventBan and impersonate.EventStarted.
const (
	eventBan           = "ban"
	eventImpersonation = "impersonation_started"
)

// SessionOf returns the public fields of a session. amr and acr say how its user authenticated.
func SessionOf(s *models.Session, current bool, amr []string, acr string) Session {
	return Session{
		ID: s.ID, Current: current, Method: s.Method, CreatedAt: s.CreatedAt.UTC(),
		LastSeenAt: s.LastSeenAt.UTC(), ExpiresAt: s.ExpiresAt.UTC(), IP: s.IP, UserAgent: s.UserAgent,
		AMR: amr, ACR: acr, AuthTime: s.AuthenticatedAt().UTC(), Actor: s.ActorID,
	}
}
