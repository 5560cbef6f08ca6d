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
	// CacheFor lets safe requests behind RequireUser, RequireScope and OptionalUser use a session and its user
	// that were read up to so long ago; at most 30 seconds. The instance that ends a session, or changes a user, forgets it at
	// once; the other instances, and changes that the application makes in the database itself, take so long.
	// Unsafe methods, RequireFresh, RequireStaff and other checks of a user, and the library's own routes, always read.
	// AfterFind does not run for a user out of the cache. Default 0: nothing is kept.
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
