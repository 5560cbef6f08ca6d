package store

// Queues: rows that are claimed, closed, put back, counted and tried again. Mails and deliveries are such rows.

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config/ratelimit"
	"github.com/ginauth/gin-rest-auth/models"
)

// A Queue is a table with the columns state, tries, next_try_at, created_at, sent_at, body and reason, which mean the
// same as in models.OutboxMail.
type Queue struct {
	store *Store
	table string
	noun  string // of its rows, for errors
	name  string // with a name, the rows with this value in the column queue
}

// Attempt is a claimed row: its ID, and the number of attempts with this one.
type Attempt struct {
	ID    int64
	Tries int
}

// all returns a handle for all rows of the queue.
func (q Queue) all(ctx context.Context) *gorm.DB {
	db := q.store.db.WithContext(ctx).Table(q.table)
	if q.name != "" {
		db = db.Where("queue = ?", q.name)
	}
	return db.Session(&gorm.Session{})
}

func (q Queue) row(ctx context.Context, id int64) *gorm.DB {
	return q.store.db.WithContext(ctx).Table(q.table).Where("id = ?", id)
}

// claimed selects a row as long as its claim was not lost.
func (q Queue) claimed(ctx context.Context, a Attempt) *gorm.DB {
	return q.row(ctx, a.ID).Where("state = ? AND tries = ?", models.MailPending, a.Tries)
}

// Claim takes a due row for one attempt, until a time. a has the attempts so far. If several instances try, it
// succeeds for one, and then counts the attempt in a.
func (q Queue) Claim(ctx context.Context, a *Attempt, now, until time.Time) (bool, error) {
	var won bool
	err := q.store.retry(ctx, func() error {
		r := q.claimed(ctx, *a).Where("next_try_at <= ?", now).Updates(map[string]any{"tries": a.Tries + 1, "next_try_at": until})
		won = r.RowsAffected == 1
		return r.Error
	})
	if won {
		a.Tries++
	}
	return won, err
}

// Close records that a row needs no more attempts, and erases its body.
func (q Queue) Close(ctx context.Context, id int64, state, reason string, at time.Time) error {
	columns := map[string]any{"state": state, "reason": reason, "body": nil}
	if state == models.MailSent {
		columns["sent_at"] = at
	}
	return q.store.retry(ctx, func() error { return q.row(ctx, id).Updates(columns).Error })
}

// PutBack records a failed attempt: the row is due again at next, or given up with the state MailFailed, which keeps
// the body. If the claim was lost, it changes nothing.
func (q Queue) PutBack(ctx context.Context, a Attempt, state, reason string, next time.Time) error {
	return q.store.retry(ctx, func() error {
		return q.claimed(ctx, a).Updates(map[string]any{"state": state, "reason": reason, "next_try_at": next}).Error
	})
}

// Return returns a claimed row whose attempt was interrupted: it is due again at once, and the attempt does not count.
// If the claim was lost, it changes nothing.
func (q Queue) Return(ctx context.Context, a Attempt, reason string, now time.Time) error {
	return q.store.retry(ctx, func() error {
		return q.claimed(ctx, a).Updates(map[string]any{"tries": a.Tries - 1, "reason": reason, "next_try_at": now}).Error
	})
}

// RecallNew makes pending rows due that had no attempt. A row is due when it is written, so a clock that was ahead wrote one that is not.
func (q Queue) RecallNew(ctx context.Context, now time.Time) error {
	return q.reschedule(ctx, "tries = 0", now, func(int) time.Time { return now })
}

// RecallTried reschedules pending rows that had an attempt, and whose next one is later than latest. next returns the new time for a
// number of attempts. A row can be in flight at an instance whose clock is ahead.
func (q Queue) RecallTried(ctx context.Context, latest time.Time, next func(tries int) time.Time) error {
	return q.reschedule(ctx, "tries > 0", latest, next)
}

// reschedule reads first, because an UPDATE of no row locks a range on MySQL.
func (q Queue) reschedule(ctx context.Context, which string, latest time.Time, next func(tries int) time.Time) error {
	var all []int
	late := func() *gorm.DB {
		return q.all(ctx).Where("state = ? AND next_try_at > ?", models.MailPending, latest.Add(ratelimit.Skew)).Where(which)
	}
	err := q.store.retry(ctx, func() error { return late().Distinct().Pluck("tries", &all).Error })
	for _, tries := range all {
		if err == nil {
			err = q.store.retry(ctx, func() error { return late().Where("tries = ?", tries).Update("next_try_at", next(tries)).Error })
		}
	}
	return wrap("recall "+q.noun, err)
}

// Counts returns the number of waiting rows and of rows given up, and when the oldest waiting one was written; the
// zero time if none waits.
func (q Queue) Counts(ctx context.Context) (pending, failed int64, oldest time.Time, err error) {
	db := q.all(ctx)
	for state, n := range map[string]*int64{models.MailPending: &pending, models.MailFailed: &failed} {
		err := q.store.retry(ctx, func() error { return db.Where("state = ?", state).Count(n).Error })
		if err != nil {
			return 0, 0, oldest, fmt.Errorf("count %s: %w", q.noun, err)
		}
	}
	var first struct{ CreatedAt time.Time }
	err = q.store.retry(ctx, func() error {
		return db.Select("created_at").Where("state = ?", models.MailPending).Order("created_at").Limit(1).Find(&first).Error
	})
	return pending, failed, first.CreatedAt, err
}

// Retry makes rows that were given up due again, with all attempts, and returns how many. Without ids, these are all.
func (q Queue) Retry(ctx context.Context, now time.Time, ids ...int64) (int64, error) {
	var n int64
	err := q.store.retry(ctx, func() error {
		failed := q.all(ctx).Where("state = ?", models.MailFailed)
		if len(ids) > 0 {
			failed = failed.Where("id IN ?", ids)
		}
		r := failed.Updates(map[string]any{"state": models.MailPending, "tries": 0, "next_try_at": now})
		n = r.RowsAffected
		return r.Error
	})
	return n, err
}
