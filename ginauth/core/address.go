package core

// Whose an address is; package owner finds it. Package models documents the rules.

import (
	"context"
	"slices"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/owner"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// Nobody is the placeholder owner of an unknown address.
var Nobody = owner.Nobody

// Owner is the account that an address leads to.
type Owner struct {
	User      *models.User // [Nobody] where there is none, or where its user cannot use it
	Address   string       // as it is on file; a stranger's spelling of it may be another mailbox
	Confirmed bool
}

func (c *Core) owners() owner.Finder { return owner.Finder{Store: c.store, Users: c.authn, Now: c.Now} }

// HolderOf returns the account that has confirmed an address or, while there is none, the one that
// claims it first. Login, reset, code, resend and notices all ask it. It asks the database the
// same questions for every address (T113).
func (c *Core) HolderOf(ctx context.Context, address string) (Owner, error) {
	found, err := c.owners().Holder(ctx, address)
	return Owner(found), err
}

// OwnerOf returns the account that has confirmed an address, other than the one given.
func (c *Core) OwnerOf(ctx context.Context, key models.Key, except int64) (Owner, error) {
	found, err := c.owners().Owner(ctx, key, except)
	return Owner(found), err
}

// TakenBy returns the account other than the one given to which a sign-up must leave an address:
// its owner or, while there is none, an account that names it and was not made by sign-up.
func (c *Core) TakenBy(ctx context.Context, key models.Key, except int64) (Owner, error) {
	found, err := c.owners().TakenBy(ctx, key, except)
	return Owner(found), err
}

// NewEmail is a row for an address of a user, not confirmed.
func (c *Core) NewEmail(userID int64, address string) *models.Email {
	return &models.Email{UserID: userID, Address: models.NormalizeEmail(address), Key: models.EmailKey(address), CreatedAt: c.Now()}
}

// LockAddress makes transactions that decide who owns an address wait for each other, including those of instances that
// already use the next Secret, or do not use it yet.
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

// UsernameTaken returns the field error for a name that another user has.
func (c *Core) UsernameTaken(ctx context.Context, u *models.User) error {
	holder, err := c.store.UserOfName(ctx, u.UsernameKey.OrEmpty(), u.ID)
	if err == nil && holder != 0 {
		err = binding.Invalid("username", ProblemTaken)
	}
	return err
}
