package core

// Credentials and passwords for flows; package authn checks them, and package passrules the new ones.

import (
	"context"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/authn"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passrules"
	"github.com/ginauth/gin-rest-auth/models"
)

// MayUse reports whether an account can be used at all.
func (c *Core) MayUse(u *models.User) bool { return c.authn.MayUse(u) }

// Managed reports whether only a backend may log a user in.
func (c *Core) Managed(user *models.User) bool { return c.authn.Managed(user) }

// IsOurType refuses nil, and users of another type, whose rows are in another table.
func (c *Core) IsOurType(account models.Account) error { return c.authn.IsOurType(account) }

// Authenticate returns the login of the user whose name and password these are, for [Core.SignIn] or, if the ID of the
// account is 0, for [Core.SignInNew]: a backend knows that user, and the table does not. Wrong credentials are
// [ErrCredentials], whatever is wrong with them. Work of the flow stores what is out of date: the encoding of the password,
// and the name of a user whom a backend found by its ID; [ErrExists] of SignIn means that this name is taken.
func (c *Core) Authenticate(ctx context.Context, in *binding.Login) (Flow, error) {
	found, err := c.authn.Authenticate(ctx, in)
	if err != nil {
		return Flow{}, err
	}
	user := found.Account.Base()
	work := func(tx *Tx) error {
		if found.Renamed {
			if err := tx.UpdateProfile(user.ID, &binding.UpdateUser{Username: &user.Username}); err != nil {
				return err
			}
		}
		if found.Rehashed == "" {
			return nil
		}
		return tx.rows.Rehash(user.ID, user.Password, found.Rehashed)
	}
	return Flow{Account: found.Account, Method: MethodPassword, Work: work, nameHolder: found.Holder}, nil
}

// ErrTruncated means that the encoding of a password covers only its first bytes, which match. The password is refused.
var ErrTruncated = authn.ErrTruncated

// VerifyPassword reports whether a password is that of a user; it does the same work for nil. A password that is stored
// for a user of a backend does not count.
func (c *Core) VerifyPassword(ctx context.Context, account models.Account, password string) (bool, error) {
	result, err := c.authn.VerifyPassword(ctx, account, password)
	return result.OK, err
}

// LogTruncated says why a user whose password was taken over from another program cannot log in.
func (c *Core) LogTruncated(ctx context.Context, user *models.User) {
	c.authn.LogTruncated(ctx, user)
}

// HashPassword encodes a password for models.User.Password. It waits for a free slot of Config.Hash
// and returns the error busy if there is none in time.
func (c *Core) HashPassword(ctx context.Context, password string) (string, error) {
	return c.authn.Hasher.Hash(ctx, password)
}

// ComparePassword reports whether an encoding is that of a password. The work is the same for an empty encoding, which
// fits no password. Like [Core.HashPassword] it waits for a free slot. Its error may be [ErrTruncated].
func (c *Core) ComparePassword(ctx context.Context, encoded, password string) (bool, error) {
	result, err := c.authn.Hasher.Verify(ctx, encoded, password)
	if err == nil && result.Truncated {
		err = ErrTruncated
	}
	return result.OK, err
}

// PasswordProblems rejects every password for a user of a backend. Otherwise it applies the rules in force and the
// hash's length limit to the normalized password.
func (c *Core) PasswordProblems(ctx context.Context, password string, user *models.User) ([]binding.Problem, error) {
	if c.Managed(user) {
		return []binding.Problem{ProblemManaged}, nil
	}
	return passrules.Check(ctx, c.cfg.PasswordRules, c.authn.Hasher.MaxBytes(), password, user)
}
