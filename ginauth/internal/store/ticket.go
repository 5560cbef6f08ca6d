package store

// One-time tickets: found by link or code, counted attempts, redeemed once.

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// table of the tickets
var tickets = models.Ticket{}.TableName()

// TicketBySelector reads a ticket, whether or not it is valid.
func (s *Store) TicketBySelector(ctx context.Context, selector string) (*models.Ticket, error) {
	var t models.Ticket
	err := s.retry(ctx, func() error {
		return orNotFound(s.db.WithContext(ctx).Where("selector = ?", selector).Limit(1).Find(&t))
	})
	if err == nil && t.Selector != selector {
		err = ErrNotFound
	}
	if err != nil {
		return nil, wrap("find ticket", err)
	}
	return &t, nil
}

// TicketByCode finds the ticket for an address whose code is valid and has one of the hashes, or
// returns ErrNotFound.
func (s *Store) TicketByCode(ctx context.Context, purpose string, key models.Key, hashes []string, now time.Time) (*models.Ticket, error) {
	var t models.Ticket
	err := s.retry(ctx, func() error {
		return orNotFound(s.db.WithContext(ctx).
			Where("email_key = ? AND purpose = ? AND code_hash IN ? AND used_at IS NULL AND code_expires_at > ?", key, purpose, hashes, now).
			Order("created_at DESC, selector").Limit(1).Find(&t))
	})
	if err != nil {
		return nil, wrap("find ticket by code", err)
	}
	return &t, nil
}

// TicketByCode is Store.TicketByCode for the ticket of one user, within a transaction.
func (tx *Tx) TicketByCode(purpose string, userID int64, key models.Key, hashes []string, now time.Time) (*models.Ticket, error) {
	var t models.Ticket
	err := orNotFound(tx.db.
		Where("user_id = ? AND email_key = ? AND purpose = ? AND code_hash IN ? AND used_at IS NULL AND code_expires_at > ?", userID, key, purpose, hashes, now).
		Order("created_at DESC, selector").Limit(1).Find(&t))
	return &t, wrap("find ticket by code", err)
}

// Redeem marks a ticket as used. If several callers try, it succeeds for one; the others get ErrNotFound (T100, T101).
func (tx *Tx) Redeem(selector string, now time.Time) error {
	return orNotFound(tx.db.Table(tickets).Where("selector = ? AND used_at IS NULL AND expires_at > ?", selector, now).
		Updates(map[string]any{"used_at": now}))
}

// Ticket stores a ticket, or returns an existing one that was made after since for the same user, purpose, address and
// state. It deletes all others. It runs the same statements in both cases. The transaction must have called Count for the
// address, so that concurrent calls make one ticket.
func (tx *Tx) Ticket(fresh *models.Ticket, since time.Time) (*models.Ticket, error) {
	var all []models.Ticket
	if err := tx.db.Where("user_id = ? AND purpose = ? AND email_key = ?", fresh.UserID, fresh.Purpose, fresh.Key).
		Order("created_at DESC").Find(&all).Error; err != nil {
		return nil, err
	}
	chosen, void := fresh, []string{""} // matches no ticket, so that the list is never empty
	for i, t := range all {
		void = append(void, t.Selector) // by selector: on MySQL a DELETE by address that matches no row blocks neighboring addresses
		if chosen == fresh && t.State == fresh.State && t.UsedAt == nil && t.CreatedAt.After(since) && t.ExpiresAt.After(fresh.CreatedAt) {
			chosen = &all[i]
		}
	}
	if err := tx.db.Where("selector IN ?", void).Delete(&models.Ticket{}).Error; err != nil {
		return nil, err
	}
	return chosen, tx.AddTicket(chosen)
}

// HasTicket reports whether there is a valid ticket with the same user, purpose, address and state.
func (tx *Tx) HasTicket(t *models.Ticket, now time.Time) (bool, error) {
	var n int64
	err := tx.db.Table(tickets).Where("user_id = ? AND purpose = ? AND email_key = ? AND state = ? AND used_at IS NULL AND expires_at > ?",
		t.UserID, t.Purpose, t.Key, t.State, now).Count(&n).Error
	return n > 0, err
}

// AddTicket stores a ticket in addition to existing ones.
func (tx *Tx) AddTicket(t *models.Ticket) error { return tx.db.Create(t).Error }

// EndTickets deletes the tickets of a user, except those of the purpose keep that were made by until. With an empty keep it
// deletes all.
func (tx *Tx) EndTickets(userID int64, keep string, until time.Time) error {
	all := tx.db.Where("user_id = ?", userID)
	if keep != "" {
		all = all.Where("purpose <> ? OR created_at > ?", keep, until)
	}
	return all.Delete(&models.Ticket{}).Error
}

// EndTicketsFor deletes the tickets of a user for one purpose.
func (tx *Tx) EndTicketsFor(userID int64, purpose string) error {
	return tx.db.Where("user_id = ? AND purpose = ?", userID, purpose).Delete(&models.Ticket{}).Error
}

// DisownTickets makes the tickets of a user void, and keeps them as tickets of an unknown address: states has the state of
// such tickets by purpose.
func (tx *Tx) DisownTickets(userID int64, states map[string]string) error {
	for _, purpose := range slices.Sorted(maps.Keys(states)) {
		err := tx.db.Table(tickets).Where("user_id = ? AND purpose = ?", userID, purpose).
			Updates(map[string]any{"user_id": 0, "state": states[purpose]}).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// ProlongTicket restarts the lifetime of a ticket, because its mail is sent only now. It returns false if the ticket was
// used or deleted.
func (s *Store) ProlongTicket(ctx context.Context, selector string, expires, codeExpires time.Time) (bool, error) {
	var valid bool
	err := s.Tx(ctx, func(tx *Tx) error {
		open := tx.db.Table(tickets).Where("selector = ? AND used_at IS NULL", selector)
		if err := open.Session(&gorm.Session{}).Updates(map[string]any{"expires_at": expires, "code_expires_at": codeExpires}).Error; err != nil {
			return err
		}
		var n int64 // counted, since MySQL says 0 rows where nothing changed
		err := open.Session(&gorm.Session{}).Count(&n).Error
		valid = n > 0
		return err
	})
	return valid, err
}
