package ginauth

// Background work: Run, Sweep, and the calls for the outbox.

import (
	"context"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/upkeep"
)

// ErrNoMailer means that a call needs config.Mail.Sender.
var ErrNoMailer = upkeep.ErrNoMailer

// Run does the library's background work until the context ends, then returns nil: it sends mails as
// [Auth.RunOutbox] does, if Config.Mail has a Sender, and calls [Auth.Sweep] at the start and every hour. Failures
// are logged. Start it next to the server, in one instance or in all of them:
//
//	go func() { _ = auth.Run(ctx) }()
//
// When the context ends, Run lets mails in flight finish for at most Mail.ShutdownTimeout. Wait for it before you
// close the database.
func (a *Auth) Run(ctx context.Context) error { return a.core.Upkeep().Run(ctx) }

// Sweep deletes expired sessions and tickets, mail records (two days after a mail was sent, 30 days after it was
// given up), pending sign-ups after Config.UnconfirmedLifetime, and accounts whose Config.DeleteGrace has ended. It
// returns the number of sessions. Expired rows are harmless, because they are never accepted; [Auth.Run] calls
// Sweep hourly to save space. You can call it while requests are served. While another instance sweeps, Sweep does
// nothing and returns 0.
func (a *Auth) Sweep(ctx context.Context) (int64, error) { return a.core.Upkeep().Sweep(ctx) }

// RunOutbox sends the mails in the outbox, and the deliveries of features such as web-hooks, as they are stored, until the context ends. Then it lets mails in flight
// finish and sends what else is due, for at most config.Mail.ShutdownTimeout, and returns nil. A mail that it
// interrupted, or did not start, stays in the table and is due at once; an interrupted try does not count. Failures
// of the database are logged. [Auth.Run] calls RunOutbox and also sweeps; call one of the two, in one instance or
// in all of them.
//
// Each mail is tried up to 8 times, 1 minute to 6 hours apart. Then it is given up with the reason, see
// OutboxStats. It is sent at least once. It is sent twice if the mail server accepted it and the response was lost,
// or if the process or the database failed before the library could record it. Both copies have the same
// Message-ID.
func (a *Auth) RunOutbox(ctx context.Context) error { return a.core.Upkeep().RunOutbox(ctx) }

// SendOutbox tries every mail and every delivery of a feature that is due now, once, and returns how many it sent. Use it in tests, or with your
// own scheduler in place of RunOutbox. A mail that could not be sent is due again later; an error means that the
// database failed.
func (a *Auth) SendOutbox(ctx context.Context) (int, error) { return a.core.Upkeep().SendOutbox(ctx) }

// OutboxStats counts the mails in the outbox; see [Auth.OutboxStats].
type OutboxStats struct {
	Pending int64         // mails that are waiting or being sent
	Oldest  time.Duration // how long the oldest of them has been waiting; 0 if no mail waits
	Failed  int64         // mails that were given up; auth_outbox.reason says why
}

// OutboxStats counts the mails in the outbox, for metrics and alarms. If Pending and Oldest both grow, no mail is
// sent. If only Oldest grows, one recipient does not accept its mail.
func (a *Auth) OutboxStats(ctx context.Context) (OutboxStats, error) {
	stats, err := a.core.Upkeep().Outbox.Stats(ctx)
	return OutboxStats(stats), err
}

// Refusals returns how many requests each limit has refused in this instance since New, by the name of the setting, such
// as "Limits.SignUp". For Limits.AllMails it counts requests that found it used up, and for Mail.MaxPerHour and
// Mail.MaxPerDay mails that were not sent. A request above two limits counts for both.
func (a *Auth) Refusals() map[string]int64 { return a.core.Refusals() }

// RetryFailedMails queues failed mails again and returns how many. Call it after you fixed the cause. The lifetime
// of their links starts when they are sent.
func (a *Auth) RetryFailedMails(ctx context.Context) (int64, error) {
	return a.core.Upkeep().Outbox.RetryFailed(ctx)
}
