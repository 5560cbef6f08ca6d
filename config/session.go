package config

import (
	"slices"
	"time"
)

// Session sets the lifetimes of sessions. Zero means the default.
type Session struct {
	// Idle ends a session that made no request for so long. Default 24 hours; -1
	// turns it off. For JSON Web Tokens it is JWT.RefreshLifetime, if that is longer.
	Idle time.Duration
	// Absolute ends a session so long after login, whatever it did. Default 14 days, 30
	// with JSON Web Tokens; at most 400 days, the longest a browser keeps a cookie.
	Absolute time.Duration
	// Touch is how exact "last seen" is: it is written at most this often. Default 5
	// minutes, or a tenth of Idle if that is less; it must be shorter than Idle.
	Touch time.Duration
	// MaxPerUser is how many sessions a user may have; a login beyond it ends the one
	// seen longest ago. Default 100; -1 turns it off.
	MaxPerUser int
	// Fresh is how long after login a session may change addresses or delete the account
	// without the password. Default 5 minutes; -1 always asks for the password (T112).
	Fresh time.Duration
	// CacheFor is how long GET and HEAD behind RequireUser, RequireScope and OptionalUser may reuse a session and its user
	// instead of reading them from the database, whatever the credential; at most 30 seconds. Default 0: no cache.
	//
	// An instance that ends a session or changes a user drops it from its own cache at once. Other instances may use it for
	// up to CacheFor, and so may this one after changes that the application makes in the database itself, unless it calls
	// UserChanged of ginauth.Auth. Other methods, RequireFresh, RequireStaff and all guards that check the user, and the
	// library's own routes always read the database: check rights with a guard, not in a handler.
	//
	// Up to 10,000 sessions are kept, of about 1 KB each and your own columns. Each request gets a copy of the user, as
	// AfterFind left it. New refuses a type of user that cannot be copied, because an unexported field refers to memory.
	CacheFor time.Duration
}

func (s Session) withDefaults(login []Credential) Session {
	or(&s.Idle, 24*time.Hour)
	if slices.Contains(login, JSONWebToken) {
		or(&s.Absolute, 30*24*time.Hour)
	}
	or(&s.Absolute, 14*24*time.Hour)
	if s.Idle > 0 {
		or(&s.Touch, min(5*time.Minute, s.Idle/10))
	}
	or(&s.Touch, 5*time.Minute)
	or(&s.MaxPerUser, 100)
	or(&s.Fresh, 5*time.Minute)
	return s
}
