package store

// Mails in the outbox: created, found, emptied and swept. queue.go has what they share with deliveries.

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// table of the mails
var outbox = models.OutboxMail{}.TableName()

// Mails returns the queue of mails.
func (s *Store) Mails() Queue { return Queue{s, outbox, "mails", ""} }

// CreateMail writes a mail into the outbox.
func (tx *Tx) CreateMail(m *models.OutboxMail) error {
	m.ID = 0
	return tx.db.Create(m).Error
}

// DueMails lists mails that are due now, by priority or only by how long they wait. The longest waiting comes first.
func (s *Store) DueMails(ctx context.Context, now time.Time, byPriority bool, most int) ([]models.OutboxMail, error) {
	var all []models.OutboxMail
	order := "next_try_at, id"
	if byPriority {
		order = "priority, next_try_at, id"
	}
	err := s.retry(ctx, func() error {
		return s.db.WithContext(ctx).Where("state = ? AND next_try_at <= ?", models.MailPending, now).
			Order(order).Limit(most).Find(&all).Error
	})
	return all, wrap("look for mails", err)
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

// FailedMails lists mails that were given up, without their bodies: the newest first, with a lower ID than before unless it is 0.
func (s *Store) FailedMails(ctx context.Context, before int64, limit int) (all []models.OutboxMail, err error) {
	err = s.retry(ctx, func() error {
		q := s.db.WithContext(ctx).Omit("body").Where("state = ?", models.MailFailed)
		if before != 0 {
			q = q.Where("id < ?", before)
		}
		return q.Order("id DESC").Limit(limit).Find(&all).Error
	})
	return all, wrap("list failed mails", err)
}

// RetryMail makes a mail that was given up due again, with all attempts, and returns it without its body. ErrNotFound means that there is
// no such mail.
func (tx *Tx) RetryMail(id int64, now time.Time) (*models.OutboxMail, error) {
	err := orNotFound(tx.db.Model(&models.OutboxMail{}).Where("id = ? AND state = ?", id, models.MailFailed).
		Updates(map[string]any{"state": models.MailPending, "tries": 0, "next_try_at": now}))
	if err != nil {
		return nil, err
	}
	var mail models.OutboxMail
	return &mail, tx.db.Omit("body").Where("id = ?", id).Take(&mail).Error
}
