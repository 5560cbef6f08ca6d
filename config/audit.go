package config

import "time"

// Audit sets how long the library keeps an audit trail: a row in auth_event for each event of [EventName]. It is off by
// default, because it stores IP addresses of users, and each event costs one more INSERT.
type Audit struct {
	// Keep is how long events are kept; then Auth.Sweep deletes them. 0 writes no events, and leaves those that were written
	// before. Otherwise at least 1 hour and at most 10 years. Default 0.
	Keep time.Duration

	// KeepAfterDeletion is how long the events of a deleted user are kept, with their IP addresses, for example to look into
	// fraud; then Auth.Sweep deletes them. It needs Keep, and ends with it. At most 10 years. Default: 0, they are deleted with
	// the user. In both cases the event of the deletion stays for Keep; it has only the user's ID and the time.
	KeepAfterDeletion time.Duration

	// ShowToUsers adds the route GET security/events/, which returns the events of the logged-in user. It needs
	// Keep. Default false.
	ShowToUsers bool
}

const maxAudit = 10 * 366 * 24 * time.Hour

func (c Config) checkAudit(bad report) {
	a := c.Audit
	bad.check([]rule{
		{a.Keep != 0 && (a.Keep < time.Hour || a.Keep > maxAudit), "Audit.Keep", "must be 0, which turns the audit trail off, or between 1 hour and 10 years"},
		{a.KeepAfterDeletion < 0 || a.KeepAfterDeletion > maxAudit, "Audit.KeepAfterDeletion", "must be between 0 and 10 years"},
		{a.KeepAfterDeletion > 0 && a.Keep == 0, "Audit.KeepAfterDeletion", "needs Audit.Keep"},
		{a.ShowToUsers && a.Keep == 0, "Audit.ShowToUsers", "needs Audit.Keep"},
	})
}
