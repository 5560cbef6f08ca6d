// Package outbox sends the mails in the table auth_outbox: it claims due mails, sends several at
// once, retries those that fail, and records the result. It also encrypts their bodies. It does
// not decide when a mail is written, nor what is in it.
package outbox

// Outbox: its options, and the state that the workers and requests of one process share.

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// Options are the settings of an Outbox. All fields up to Ticket are required.
type Options struct {
	Store  *store.Store
	Mail   config.Mail
	Logger *slog.Logger
	Now    func() time.Time         // as the database stores it: UTC, cut to milliseconds
	Rand   io.Reader                // for the nonces of Seal
	Keys   [][]byte                 // the first one seals; each of them opens
	Ticket func(kind string) Ticket // called for mails that have a ticket

	// These are called if they are not nil. Set them before the first mail is sent.
	Tried  func(ctx context.Context, kind, state string)                            // after each attempt, with the state of the mail
	Failed func(context.Context)                                                    // when the database fails
	Start  func(ctx context.Context, kind string) (_ context.Context, ended func()) // before each attempt; the mailer gets the context
}

// Ticket says how the ticket in a mail behaves. Its lifetimes start when the mail is sent.
type Ticket struct {
	Link, Code time.Duration // how long the link and the code are valid
	Voids      bool          // the mail is not sent if its ticket was used or replaced
}

// Outbox is safe for concurrent use. Make one with [New] for each process.
type Outbox struct {
	Options
	wake   chan struct{}             // a mail was written: Run must not wait
	worked atomic.Bool               // a worker of this instance asked for mails, or WarnIdle has warned
	looked atomic.Pointer[time.Time] // when WarnIdle last queried
}

// New returns an Outbox. It starts nothing.
func New(o Options) *Outbox { return &Outbox{Options: o, wake: make(chan struct{}, 1)} }

// Wake signals this instance's Run that mail is waiting. It never blocks.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Stats is the state of the outbox.
type Stats struct {
	Pending int64         // mails that wait, or are being sent
	Oldest  time.Duration // how long the oldest of them has been waiting; 0 for none
	Failed  int64         // mails that were given up
}

// Stats counts the mails in the outbox.
func (o *Outbox) Stats(ctx context.Context) (Stats, error) {
	pending, failed, oldest, err := o.Store.MailCounts(ctx)
	stats := Stats{Pending: pending, Failed: failed}
	if !oldest.IsZero() {
		stats.Oldest = o.Now().Sub(oldest)
	}
	return stats, err
}

// RetryFailed re-queues mails that were given up, and returns how many.
func (o *Outbox) RetryFailed(ctx context.Context) (int64, error) {
	n, err := o.Store.RetryMails(ctx, o.Now())
	if n > 0 {
		o.Wake()
	}
	return n, err
}
