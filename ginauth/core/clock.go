package core

// The time, as the database stores it.

import "time"

// Now is the configured time as it is stored: UTC, cut to milliseconds, because
// databases differ below that.
func (c *Core) Now() time.Time { return c.cfg.Now().UTC().Truncate(time.Millisecond) }
