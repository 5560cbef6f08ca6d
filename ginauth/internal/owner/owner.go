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

// Finder looks owners up. Each of its methods asks the database the same questions for every address (T113).
type Finder struct {
	Store *store.Store
	Users *authn.Authenticator // says which accounts can be used
	Now   func() time.Time     // as the database stores it
}

// Holder returns the account that has confirmed an address or, while there is none, the one that claims it first.
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
		claimed.Confirmed = true // as far as the sign-up is concerned
		return claimed, nil
	}
	return confirmed, err
}

// claimant returns the account that claims an address first, of those that have not confirmed it.
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

// userOrNobody reads a user, or returns Nobody where there is none who can use the account.
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
