package core

// Whose address it is, what follows when a user confirms one, and what the user can be told at.
// Package models documents the rules.

import (
	"slices"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// NewEmail is a row for an address of a user, not confirmed.
func (c *Core) NewEmail(userID int64, address string) *models.Email {
	return &models.Email{UserID: userID, Address: models.NormalizeEmail(address), Key: models.EmailKey(address), CreatedAt: c.Now()}
}

// LockAddress makes the transactions wait for each other that decide whose an address is,
// also those of instances that have the next Secret already, or not yet.
func (c *Core) LockAddress(tx *Tx, address models.Key) error {
	var names []string
	for _, key := range c.cookies.DeviceKeys {
		names = append(names, secret.CounterName(key, "address", string(address)))
	}
	slices.Sort(names) // in one order everywhere, or two could wait for each other
	for _, name := range names {
		if err := tx.rows.Lock(name, c.Now()); err != nil {
			return err
		}
	}
	return nil
}

// FirstComeFirstServed reports whether an address belongs to the first account that names it,
// since nobody ever confirms one. Otherwise a sign-up cannot keep an address from CreateUser.
func (c *Core) FirstComeFirstServed() bool { return c.cfg.EmailVerification == config.VerifyNone }
