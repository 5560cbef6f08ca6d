package core

// The owner of an address: the account that a mail to it may open.

import (
	"context"
	"errors"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// Nobody is the placeholder owner of an unknown address.
var Nobody = &models.User{}

// Owner is the account that an address leads to.
type Owner struct {
	User      *models.User // [Nobody] where there is none, or where its user cannot use it
	Address   string       // as it is on file; a stranger's spelling of it may be another mailbox
	Confirmed bool
}

// HolderOf returns the account that has confirmed an address or, while there is none, the one that
// claims it first. Login, reset, code, resend and notices all ask it. It asks the database the
// same questions for every address (T113).
func (c *Core) HolderOf(ctx context.Context, address string) (Owner, error) {
	key := models.EmailKey(address)
	confirmed, err := c.OwnerOf(ctx, key, 0)
	if err != nil {
		return confirmed, err
	}
	claimed, err := c.claimantOf(ctx, key)
	switch {
	case err != nil || confirmed.Confirmed:
		return confirmed, err
	case claimed.User == Nobody:
		claimed.Address = models.NormalizeEmail(address)
	}
	return claimed, nil
}

// OwnerOf returns the account that has confirmed an address, other than the one given.
func (c *Core) OwnerOf(ctx context.Context, key models.Key, except int64) (Owner, error) {
	row, err := c.store.Owner(ctx, key, except)
	if err != nil {
		return Owner{User: Nobody}, err
	}
	user, err := c.userOrNobody(ctx, row.UserID)
	return Owner{user, row.Address, row.ID != 0}, err
}

// TakenBy returns the account other than the one given to which a sign-up must leave an address:
// its owner or, while there is none, an account that names it and was not made by sign-up.
func (c *Core) TakenBy(ctx context.Context, key models.Key, except int64) (Owner, error) {
	confirmed, err := c.OwnerOf(ctx, key, except)
	if err != nil {
		return confirmed, err
	}
	claimed, err := c.claimantOf(ctx, key)
	if err == nil && !confirmed.Confirmed && claimed.User != Nobody && !claimed.User.SignedUp && claimed.User.ID != except {
		claimed.Confirmed = true // as far as the sign-up is concerned
		return claimed, nil
	}
	return confirmed, err
}

// claimantOf returns the account that claims an address first, of those that have not confirmed it.
func (c *Core) claimantOf(ctx context.Context, key models.Key) (Owner, error) {
	account, err := c.store.Claimant(ctx, key, c.Now())
	if errors.Is(err, store.ErrNotFound) {
		return Owner{User: Nobody}, nil
	}
	if err != nil {
		return Owner{User: Nobody}, err
	}
	return Owner{User: account.Base(), Address: account.Base().Email}, nil
}

// userOrNobody reads a user, or returns nobody where there is none who can use the account.
func (c *Core) userOrNobody(ctx context.Context, id int64) (*models.User, error) {
	account, err := c.store.UserByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return Nobody, nil
	}
	if err != nil {
		return nil, err
	}
	if !c.MayUse(account.Base()) {
		return Nobody, nil
	}
	return account.Base(), nil
}
