package ginauth

// Tries of codes: counted for each purpose and address, known or not, before the code is compared.

import (
	"context"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

const (
	maxTryouts   = 5              // codes that may be tried for an address until a new one is mailed (T109)
	tryoutWindow = 24 * time.Hour // after which they are forgotten; longer than a code lives
)

// countTry adds to the codes that were tried for an address, and returns how many there are.
func (a *Auth) countTry(ctx context.Context, p purpose, key models.Key, add int64) (tried int64, err error) {
	err = a.store.Tx(ctx, func(tx *store.Tx) error {
		tried, err = a.tries(tx, p, key, add)
		return err
	})
	return tried, err
}

func (a *Auth) tries(tx *store.Tx, p purpose, key models.Key, add int64) (int64, error) {
	return tx.Count(counterName(a.deviceKeys[0], "tries", string(p), string(key)), add, a.now(), max(tryoutWindow, a.cfg.Mail.CodeLifetime))
}

func (a *Auth) forgetTries(tx *store.Tx, t *models.Ticket) error {
	tried, err := a.tries(tx, purpose(t.Purpose), t.Key, 0)
	if err == nil {
		_, err = a.tries(tx, purpose(t.Purpose), t.Key, -tried)
	}
	return err
}

func (a *Auth) giveBack(ctx context.Context, t *models.Ticket) error {
	_, err := a.countTry(ctx, purpose(t.Purpose), t.Key, -1)
	return err
}
