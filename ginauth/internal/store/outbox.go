package store

// Mails in the outbox: created, claimed, closed, retried and swept.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// table of the mails
var outbox = models.OutboxMail{}.TableName()

// CreateMail writes a mail into the outbox.
func (tx *Tx) CreateMail(m *models.OutboxMail) error {
	m.ID = 0
	return tx.db.Create(m).Error
}

// DueMails lists mails that are due now, the longest waiting first.
func (s *Store) DueMails(ctx context.Context, now time.Time, most int) ([]models.OutboxMail, error) {
	var all []models.OutboxMail
	err := s.retry(ctx, func() error {
		return s.db.WithContext(ctx).Where("state = ? AND next_try_at <= ?", models.MailPending, now).
			Order("next_try_at, id").Limit(most).Find(&all).Error
	})
	return all, wrap("look for mails", err)
}

// ClaimMail takes a due mail for one attempt, until a time. If several instances try, it succeeds for one. It updates m.
func (s *Store) ClaimMail(ctx context.Context, m *models.OutboxMail, now, until time.Time) (bool, error) {
	var won bool
	err := s.retry(ctx, func() error {
		r := s.db.WithContext(ctx).Table(outbox).
			Where("id = ? AND state = ? AND tries = ? AND next_try_at <= ?", m.ID, models.MailPending, m.Tries, now).
			Updates(map[string]any{"tries": m.Tries + 1, "next_try_at": until})
		won = r.RowsAffected == 1
		return r.Error
	})
	if won {
		m.Tries, m.NextTryAt = m.Tries+1, until
	}
	return won, err
}

// EmptyVoid erases the bodies of void mails that were due since a time. Older void mails, of which there may be many, no
// longer have bodies.
func (s *Store) EmptyVoid(ctx context.Context, since time.Time) error {
	return s.retry(ctx, func() error {
		void := s.db.WithContext(ctx).Table(outbox).Where("state = ? AND body IS NOT NULL", models.MailVoid)
		if !since.IsZero() { // the driver sends it as 0000-00-00, which MySQL rejects in strict mode
			void = void.Where("next_try_at >= ?", since)
		}
		return void.Updates(map[string]any{"body": nil}).Error
	})
}

// CloseMail records that a mail needs no more attempts, and erases its body.
func (s *Store) CloseMail(ctx context.Context, id int64, state, reason string, at time.Time) error {
	columns := map[string]any{"state": state, "reason": reason, "body": nil}
	if state == models.MailSent {
		columns["sent_at"] = at
	}
	return s.retry(ctx, func() error { return s.db.WithContext(ctx).Table(outbox).Where("id = ?", id).Updates(columns).Error })
}

// PutMailBack records a failed attempt: the mail is due again at next, or given up with the state MailFailed, which keeps
// the body. If the claim was lost, it changes nothing.
func (s *Store) PutMailBack(ctx context.Context, m *models.OutboxMail, state, reason string, next time.Time) error {
	return s.retry(ctx, func() error {
		return s.db.WithContext(ctx).Table(outbox).Where("id = ? AND state = ? AND tries = ?", m.ID, models.MailPending, m.Tries).
			Updates(map[string]any{"state": state, "reason": reason, "next_try_at": next}).Error
	})
}

// ReturnMail returns a claimed mail whose attempt was interrupted: it is due again at once, and the attempt does not count.
// If the claim was lost, it changes nothing.
func (s *Store) ReturnMail(ctx context.Context, m *models.OutboxMail, reason string, now time.Time) error {
	return s.retry(ctx, func() error {
		return s.db.WithContext(ctx).Table(outbox).Where("id = ? AND state = ? AND tries = ?", m.ID, models.MailPending, m.Tries).
			Updates(map[string]any{"tries": m.Tries - 1, "reason": reason, "next_try_at": now}).Error
	})
}

// MailCounts returns the number of waiting mails and of mails given up, and when the oldest waiting mail was written; the
// zero time if no mail waits.
func (s *Store) MailCounts(ctx context.Context) (pending, failed int64, oldest time.Time, err error) {
	for state, n := range map[string]*int64{models.MailPending: &pending, models.MailFailed: &failed} {
		err := s.retry(ctx, func() error { return s.db.WithContext(ctx).Table(outbox).Where("state = ?", state).Count(n).Error })
		if err != nil {
			return 0, 0, oldest, fmt.Errorf("count mails: %w", err)
		}
	}
	var first models.OutboxMail
	err = s.retry(ctx, func() error {
		return s.db.WithContext(ctx).Select("created_at").Where("state = ?", models.MailPending).Order("created_at").Limit(1).Find(&first).Error
	})
	return pending, failed, first.CreatedAt, err
}

// RetryMails makes mails that were given up due again, with all attempts, and returns how many.
func (s *Store) RetryMails(ctx context.Context, now time.Time) (int64, error) {
	var n int64
	err := s.retry(ctx, func() error {
		r := s.db.WithContext(ctx).Table(outbox).Where("state = ?", models.MailFailed).
			Updates(map[string]any{"state": models.MailPending, "tries": 0, "next_try_at": now})
		n = r.RowsAffected
		return r.Error
	})
	return n, err
}

// SweepMails deletes mails that were sent or void and written by done, and mails given up and written by failed. Of tickets
// that expired by done, it keeps those whose mail is still to be sent. Mails and tickets of no user, which anyone can cause in
// any number, and counters go as soon as nothing needs them, by soon.
func (s *Store) SweepMails(ctx context.Context, soon, done, failed time.Time) error {
	waiting := s.db.WithContext(ctx).Model(&models.OutboxMail{}).Select("ticket").Where("state IN ?", []string{models.MailPending, models.MailFailed})
	_, err1 := deleteBatches[int64](ctx, s, &models.OutboxMail{}, "id", func(db *gorm.DB) *gorm.DB {
		return db.Where("state IN ? AND (created_at <= ? OR user_id = 0 AND created_at <= ?)", []string{models.MailSent, models.MailVoid}, done, soon)
	})
	_, err2 := deleteBatches[int64](ctx, s, &models.OutboxMail{}, "id", func(db *gorm.DB) *gorm.DB {
		return db.Where("state = ? AND created_at <= ?", models.MailFailed, failed)
	})
	_, err3 := deleteBatches[string](ctx, s, &models.Ticket{}, "selector", func(db *gorm.DB) *gorm.DB {
		return db.Where("expires_at <= ? AND (expires_at <= ? OR user_id = 0) AND selector NOT IN (?)", soon, done, waiting)
	})
	_, err4 := deleteBatches[string](ctx, s, &models.Counter{}, "name", func(db *gorm.DB) *gorm.DB { return db.Where("reset_at <= ?", soon) })
	return errors.Join(err1, err2, err3, err4)
}
