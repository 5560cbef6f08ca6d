package core

// Tries of codes: counted for each purpose and address, known or not, before the code is compared.

import (
	"context"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

const (
	maxTryouts   = 5              // codes that may be tried for an address until a new one is mailed (T109)
	tryoutWindow = 24 * time.Hour // after which they are forgotten; longer than a code lives
)

// countTry adds to the codes that were tried for an address, and returns how many there are.
func (c *Core) countTry(ctx context.Context, p Purpose, key models.Key, add int64) (tried int64, err error) {
	err = c.Tx(ctx, func(tx *Tx) error {
		tried, err = c.tries(tx, p, key, add)
		return err
	})
	return tried, err
}

func (c *Core) tries(tx *Tx, p Purpose, key models.Key, add int64) (int64, error) {
	return tx.rows.Count(c.counter("tries", string(p), string(key)), add, c.Now(), max(tryoutWindow, c.cfg.Mail.CodeLifetime))
}

// counter is the name of a counter, under the current Secret: after a change of that, counting begins anew.
func (c *Core) counter(parts ...string) string {
	return secret.CounterName(c.cookies.DeviceKeys[0], parts...)
}

func (c *Core) forgetTries(tx *Tx, t *models.Ticket) error {
	tried, err := c.tries(tx, Purpose(t.Purpose), t.Key, 0)
	if err == nil {
		_, err = c.tries(tx, Purpose(t.Purpose), t.Key, -tried)
	}
	return err
}

func (c *Core) giveBack(ctx context.Context, t *models.Ticket) error {
	_, err := c.countTry(ctx, Purpose(t.Purpose), t.Key, -1)
	return err
}
