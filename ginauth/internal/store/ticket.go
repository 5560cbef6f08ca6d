package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// table of the tickets
var tickets = models.Ticket{}.TableName()

// TicketBySelector reads a ticket, whether or not it is good.
func (s *Store) TicketBySelector(ctx context.Context, selector string) (*models.Ticket, error) {
	var t models.Ticket
	q := s.db.WithContext(ctx).Where("selector = ?", selector).Limit(1).Find(&t)
	if q.Error != nil {
		return nil, fmt.Errorf("find ticket: %w", explain(q.Error))
	}
	if q.RowsAffected == 0 || t.Selector != selector {
		return nil, ErrNotFound
	}
	return &t, nil
}

// TicketsByAddress lists the tickets for an address whose codes may still be tried, the
// latest first, a few at most.
func (s *Store) TicketsByAddress(ctx context.Context, purpose string, key models.Key, now time.Time, attempts int) ([]models.Ticket, error) {
	var all []models.Ticket
	err := s.db.WithContext(ctx).
		Where("email_key = ? AND purpose = ? AND used_at IS NULL AND code_expires_at > ? AND attempts < ?", key, purpose, now, attempts).
		Order("created_at DESC, selector").Limit(3).Find(&all).Error
	if err != nil {
		return nil, fmt.Errorf("find tickets: %w", explain(err))
	}
	return all, nil
}

// Attempt counts a code that is about to be compared with a ticket. It reports false when
// the tries are used up; of any number at once no more than the most get through (T109).
func (s *Store) Attempt(ctx context.Context, selector string, most int) (bool, error) {
	var counted bool
	err := s.retry(func() error {
		r := s.db.WithContext(ctx).Table(tickets).Where("selector = ? AND used_at IS NULL AND attempts < ?", selector, most).
			Updates(map[string]any{"attempts": gorm.Expr("attempts + 1")})
		counted = r.RowsAffected == 1
		return r.Error
	})
	return counted, err
}

// GiveBack undoes Attempt for a code that was right, where something else was wrong.
func (s *Store) GiveBack(ctx context.Context, selector string) error {
	return s.retry(func() error {
		return s.db.WithContext(ctx).Table(tickets).Where("selector = ? AND attempts > 0", selector).
			Updates(map[string]any{"attempts": gorm.Expr("attempts - 1")}).Error
	})
}

// Redeem spends a ticket. It succeeds for one of any number of callers; the others get
// ErrNotFound (T100, T101).
func (tx *Tx) Redeem(selector string, now time.Time) error {
	return orNotFound(tx.db.Table(tickets).Where("selector = ? AND used_at IS NULL AND expires_at > ?", selector, now).
		Updates(map[string]any{"used_at": now}))
}

// Ticket makes the ticket given, or finds the one that takes its place: made since the time
// given for the same user, purpose, address and state, with tries left of the most. Another
// one is void from then on. The transaction must have counted for the address, so that two at
// once make one ticket.
func (tx *Tx) Ticket(fresh *models.Ticket, since time.Time, most int) (*models.Ticket, error) {
	same := tx.db.Where("user_id = ? AND purpose = ? AND email_key = ?", fresh.UserID, fresh.Purpose, fresh.Key)
	var old models.Ticket
	q := same.Session(&gorm.Session{}).
		Where("state = ? AND used_at IS NULL AND attempts < ? AND created_at > ? AND expires_at > ?", fresh.State, most, since, fresh.CreatedAt).
		Order("created_at DESC").Limit(1).Find(&old)
	if q.Error != nil || q.RowsAffected > 0 {
		return &old, q.Error
	}
	var void []string // by key: on MySQL a DELETE of none by address makes neighbouring addresses wait
	if err := same.Session(&gorm.Session{}).Model(&models.Ticket{}).Pluck("selector", &void).Error; err != nil {
		return nil, err
	}
	void = append(void, "") // nobody's, so that it is the same statements whether there was one
	if err := tx.db.Where("selector IN ?", void).Delete(&models.Ticket{}).Error; err != nil {
		return nil, err
	}
	return fresh, tx.AddTicket(fresh)
}

// HasTicket reports whether there is a ticket that is still good, for the same user, purpose,
// address and state as the one given.
func (tx *Tx) HasTicket(t *models.Ticket, now time.Time) (bool, error) {
	var n int64
	err := tx.db.Table(tickets).Where("user_id = ? AND purpose = ? AND email_key = ? AND state = ? AND used_at IS NULL AND expires_at > ?",
		t.UserID, t.Purpose, t.Key, t.State, now).Count(&n).Error
	return n > 0, err
}

// AddTicket stores a ticket beside those that are there.
func (tx *Tx) AddTicket(t *models.Ticket) error { return tx.db.Create(t).Error }

// EndTickets voids the tickets of a user, but keeps those of the purpose given that were made
// until then. No purpose keeps none.
func (tx *Tx) EndTickets(userID int64, keep string, until time.Time) error {
	his := tx.db.Where("user_id = ?", userID)
	if keep != "" {
		his = his.Where("purpose <> ? OR created_at > ?", keep, until)
	}
	return his.Delete(&models.Ticket{}).Error
}

// ProlongTicket gives a ticket its full life from now on, since its mail goes out only now.
// It reports false when the ticket is used or gone.
func (s *Store) ProlongTicket(ctx context.Context, selector string, expires, codeExpires time.Time) (bool, error) {
	var alive bool
	err := s.Tx(ctx, func(tx *Tx) error {
		open := tx.db.Table(tickets).Where("selector = ? AND used_at IS NULL", selector)
		if err := open.Session(&gorm.Session{}).Updates(map[string]any{"expires_at": expires, "code_expires_at": codeExpires}).Error; err != nil {
			return err
		}
		var n int64 // counted, since MySQL says 0 rows where nothing changed
		err := open.Session(&gorm.Session{}).Count(&n).Error
		alive = n > 0
		return err
	})
	return alive, err
}
