package core

// Credentials and passwords for flows; package authn checks them, and package passrules the new ones.

import (
	"context"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passrules"
	"github.com/ginauth/gin-rest-auth/models"
)

// MayUse reports whether an account can be used at all.
func (c *Core) MayUse(u *models.User) bool { return c.authn.MayUse(u) }

// Managed reports whether only a backend may log a user in.
func (c *Core) Managed(user *models.User) bool { return c.authn.Managed(user) }

// IsOurType refuses nil, and users of another type, whose rows are in another table.
func (c *Core) IsOurType(account models.Account) error { return c.authn.IsOurType(account) }

// A Match says whose credentials these are, and what their login stores.
type Match struct {
	Account  models.Account
	Rehashed string // the password in today's encoding, where the stored one is out of date
	Renamed  bool   // the stored account gets the name that a backend has for its user
	Holder   int64  // of a new account that goes without that name: the account that has it
}

// Authenticate returns whose name and password these are. If a backend found the user by its ID, the match has
// the name that the account gets. Wrong credentials are [ErrCredentials], whatever is wrong with them.
func (c *Core) Authenticate(ctx context.Context, in *binding.Login) (Match, error) {
	found, err := c.authn.Authenticate(ctx, in)
	return Match{found.Account, found.Rehashed, found.Renamed, found.Holder}, err
}

// A PasswordResult says whether a password is the one that was encoded.
type PasswordResult struct {
	OK        bool
	Rehashed  string // a new encoding to store in place of one that is out of date, see [Tx.Rehash]; else ""
	Truncated bool   // the encoding covers only the first bytes of the password, which match; OK is false then
}

// VerifyPassword compares a password with that of a user, or does the same work for nil. A password that is stored
// for a user of a backend does not count.
func (c *Core) VerifyPassword(ctx context.Context, account models.Account, password string) (PasswordResult, error) {
	result, err := c.authn.VerifyPassword(ctx, account, password)
	return PasswordResult(result), err
}

// LogTruncated says why a user whose password was taken over from another program cannot log in.
func (c *Core) LogTruncated(ctx context.Context, user *models.User) {
	c.authn.LogTruncated(ctx, user)
}

// LogWithout tells the operator that a backend's new user got an account without something that another account has.
// Nothing is logged when there is no other account.
func (c *Core) LogWithout(ctx context.Context, what string, user *models.User, other int64) {
	c.authn.LogWithout(ctx, what, user, other)
}

// HashPassword encodes a password for models.User.Password. It waits for a free slot of Config.Hash
// and returns the error busy if there is none in time.
func (c *Core) HashPassword(ctx context.Context, password string) (string, error) {
	return c.authn.Hasher.Hash(ctx, password)
}

// ComparePassword compares a password with an encoding. The work is the same for an empty encoding, which
// fits no password. Like [Core.HashPassword] it waits for a free slot.
func (c *Core) ComparePassword(ctx context.Context, encoded, password string) (PasswordResult, error) {
	result, err := c.authn.Hasher.Verify(ctx, encoded, password)
	return PasswordResult(result), err
}

// PasswordProblems rejects every password for a user of a backend. Otherwise it applies the rules in force and the
// hash's length limit to the normalized password.
func (c *Core) PasswordProblems(ctx context.Context, password string, user *models.User) ([]binding.Problem, error) {
	if c.Managed(user) {
		return []binding.Problem{ProblemManaged}, nil
	}
	return passrules.Check(ctx, c.cfg.PasswordRules, c.authn.Hasher.MaxBytes(), password, user)
}
