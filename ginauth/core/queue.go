package core

// Queues of features: deliveries to other servers, written in a transaction and sent by auth.Run.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/outbox"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// QueueOptions say how a queue sends its deliveries. Send is required.
type QueueOptions struct {
	// Send sends a delivery to another server. auth.Run calls it in the background, from several goroutines. It must return
	// when its context ends. If it returns an error, the delivery is tried again, at most 8 times within about nine hours,
	// unless the error is [config.Permanent]. The error is logged and stored in models.Delivery.Reason, so it must not have a
	// secret. Send can get a delivery twice, with the same MessageID, but not from two instances at the same time.
	Send func(ctx context.Context, d *models.Delivery) error

	Timeout  time.Duration // ends one attempt; default 10 seconds
	Parallel int           // how many deliveries an instance sends to one target at the same time, up to 16 targets; default 4
}

// Queue is a queue of deliveries. It is safe for concurrent use.
type Queue struct {
	core  *Core
	name  string
	queue *outbox.Queue
}

// Queue declares a queue of deliveries to other servers, in the table auth_delivery, and returns it. Call [Setup.Name]
// before: the name of the feature is the name of its queue. auth.Run sends what [Queue.Add] writes; auth.Sweep deletes rows
// two days after they were sent, and 30 days after those that were given up were written. A second queue of a feature, or one
// without Send, is an error of New.
func (s *Setup) Queue(o QueueOptions) *Queue {
	c := s.declaring().core
	if s.name == "" || len(s.name) > 32 || o.Send == nil || c.QueueOf(s.name) != nil {
		s.fail(errors.New("Queue needs Send and the name of the feature, of at most 32 characters; a feature has one queue"))
		return nil
	}
	q := &Queue{core: c, name: s.name}
	q.queue = outbox.NewQueue(outbox.QueueOptions{
		Name: s.name,
		Rows: c.store.Deliveries(s.name), Noun: "delivery", Sender: "the feature " + s.name, Logger: c.cfg.Logger, Now: c.Now,
		Lanes: true, Parallel: cmp.Or(o.Parallel, 4), Timeout: cmp.Or(o.Timeout, 10*time.Second),
		Poll: c.cfg.Mail.Poll, ShutdownTimeout: c.cfg.Mail.ShutdownTimeout, Due: q.due(o.Send),
	})
	c.queues = append(c.queues, q.queue)
	s.Migration("auth_delivery", func(db *gorm.DB) error { return db.AutoMigrate(&models.Delivery{}) })
	s.Tables(&models.Delivery{})
	s.Listen(Listener{OnDelete: func(tx *Tx, userID int64) error { return tx.rows.ForgetDeliveries(q.name, userID) }})
	s.Sweep(func(ctx context.Context, now time.Time) error {
		return c.store.SweepDeliveries(ctx, q.name, now.Add(-keepSent), now.Add(-keepGivenUp))
	})
	s.Export(s.name+"_deliveries", func(tx *Tx, userID int64) (any, error) {
		return exported(&Tx{DB: tx.DB.Where("queue = ?", q.name)}, userID, "id", exportedDeliveryOf)
	})
	s.Check("auth.RunOutbox", q.check)
	return q
}

const (
	keepSent    = 2 * 24 * time.Hour
	keepGivenUp = 30 * 24 * time.Hour
)

// QueueOf returns the queue of a feature, or nil if New did not get the feature.
func (c *Core) QueueOf(feature string) *Queue {
	for _, q := range c.queues {
		if q.Name == feature {
			return &Queue{core: c, name: feature, queue: q}
		}
	}
	return nil
}

// Add writes deliveries within a transaction. Target, Kind, UserID and Body are used; the queue sets the other fields. They
// are sent at once after the transaction was committed, if this instance runs auth.Run.
func (q *Queue) Add(tx *Tx, all ...models.Delivery) error {
	now := q.core.Now()
	for i := range all {
		d := &all[i]
		id, err := secret.NewID(q.core.cfg.Rand)
		if err != nil {
			return ErrInternal.Because(err)
		}
		*d = models.Delivery{
			MessageID: id, Queue: q.name, Target: d.Target, Kind: d.Kind, UserID: d.UserID, Body: d.Body,
			State: models.MailPending, NextTryAt: now, CreatedAt: now,
		}
	}
	if len(all) == 0 {
		return nil
	}
	tx.wake = append(tx.wake, q.queue.Wake)
	return tx.rows.AddDeliveries(all)
}

// exportedDelivery is what an export has of a delivery, without its target, which can have a secret.
type exportedDelivery struct {
	Kind      string     `json:"kind"`
	State     string     `json:"state"`
	CreatedAt time.Time  `json:"created_at"`
	SentAt    *time.Time `json:"sent_at"`
}

func exportedDeliveryOf(d *models.Delivery) exportedDelivery {
	return exportedDelivery{Kind: d.Kind, State: d.State, CreatedAt: d.CreatedAt, SentAt: d.SentAt}
}

// due returns the function that finds due deliveries. Each target has a lane, so one that hangs does not delay the others.
func (q *Queue) due(send func(context.Context, *models.Delivery) error) func(context.Context, time.Time, int, []string) ([]outbox.Job, error) {
	return func(ctx context.Context, now time.Time, most int, without []string) ([]outbox.Job, error) {
		rows, err := q.core.store.DueDeliveries(ctx, q.name, now, most, without)
		jobs := make([]outbox.Job, len(rows))
		for i := range rows {
			d := &rows[i]
			jobs[i] = outbox.Job{
				Attempt: store.Attempt{ID: d.ID, Tries: d.Tries}, Lane: d.Target, Kind: d.Kind,
				Send: func(ctx context.Context) error { return send(ctx, d) },
			}
		}
		return jobs, err
	}
}

// QueueStats is the state of a queue.
type QueueStats struct {
	Pending int64         // deliveries that are waiting or being sent
	Oldest  time.Duration // how long the oldest of them has been waiting; 0 if none waits
	Failed  int64         // deliveries that were given up
}

// Stats counts the deliveries.
func (q *Queue) Stats(ctx context.Context) (QueueStats, error) {
	stats, err := q.queue.Stats(ctx)
	return QueueStats(stats), err
}

// Failed returns deliveries that were given up, the oldest first: those with an ID above behind, at most 100.
func (q *Queue) Failed(ctx context.Context, behind int64) ([]models.Delivery, error) {
	return q.core.store.FailedDeliveries(ctx, q.name, behind, 100)
}

// Retry queues deliveries that were given up again, with all tries, and returns how many. Without IDs, these are all.
func (q *Queue) Retry(ctx context.Context, ids ...int64) (int64, error) {
	return q.queue.RetryFailed(ctx, ids...)
}

// check reports deliveries that no process sends.
func (q *Queue) check(ctx context.Context, r *Report) error {
	stats, err := q.queue.Stats(ctx)
	if err != nil {
		return err
	}
	due, err := q.core.store.DueDeliveries(ctx, q.name, q.core.Now().Add(-outbox.MaxWait), 1, nil)
	if len(due) > 0 {
		r.Warning(fmt.Sprintf("deliveries have been due for more than %s, but no process sends them", outbox.MaxWait), "run auth.Run next to the server")
	}
	if stats.Failed > 0 {
		r.Warning(fmt.Sprintf("deliveries that were given up: %d", stats.Failed), "read the reason in auth_delivery.reason, fix it and retry them")
	}
	return err
}
