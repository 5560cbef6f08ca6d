package core

// Hashing and comparing passwords.

import (
	"context"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
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
