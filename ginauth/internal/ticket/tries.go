package ticket

// Attempts at codes: counted for each kind and address, known or not, before the code is compared.

import (
	"context"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

const (
	maxTries  = 5              // attempts for an address until a new code is mailed (T109)
	triesLast = 24 * time.Hour // how long attempts count; longer than a code is valid
)

// tries adds to the number of attempts for an address, and returns it.
func (b *Book) tries(tx *store.Tx, kind string, address models.Key, add int64) (int64, error) {
	name := secret.CounterName(b.CounterKey, "tries", kind, string(address))
	n, _, err := tx.Count(name, add, b.Now(), max(triesLast, b.Config.Mail.CodeLifetime))
	return n, err
}

// countTry is tries in its own transaction.
func (b *Book) countTry(ctx context.Context, kind string, address models.Key, add int64) (tried int64, err error) {
	err = b.Store.Tx(ctx, func(tx *store.Tx) error {
		tried, err = b.tries(tx, kind, address, add)
		return err
	})
	return tried, err
}

// forget resets the attempts for the code of a ticket.
func (b *Book) forget(tx *store.Tx, t *models.Ticket) error {
	tried, err := b.tries(tx, t.Purpose, t.Key, 0)
	if err == nil {
		_, err = b.tries(tx, t.Purpose, t.Key, -tried)
	}
	return err
}

// Refund takes back the attempt of a correct code.
func (b *Book) Refund(ctx context.Context, t *models.Ticket) error {
	_, err := b.countTry(ctx, t.Purpose, t.Key, -1)
	return err
}
