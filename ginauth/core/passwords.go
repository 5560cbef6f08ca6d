package core

// Passwords: the rules for new ones, hashing and comparing.

import (
	"context"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passrules"
	"github.com/ginauth/gin-rest-auth/models"
)

// HashPassword encodes a password for models.User.Password. It waits for a free slot of Config.Hash
// and returns the error busy if there is none in time.
func (c *Core) HashPassword(ctx context.Context, password string) (string, error) {
	return c.hasher.Hash(ctx, password)
}

// ComparePassword compares a password with an encoding. The work is the same for an empty one, which
// fits no password.
func (c *Core) ComparePassword(ctx context.Context, encoded, password string) (passhash.Result, error) {
	return c.hasher.Verify(ctx, encoded, password)
}

// PasswordProblems rejects every password for a user of a backend. Otherwise it applies the rules in force and the
// hash's length limit to the normalized password.
func (c *Core) PasswordProblems(ctx context.Context, password string, user *models.User) ([]binding.Problem, error) {
	if c.Managed(user) {
		return []binding.Problem{ProblemManaged}, nil
	}
	return passrules.Check(ctx, c.cfg.PasswordRules, c.hasher.MaxBytes(), password, user)
}
