package core

// Credentials and passwords. Package authn verifies them, and package passrules checks new ones.

import (
	"cmp"
	"context"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/authn"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passrules"
	"github.com/ginauth/gin-rest-auth/models"
)

// MayUse reports whether an account can be used: it is active, and its deletion is not due.
func (c *Core) MayUse(u *models.User) bool { return c.authn.MayUse(u) }

// Managed reports whether only a backend can log a user in.
func (c *Core) Managed(user *models.User) bool { return c.authn.Managed(user) }

// IsOurType returns an error for nil, and for users of another type than Config.NewUser makes, whose rows are in
// another table.
func (c *Core) IsOurType(account models.Account) error { return c.authn.IsOurType(account) }

// Authenticate returns the login of the user with this name and password. Pass it to [Core.SignIn] or, if the ID of
// the account is 0, to [Core.SignInNew]: then a backend knows the user, and the table does not. The error is
// [ErrCredentials], whichever part of the credentials is wrong. Work of the flow updates the encoding of the
// password, and the name of a user that a backend found by its ID; [ErrExists] of SignIn means that this name is
// taken.
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

// ErrTruncated means that the stored encoding covers only the first bytes of a password, and these match. The
// password is rejected.
var ErrTruncated = authn.ErrTruncated

// ErrGuessed means that an error came after a password was found wrong. The attempt counts.
var ErrGuessed = authn.ErrGuessed

// VerifyPassword reports whether a password is the user's. It does the same work if account is nil. A password that
// is stored for a user of a backend does not count.
func (c *Core) VerifyPassword(ctx context.Context, account models.Account, password string) (bool, error) {
	result, err := c.authn.VerifyPassword(ctx, account, password)
	return result.OK, err
}

// LogTruncated logs why a user whose password was imported from another program cannot log in.
func (c *Core) LogTruncated(ctx context.Context, user *models.User) {
	c.authn.LogTruncated(ctx, user)
}

// queue puts the hashes of a request into the lane of its network, or of the IPv6 /48 around it, whose networks would get as many turns.
// Users of a network that is not counted, such as an own server's, share no turns. Call leave when the request ends.
func (c *Core) queue(g *gin.Context) (leave func()) {
	place := c.placeOf(g)
	lane := passhash.NewLane(cmp.Or(client.Site(place.network), place.network), cmp.Or(client.Site(place.counted), place.counted))
	g.Request = g.Request.WithContext(passhash.WithLane(g.Request.Context(), lane))
	return lane.Leave
}

// Proven notes that a request has a session or a valid ticket, by the name of its user or ticket. Its hashes then come before
// those of other clients, one at a time for each name. Call it only after the proof was checked.
func (c *Core) Proven(ctx context.Context, name string) {
	passhash.LaneOf(ctx).Prove(name)
}

// HashPassword encodes a password for models.User.Password. It waits for a free slot of Config.Hash, and returns
// the error busy if it gets none in time.
func (c *Core) HashPassword(ctx context.Context, password string) (string, error) {
	return c.authn.Hasher.Hash(ctx, password)
}

// ComparePassword reports whether an encoding is that of a password. An empty encoding takes the same work and fits
// no password. Like [Core.HashPassword] it waits for a free slot. Its error can be [ErrTruncated].
func (c *Core) ComparePassword(ctx context.Context, encoded, password string) (bool, error) {
	result, err := c.authn.Hasher.Verify(ctx, encoded, password)
	if err == nil && result.Truncated {
		err = ErrTruncated
	}
	return result.OK, err
}

// PasswordProblems returns what is wrong with a new password, by Config.PasswordRules and the length limit of the
// hash; nil if nothing is. It rejects every password for a user of a backend.
func (c *Core) PasswordProblems(ctx context.Context, password string, user *models.User) ([]binding.Problem, error) {
	if c.Managed(user) {
		return []binding.Problem{ProblemManaged}, nil
	}
	return passrules.Check(ctx, c.cfg.PasswordRules, c.askRule, c.authn.Hasher.MaxBytes(), password, user)
}
