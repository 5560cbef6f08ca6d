package core

// Users of another program, many at once.

import (
	"context"
	"slices"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// CanVerify reports whether logins can compare a password with an encoded hash: one that the library or Django writes, bcrypt,
// argon2id or scrypt, within the bounds for its cost. It computes no hash.
func CanVerify(encoded string) bool { return passhash.Readable(encoded) }

// Taken has the names and addresses that accounts have already.
type Taken store.Taken

// Taken looks for accounts that have the names and addresses of others.
func (c *Core) Taken(ctx context.Context, accounts []models.Account) (Taken, error) {
	var names, addresses []models.Key
	for _, account := range accounts {
		if key := account.Base().UsernameKey; key != nil {
			names = append(names, *key)
		}
		if key := account.Base().EmailKey; key != nil {
			addresses = append(addresses, *key)
		}
	}
	found, err := c.store.Taken(ctx, names, addresses)
	return Taken(found), err
}

// AddUsers stores new users with their addresses, in a few statements, and records them as created. No account has one of their
// names and addresses; confirmed says which of them have confirmed theirs. [ErrExists] means that another request took one since
// [Core.Taken]; then store them one by one with [Core.AddUser].
func (tx *Tx) AddUsers(accounts []models.Account, confirmed []bool) error {
	if err := tx.rows.CreateUsers(accounts); err != nil {
		return err
	}
	var emails []models.Email
	events := make([]config.Event, len(accounts))
	for i, account := range accounts {
		events[i].User = account
		user := account.Base()
		if user.EmailKey == nil {
			continue
		}
		email := tx.core.NewEmail(user.ID, user.Email)
		if confirmed[i] {
			email.VerifiedKey, email.VerifiedAt = user.EmailKey, new(email.CreatedAt)
		}
		emails = append(emails, *email)
	}
	if err := tx.rows.CreateEmails(emails); err != nil {
		return err
	}
	return tx.RecordEach(config.EventUserCreated, events)
}

// Same reports whether an account that exists already has both the name and the address of a user, or the same lack of one. A sign-up that
// has not confirmed the address is not the same: a stranger could keep a user out of an import with it.
func (t Taken) Same(u *models.User) bool {
	if u.UsernameKey == nil {
		return len(t.Owners[*u.EmailKey]) > 0
	}
	other, named := t.Names[*u.UsernameKey]
	return named && (u.EmailKey == nil || slices.Contains(t.Owners[*u.EmailKey], other.ID))
}

// Free reports whether no account has the name or the address of a user.
func (t Taken) Free(u *models.User) bool {
	_, named := t.Names[u.UsernameKey.OrEmpty()]
	return !named && len(t.Addresses[u.EmailKey.OrEmpty()]) == 0
}
