package ginauth

// The time: now as the database stores it, and since when a session may have been idle.

import "time"

// now is the configured time as it is stored: UTC, cut to milliseconds, because
// databases differ below that.
func (a *Auth) now() time.Time { return a.cfg.Now().UTC().Truncate(time.Millisecond) }

// idleSince is the time a session must have been seen after, by whatever credential.
func (a *Auth) idleSince(now time.Time) time.Time {
	idle := a.cfg.Session.Idle
	if idle < 0 {
		return time.Unix(0, 0).UTC()
	}
	if a.ring != nil {
		idle = max(idle, a.cfg.JWT.RefreshLifetime)
	}
	return now.Add(-idle)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
