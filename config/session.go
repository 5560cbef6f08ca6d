package config

import (
	"slices"
	"time"
)

// Session sets how long sessions last. Zero means the default. A session is one login; its cookie and its tokens end
// together.
type Session struct {
	// Idle ends a session after this time without a request. For logins with JSON Web Tokens it is
	// JWT.RefreshLifetime, if that is longer. For mobile apps, raise it. -1 turns it off. Default: 24 hours.
	Idle time.Duration
	// Absolute ends a session this long after login, even if it is in use. From 1 minute to 400 days, the
	// longest that a browser keeps a cookie. Default: 14 days, or 30 days if Login has JSONWebToken.
	Absolute time.Duration
	// Short ends a session this long after login if the login had "remember": false. The cookies of such a
	// login are deleted when the browser closes. From 1 minute to Absolute. Default: 24 hours, or Absolute if
	// that is less.
	Short time.Duration
	// Touch is how often "last seen" of a session is written, at most. A shorter time means more writes. It must be
	// shorter than Idle. Default: 5 minutes, or a tenth of Idle if that is less.
	Touch time.Duration
	// MaxPerUser is how many sessions a user can have. A login beyond that ends the session that was
	// seen longest ago. -1 turns it off. Default: 100.
	MaxPerUser int
	// Fresh is how long after login the user can change addresses, create a personal token or delete the account
	// without the password. -1 always asks for the password. Default: 5 minutes.
	Fresh time.Duration
	// CacheFor is how long GET and HEAD behind RequireUser, RequireScope and OptionalUser can reuse a session and its user
	// instead of reading them from the database, whatever the credential. At most 30 seconds. Default: 0, no cache.
	//
	// An instance that ends a session or changes a user drops it from its own cache at once. Other instances can use it for
	// up to CacheFor. So can this instance if you change a user in the database yourself, unless you call Auth.UserChanged.
	// Other methods, RequireFresh, RequireStaff, all guards that check the user, and the library's own routes
	// always read the database. Therefore check rights with a guard, not in a handler.
	//
	// The cache has up to 10,000 sessions of about 1 KB each, plus your own columns. Each request gets a copy of the user, as
	// AfterFind left it. A user type that cannot be copied, because an unexported field refers to memory, is an error.
	CacheFor time.Duration
}

func (s Session) withDefaults(login []Credential) Session {
	or(&s.Idle, 24*time.Hour)
	if slices.Contains(login, JSONWebToken) {
		or(&s.Absolute, 30*24*time.Hour)
	}
	or(&s.Absolute, 14*24*time.Hour)
	or(&s.Short, min(24*time.Hour, s.Absolute))
	if s.Idle > 0 {
		or(&s.Touch, min(5*time.Minute, s.Idle/10))
	}
	or(&s.Touch, 5*time.Minute)
	or(&s.MaxPerUser, 100)
	or(&s.Fresh, 5*time.Minute)
	return s
}
