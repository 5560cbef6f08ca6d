package ginauth

// Background work and the outbox: Run, Sweep, RunOutbox and their relatives.

import (
	"context"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/upkeep"
)

// ErrNoMailer is returned by calls that need config.Mail.Sender.
var ErrNoMailer = upkeep.ErrNoMailer

// Run does the library's background work until the context ends, then returns nil: it sends
// mails as [Auth.RunOutbox] does, if Config.Mail has a Sender, and calls [Auth.Sweep] at the
// start and every hour. Failures are logged. Run it beside the server, in one instance or in
// all of them:
//
//	go func() { _ = auth.Run(ctx) }()
//
// When the context ends, Run lets mails in flight finish for at most Mail.ShutdownTimeout. Wait
// for it before you close the database.
func (a *Auth) Run(ctx context.Context) error { return a.core.Upkeep().Run(ctx) }

// Sweep deletes expired sessions and tickets, mail records (two days after a mail was sent, 30
// days after it was given up), pending sign-ups after Config.UnconfirmedLifetime, and accounts
// whose Config.DeleteGrace is over. It returns the number of sessions. Expired rows are harmless:
// they are never accepted. [Auth.Run] calls Sweep hourly to save space. It is safe to run while
// requests are served. While another instance sweeps, Sweep does nothing and returns 0.
func (a *Auth) Sweep(ctx context.Context) (int64, error) { return a.core.Upkeep().Sweep(ctx) }

// RunOutbox sends the mails in the outbox as they are written, until the context ends. Then it lets
// mails in flight finish and sends what else is due, for at most
// config.Mail.ShutdownTimeout, and returns nil. A mail that it had to interrupt, or did not begin,
// stays in the table and is due at once; an interrupted try does not count. Failures of the database are logged. [Auth.Run] calls
// RunOutbox and sweeps as well; call one of the two, in one instance or in all of them.
//
// Each mail is tried up to 8 times, 1 minute to 6 hours apart; then it is given up with the
// reason, see OutboxStats. It goes out at least once. It goes out twice if the mail server took
// it and its response was lost, or if the process or the database failed before the library
// could record it. Both copies have the same Message-ID.
func (a *Auth) RunOutbox(ctx context.Context) error { return a.core.Upkeep().RunOutbox(ctx) }

// SendOutbox tries every mail that is due now, once, and returns how many it sent. It is
// RunOutbox for tests and for your own scheduler. A mail that could not be sent is due again
// later; an error means that the database failed.
func (a *Auth) SendOutbox(ctx context.Context) (int, error) { return a.core.Upkeep().SendOutbox(ctx) }

// OutboxStats says how the outbox is doing; see [Auth.OutboxStats].
type OutboxStats struct {
	Pending int64         // mails that wait, or are being sent
	Oldest  time.Duration // how long the oldest of them has been waiting; 0 for none
	Failed  int64         // mails that were given up; auth_outbox.reason says why
}

// OutboxStats counts the mails in the outbox, for metrics and alarms. If Pending and Oldest
// both grow, no mail goes out; if only Oldest grows, one receiver does not accept its mail.
func (a *Auth) OutboxStats(ctx context.Context) (OutboxStats, error) {
	stats, err := a.core.Upkeep().Outbox.Stats(ctx)
	return OutboxStats(stats), err
}

// RetryFailedMails re-queues mails that were given up, and returns how many. Call it after you
// fixed the cause. Links in them count from when they go out.
func (a *Auth) RetryFailedMails(ctx context.Context) (int64, error) {
	return a.core.Upkeep().Outbox.RetryFailed(ctx)
}
