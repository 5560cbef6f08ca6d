package core

// Second factors: how features declare them, and where a login stops to ask for one. pass.go completes it.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/models"
)

// Factor declares a second factor. Users who have it, see [Tx.SetFactor], are asked for it at every login of any
// kind. models.User.Factors and binding.Challenge contain its name. A name that is taken, or has spaces, is an
// error of New.
func (s *Setup) Factor(name string) {
	s.declaring()
	if name == "" || len(name) > 64 || slices.ContainsFunc([]rune(name), func(r rune) bool { return r <= ' ' }) || slices.Contains(s.core.factors, name) {
		s.fail(fmt.Errorf("the factor %q is taken, or not of 1 to 64 characters without spaces", name))
		return
	}
	s.core.factors = append(s.core.factors, name)
}

// FallbackFactor declares a name with which a challenge can be passed besides the factors that a user has, such as
// recovery codes. It is not a factor of its own: users without another one are not asked for it. binding.Challenge contains its
// name.
func (s *Setup) FallbackFactor(name string) {
	s.declaring().core.fallbacks = append(s.core.fallbacks, name)
}

// errNoFactor means that the work of a flow removed the factors of its user.
var errNoFactor = errors.New("ginauth: the user no longer has a factor")

// challenge runs a flow without its login, and returns the challenge for the client. If the user has no factor
// after the work, it changes nothing and returns errNoFactor.
func (c *Core) challenge(g *gin.Context, f Flow) (any, error) {
	user := f.Account.Base()
	out := binding.Challenge{MFARequired: true}
	waits, err := c.waiting(g, f)
	if err != nil {
		return nil, err
	}
	err = c.Tx(g.Request.Context(), func(tx *Tx) error {
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
		out.Factors = append(now.FactorNames(), c.fallbacks...)
		if out.EphemeralToken, err = c.Issue(tx, forChallenge, now, waits); err != nil {
			return err
		}
		return f.Attempt.undo(tx)
	})
	if err != nil {
		return nil, err
	}
	f.committed(g.Request.Context())
	respond.SetSubject(g, f.Account)
	return out, nil
}

// waiting is the state of a login that waits for a second factor. It is sealed in the token of the challenge.
type waiting struct {
	Method  string `json:"m"`
	ByMail  bool   `json:"e,omitempty"`
	Short   bool   `json:"s,omitempty"`
	Browser string `json:"b,omitempty"` // hash of the cookie of the browser that began the login; "" for other clients
}

// waiting returns the sealed state of a flow. If the login gives its client only cookies, the challenge is bound to the
// browser by a cookie of its own, so a stolen token of a challenge is worth nothing elsewhere (T168).
func (c *Core) waiting(g *gin.Context, f Flow) ([]byte, error) {
	state := waiting{Method: f.Method, ByMail: f.ByMail, Short: f.Short}
	granted, err := c.grantFor(g.Request)
	if err == nil && granted.Credential == config.AskCookie {
		state.Browser, err = c.cookies.BindChallenge(g)
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(state)
}

// checkFactors fails if a user has a factor that no feature declares. No route could ask for it, and skipping it
// would let the user log in with one factor.
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
