package ginauth

// Whose address it is, what follows when a user confirms one, and what the user can be told at.
// Package models documents the rules.

import (
	"slices"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// newEmail is a row for an address of a user, not confirmed.
func newEmail(userID int64, address string, at time.Time) *models.Email {
	return &models.Email{UserID: userID, Address: models.NormalizeEmail(address), Key: models.EmailKey(address), CreatedAt: at}
}

// lockAddress makes the transactions wait for each other that decide whose an address is,
// also those of instances that have the next Secret already, or not yet.
func (a *Auth) lockAddress(tx *store.Tx, address models.Key) error {
	var names []string
	for _, key := range a.deviceKeys {
		names = append(names, counterName(key, "address", string(address)))
	}
	slices.Sort(names) // in one order everywhere, or two could wait for each other
	for _, name := range names {
		if err := tx.Lock(name, a.now()); err != nil {
			return err
		}
	}
	return nil
}

// firstComeFirstServed reports whether an address belongs to the first account that names it,
// since nobody ever confirms one. Otherwise a sign-up cannot keep an address from CreateUser.
func (a *Auth) firstComeFirstServed() bool { return a.cfg.EmailVerification == config.VerifyNone }
