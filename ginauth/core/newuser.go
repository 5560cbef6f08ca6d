package core

// New users: stored with their address, by a sign-up, by the application, or because something vouches for them.

import (
	"cmp"

	"github.com/ginauth/gin-rest-auth/models"
)

// LockNew begins the transaction that stores a new user. Only then may a form or hook read: on
// MariaDB, the first read fixes what later ones see, and on SQLite a transaction must begin with a
// write.
func (c *Core) LockNew(tx *Tx, user *models.User) error {
	return c.LockAddress(tx, cmp.Or(user.EmailKey.OrEmpty(), user.UsernameKey.OrEmpty()))
}

// AddUser stores a new user and their address, which is not confirmed, after LockNew. [ErrExists] means
// that the name is taken, or the address: signUps says whether unconfirmed ones of other sign-ups
// count. A pending user gets any address.
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
