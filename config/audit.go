package config

import "time"

// Audit sets how long the library keeps an audit trail: a row in auth_event for each event of [EventName]. It is off by
// default, because it stores IP addresses of users, and each event costs one more INSERT.
type Audit struct {
	// Keep is how long events are kept; then Auth.Sweep deletes them. 0 writes no events, and leaves those that were written
	// before. Otherwise at least 1 hour and at most 10 years. Default 0.
	Keep time.Duration

	// ShowToUsers adds the route GET security/events/, which returns the latest 100 events of the logged-in user. It needs
	// Keep. Default false.
	ShowToUsers bool
}

const maxAudit = 10 * 366 * 24 * time.Hour

func (c Config) checkAudit(bad report) {
	a := c.Audit
	bad.check([]rule{
		{a.Keep != 0 && (a.Keep < time.Hour || a.Keep > maxAudit), "Audit.Keep", "must be 0, which turns the audit trail off, or between 1 hour and 10 years"},
		{a.ShowToUsers && a.Keep == 0, "Audit.ShowToUsers", "needs Audit.Keep"},
	})
}
