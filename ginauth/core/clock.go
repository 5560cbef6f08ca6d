package core

// The time: now as the database stores it, and since when a session may have been idle.

import "time"

// Now is the configured time as it is stored: UTC, cut to milliseconds, because
// databases differ below that.
func (c *Core) Now() time.Time { return c.cfg.Now().UTC().Truncate(time.Millisecond) }

// idleSince is the time a session must have been seen after, by whatever credential.
func (c *Core) idleSince(now time.Time) time.Time {
	idle := c.cfg.Session.Idle
	if idle < 0 {
		return time.Unix(0, 0).UTC()
	}
	if c.jwt != nil {
		idle = max(idle, c.cfg.JWT.RefreshLifetime)
	}
	return now.Add(-idle)
}
