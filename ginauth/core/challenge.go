package core

// Second factors: their names, and where a login stops to ask for one. How it goes on is in pass.go.

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/models"
)

// Factor declares a second factor: users who have it, see [Tx.SetFactor], are asked for it by every way in. Its name
// is in models.User.Factors and in binding.Challenge. A name that is taken, or has spaces, is an error of New.
func (s *Setup) Factor(name string) {
	s.declaring()
	if name == "" || len(name) > 64 || slices.ContainsFunc([]rune(name), func(r rune) bool { return r <= ' ' }) || slices.Contains(s.core.factors, name) {
		s.fail(fmt.Errorf("the factor %q is taken, or not of 1 to 64 characters without spaces", name))
		return
	}
	s.core.factors = append(s.core.factors, name)
}

// errNoFactor says that the work of a flow has taken the factors from its user.
var errNoFactor = errors.New("ginauth: the user has no factor any more")

// challenge runs a flow without its login, and returns what the client completes it with. Its error is errNoFactor,
// and nothing is changed, if the user has no factor left after the work.
func (c *Core) challenge(g *gin.Context, f Flow) (any, error) {
	user := f.Account.Base()
	out := binding.Challenge{MFARequired: true}
	err := c.Tx(g.Request.Context(), func(tx *Tx) error {
		if err := f.work(tx); err != nil {
			return err
		}
		if user.Factors == "" {
			return errNoFactor
		}
		if err := tx.LockUser(user.ID); err != nil {
			return err
		}
		now, err := tx.LockedUser(user.ID)
		if err != nil {
			return err
		}
		if now.SessionEpoch != user.SessionEpoch || now.Factors != user.Factors {
			return ErrChanged
		}
		if err := f.then(tx); err != nil {
			return err
		}
		out.Factors = now.FactorNames()
		out.EphemeralToken, err = c.Issue(tx, forChallenge, now, f.noted())
		return err
	})
	if err != nil {
		return nil, err
	}
	f.committed()
	respond.SetSubject(g, f.Account)
	return out, nil
}

// checkFactors fails if a user has a factor that no feature declares: no route could ask for it, and without it the
// user would be in by one factor.
func (c *Core) checkFactors(ctx context.Context, u *models.User) error {
	if u.Factors == "" {
		return nil
	}
	for _, name := range u.FactorNames() {
		if slices.Contains(c.factors, name) {
			continue
		}
		if _, logged := c.unlisted.LoadOrStore(name, true); !logged {
			c.cfg.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: users have a second factor that no feature of this Auth declares, and cannot log in; "+
				"pass its feature to ginauth.New", slog.String("factor", name), slog.Int64("user", u.ID))
		}
		return respond.ErrUnavailable
	}
	return nil
}
