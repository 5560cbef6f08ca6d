package core

// Passwords: the rules for new ones, hashing and comparing.

import (
	"context"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passrules"
	"github.com/ginauth/gin-rest-auth/models"
)

// HashPassword encodes a password for models.User.Password. It waits for a free slot of Config.Hash
// and returns the error busy if there is none in time.
func (c *Core) HashPassword(ctx context.Context, password string) (string, error) {
	return c.hasher.Hash(ctx, password)
}

// A PasswordResult says whether a password is the one that was encoded.
type PasswordResult struct {
	OK        bool
	Rehashed  string // a new encoding to store in place of one that is out of date, see [Tx.Rehash]; else ""
	Truncated bool   // the encoding covers only the first bytes of the password, which match; OK is false then
}

// ComparePassword compares a password with an encoding. The work is the same for an empty encoding, which
// fits no password. Like [Core.HashPassword] it waits for a free slot.
func (c *Core) ComparePassword(ctx context.Context, encoded, password string) (PasswordResult, error) {
	result, err := c.hasher.Verify(ctx, encoded, password)
	return PasswordResult(result), err
}

// PasswordProblems rejects every password for a user of a backend. Otherwise it applies the rules in force and the
// hash's length limit to the normalized password.
func (c *Core) PasswordProblems(ctx context.Context, password string, user *models.User) ([]binding.Problem, error) {
	if c.Managed(user) {
		return []binding.Problem{ProblemManaged}, nil
	}
	return passrules.Check(ctx, c.cfg.PasswordRules, c.hasher.MaxBytes(), password, user)
}
