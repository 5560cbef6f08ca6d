package core

// The accounts that an address belongs to. Package owner finds them; package models documents the rules.

import (
	"context"
	"slices"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/owner"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// Nobody is the placeholder user of an unknown address. Mails and tickets for it are stored, but never sent or
// valid, so that a request takes the same time for known and unknown addresses.
var Nobody = owner.Nobody

// Owner is the account that an address belongs to, as [Core.RecipientOf], [Core.OwnerOf] and [Core.TakenBy] find
// it.
type Owner struct {
	User      *models.User // [Nobody] if there is no account, or its user cannot use it
	Address   string       // as stored; a client's spelling of it may be another mailbox
	Confirmed bool         // whether the account has confirmed the address
}

func (c *Core) owners() owner.Finder { return owner.Finder{Store: c.store, Users: c.authn, Now: c.Now} }

// RecipientOf returns the account that gets the mails to an address: the one that has confirmed it or, if none has,
// the one that claimed it first. Password resets, login codes and repeated confirmation mails use it. It runs the
// same queries for every address, so that their time does not reveal whether an account exists. [Core.OwnerOf]
// returns only accounts that have confirmed the address.
func (c *Core) RecipientOf(ctx context.Context, address string) (Owner, error) {
	found, err := c.owners().Holder(ctx, address)
	return Owner(found), err
}

// OwnerOf returns the account that has confirmed an address, other than the account except.
func (c *Core) OwnerOf(ctx context.Context, key models.Key, except int64) (Owner, error) {
	found, err := c.owners().Owner(ctx, key, except)
	return Owner(found), err
}

// TakenBy returns the account, other than except, that keeps an address from a sign-up: its owner or, if no account
// has confirmed it, an account that names it and was not made by sign-up.
func (c *Core) TakenBy(ctx context.Context, key models.Key, except int64) (Owner, error) {
	found, err := c.owners().TakenBy(ctx, key, except)
	return Owner(found), err
}

// NewEmail returns a row for an unconfirmed address of a user. It is not stored yet.
func (c *Core) NewEmail(userID int64, address string) *models.Email {
	return &models.Email{UserID: userID, Address: models.NormalizeEmail(address), Key: models.EmailKey(address), CreatedAt: c.Now()}
}

// LockAddress makes transactions that decide who owns an address wait for each other, including those of instances
// that already use the next Secret, or still use the previous one.
func (c *Core) LockAddress(tx *Tx, address models.Key) error {
	var names []string
	for _, key := range c.cookies.DeviceKeys {
		names = append(names, secret.CounterName(key, "address", string(address)))
	}
	slices.Sort(names) // the same order everywhere prevents a deadlock
	for _, name := range names {
		if err := tx.rows.Lock(name, c.Now()); err != nil {
			return err
		}
	}
	return nil
}

// UsernameTaken returns the field error if another user has the name of u, and nil if it is free.
func (c *Core) UsernameTaken(ctx context.Context, u *models.User) error {
	holder, err := c.store.UserOfName(ctx, u.UsernameKey.OrEmpty(), u.ID)
	if err == nil && holder != 0 {
		err = binding.Invalid("username", ProblemTaken)
	}
	return err
}
