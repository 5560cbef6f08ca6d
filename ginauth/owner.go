package ginauth

// The owner of an address: the account that a mail to it may open.

import (
	"context"
	"errors"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// nobody is the placeholder owner of an unknown address.
var nobody = &models.User{}

// owner is the account that an address leads to.
type owner struct {
	user      *models.User // nobody where there is none, or where its user cannot use it
	address   string       // as it is on file; a stranger's spelling of it may be another mailbox
	confirmed bool
}

// holder returns the account that has confirmed an address or, while there is none, the one that
// claims it first. Login, reset, code, resend and notices all ask it. It asks the database the
// same questions for every address (T113).
func (a *Auth) holder(ctx context.Context, address string) (owner, error) {
	key := models.EmailKey(address)
	confirmed, err := a.ownerOf(ctx, key, 0)
	if err != nil {
		return confirmed, err
	}
	claimed, err := a.claimantOf(ctx, key)
	switch {
	case err != nil || confirmed.confirmed:
		return confirmed, err
	case claimed.user == nobody:
		claimed.address = models.NormalizeEmail(address)
	}
	return claimed, nil
}

// ownerOf returns the account that has confirmed an address, other than the one given.
func (a *Auth) ownerOf(ctx context.Context, key models.Key, except int64) (owner, error) {
	row, err := a.store.Owner(ctx, key, except)
	if err != nil {
		return owner{user: nobody}, err
	}
	user, err := a.userOrNobody(ctx, row.UserID)
	return owner{user, row.Address, row.ID != 0}, err
}

// takenBy returns the account other than the one given to which a sign-up must leave an address:
// its owner or, while there is none, an account that names it and was not made by sign-up.
func (a *Auth) takenBy(ctx context.Context, key models.Key, except int64) (owner, error) {
	confirmed, err := a.ownerOf(ctx, key, except)
	if err != nil {
		return confirmed, err
	}
	claimed, err := a.claimantOf(ctx, key)
	if err == nil && !confirmed.confirmed && claimed.user != nobody && !claimed.user.SignedUp && claimed.user.ID != except {
		claimed.confirmed = true // as far as the sign-up is concerned
		return claimed, nil
	}
	return confirmed, err
}

// claimantOf returns the account that claims an address first, of those that have not confirmed it.
func (a *Auth) claimantOf(ctx context.Context, key models.Key) (owner, error) {
	account, err := a.store.Claimant(ctx, key, a.now())
	if errors.Is(err, store.ErrNotFound) {
		return owner{user: nobody}, nil
	}
	if err != nil {
		return owner{user: nobody}, err
	}
	return owner{user: account.Base(), address: account.Base().Email}, nil
}

// userOrNobody reads a user, or returns nobody where there is none who can use the account.
func (a *Auth) userOrNobody(ctx context.Context, id int64) (*models.User, error) {
	account, err := a.store.UserByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nobody, nil
	}
	if err != nil {
		return nil, err
	}
	if !a.exists(account.Base()) {
		return nobody, nil
	}
	return account.Base(), nil
}
