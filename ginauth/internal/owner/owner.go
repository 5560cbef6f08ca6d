// Package owner finds the account that an address leads to.
package owner

import (
	"context"
	"errors"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/authn"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// Nobody is the placeholder owner of an unknown address.
var Nobody = &models.User{}

// Owner is core.Owner, which documents it.
type Owner struct {
	User      *models.User
	Address   string
	Confirmed bool
}

// Finder finds the owners of addresses. Each of its methods runs the same queries for every address (T113).
type Finder struct {
	Store *store.Store
	Users *authn.Authenticator // knows which accounts can be used
	Now   func() time.Time     // rounded as the database stores it
}

// Holder returns the account that has confirmed an address or, without one, the first account that claims it.
func (f Finder) Holder(ctx context.Context, address string) (Owner, error) {
	key := models.EmailKey(address)
	confirmed, err := f.Owner(ctx, key, 0)
	if err != nil {
		return confirmed, err
	}
	claimed, err := f.claimant(ctx, key)
	switch {
	case err != nil || confirmed.Confirmed:
		return confirmed, err
	case claimed.User == Nobody:
		claimed.Address = models.NormalizeEmail(address)
	}
	return claimed, nil
}

// Owner returns the account that has confirmed an address, other than the one given.
func (f Finder) Owner(ctx context.Context, key models.Key, except int64) (Owner, error) {
	row, err := f.Store.Owner(ctx, key, except)
	if err != nil {
		return Owner{User: Nobody}, err
	}
	user, err := f.userOrNobody(ctx, row.UserID)
	return Owner{user, row.Address, row.ID != 0}, err
}

// TakenBy returns the account other than the one given to which a sign-up must leave an address.
func (f Finder) TakenBy(ctx context.Context, key models.Key, except int64) (Owner, error) {
	confirmed, err := f.Owner(ctx, key, except)
	if err != nil {
		return confirmed, err
	}
	claimed, err := f.claimant(ctx, key)
	if err == nil && !confirmed.Confirmed && claimed.User != Nobody && !claimed.User.SignedUp && claimed.User.ID != except {
		claimed.Confirmed = true // for the sign-up, it counts as confirmed
		return claimed, nil
	}
	return confirmed, err
}

// claimant returns the first account that claims an address without having confirmed it.
func (f Finder) claimant(ctx context.Context, key models.Key) (Owner, error) {
	account, err := f.Store.Claimant(ctx, key, f.Now())
	if errors.Is(err, store.ErrNotFound) {
		return Owner{User: Nobody}, nil
	}
	if err != nil {
		return Owner{User: Nobody}, err
	}
	return Owner{User: account.Base(), Address: account.Base().Email}, nil
}

// userOrNobody reads a user. It returns Nobody if the user does not exist or cannot use the account.
func (f Finder) userOrNobody(ctx context.Context, id int64) (*models.User, error) {
	account, err := f.Store.UserByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return Nobody, nil
	}
	if err != nil {
		return nil, err
	}
	if !f.Users.MayUse(account.Base()) {
		return Nobody, nil
	}
	return account.Base(), nil
}
