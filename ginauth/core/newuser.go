package core

// New users: stored with their address, by a sign-up, the application, a backend or an identity provider.

import (
	"cmp"

	"github.com/ginauth/gin-rest-auth/models"
)

// LockNew must be the first call in a transaction that stores a new user, before a form or hook reads: on MariaDB
// the first read fixes what later reads see, and on SQLite a transaction must begin with a write.
func (c *Core) LockNew(tx *Tx, user *models.User) error {
	return c.LockAddress(tx, cmp.Or(user.EmailKey.OrEmpty(), user.UsernameKey.OrEmpty()))
}

// AddUser stores a new user and their unconfirmed address. Call [Core.LockNew] before. [ErrExists] means that the
// name or the address is taken; signUps says whether unconfirmed addresses of other sign-ups count. A pending user
// can have any address.
func (c *Core) AddUser(tx *Tx, account models.Account, signUps bool) error {
	user := account.Base()
	if user.EmailKey != nil && !user.Pending {
		if taken, err := tx.Claimed(*user.EmailKey, 0, signUps, c.Now()); err != nil {
			return err
		} else if taken {
			return ErrExists
		}
	}
	if err := tx.CreateUser(account); err != nil || user.Email == "" {
		return err
	}
	return tx.CreateEmail(c.NewEmail(user.ID, user.Email))
}
