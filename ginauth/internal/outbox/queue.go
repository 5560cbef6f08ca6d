package outbox

// Queue: its options, and the state that the workers and requests of one process share.

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// QueueOptions say which rows a queue has, and how it sends them.
type QueueOptions struct {
	Name   string // of the feature; empty for mails
	Rows   store.Queue
	Noun   string // of a row in the log: "mail"
	Sender string // whose code sends, in errors: "the mailer"
	Logger *slog.Logger
	Now    func() time.Time // as the database stores it: UTC, cut to milliseconds

	Parallel        int           // rows that an instance sends at the same time, or those of one lane
	Timeout         time.Duration // ends one attempt
	ShutdownTimeout time.Duration // how long Run continues after its context has ended
	Poll            time.Duration // how often Run looks for due rows

	Lanes bool // rows have lanes: one that is full does not delay the others

	// Due lists the due rows that are sent next, without those of some lanes.
	Due  func(ctx context.Context, now time.Time, most int, without []string) ([]Job, error)
	Tidy func(ctx context.Context, since time.Time) error // called before each round with the time of the one before; can be nil

	// These are called if they are not nil. Set them before the first row is sent.
	Tried  func(ctx context.Context, kind, state string)                            // after each attempt, with its state
	Failed func(context.Context)                                                    // when the database fails
	Start  func(ctx context.Context, kind string) (_ context.Context, ended func()) // before each attempt; Send gets the context
}

// A Job is a due row.
type Job struct {
	store.Attempt
	Lane string                                           // which rows it competes with, such as those for the same server; only with Lanes
	Kind string                                           // for the log
	Void func(context.Context) (reason string, err error) // called when it is claimed: a reason closes the row unsent; can be nil
	Send func(context.Context) error                      // the error says why it failed; config.Permanent gives the row up
}

// Queue is safe for concurrent use.
type Queue struct {
	QueueOptions
	wake   chan struct{} // a row was written: Run must not wait
	worked atomic.Bool   // a worker of this instance asked for rows, or WarnIdle has warned
}

// NewQueue returns a Queue. It starts nothing.
func NewQueue(o QueueOptions) *Queue { return &Queue{QueueOptions: o, wake: make(chan struct{}, 1)} }

// Wake signals this instance's Run that a row is waiting. It never blocks.
func (q *Queue) Wake() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Stats is the state of a queue.
type Stats struct {
	Pending int64         // rows that wait, or are being sent
	Oldest  time.Duration // how long the oldest of them has been waiting; 0 for none
	Failed  int64         // rows that were given up
}

// Stats counts the rows of the queue.
func (q *Queue) Stats(ctx context.Context) (Stats, error) {
	pending, failed, oldest, err := q.Rows.Counts(ctx)
	stats := Stats{Pending: pending, Failed: failed}
	if !oldest.IsZero() {
		stats.Oldest = max(0, q.Now().Sub(oldest)) // another instance's clock may be ahead
	}
	return stats, err
}

// RetryFailed re-queues rows that were given up, and returns how many. Without ids, these are all.
func (q *Queue) RetryFailed(ctx context.Context, ids ...int64) (int64, error) {
	n, err := q.Rows.Retry(ctx, q.Now(), ids...)
	if n > 0 {
		q.Wake()
	}
	return n, err
}
