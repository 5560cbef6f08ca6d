package core

// Second factors: how features declare them, and where a login stops to ask for one. pass.go completes it.

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/custom"
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
	s.core.factors, s.factors = append(s.core.factors, name), append(s.factors, name)
}

// MailFactor is [Setup.Factor] for a factor that users prove with a secret from a mail. A login that began with a mail, or
// with an address alone, does not offer or accept it: someone who reads the mails would have proven one factor twice. [Core.RaiseSession] does not count it
// as a second factor in a session whose other proofs came from mails.
func (s *Setup) MailFactor(name string) {
	s.Factor(name)
	s.core.mailFactors = append(s.core.mailFactors, name)
}

// FallbackFactor declares a name with which a challenge can be passed besides the factors that a user has, such as
// recovery codes. It is not a factor of its own: users without another one are not asked for it. binding.Challenge contains its
// name.
func (s *Setup) FallbackFactor(name string) { s.FallbackFactorIf(name, nil) }

// FallbackFactorIf is [Setup.FallbackFactor] for a name that only some users can use, such as those with a passkey. has
// reports whether a user can. It is called for each challenge, in its transaction, with the user locked. nil means that all can.
func (s *Setup) FallbackFactorIf(name string, has func(tx *Tx, userID int64) (bool, error)) {
	s.declaring().core.fallbacks = append(s.core.fallbacks, fallback{name, has})
}

// repeats reports whether a factor proves again what a login began with: the same passkey, or the same mailbox.
func (c *Core) repeats(factor, method string, byMailbox bool) bool {
	return factor == method || byMailbox && c.isMailFactor(factor)
}

// passedBy returns the names with which a user can pass the challenge of a flow.
func (c *Core) passedBy(tx *Tx, user *models.User, f Flow) ([]string, error) {
	names := user.FactorNames()
	for _, b := range c.fallbacks {
		if b.has != nil && !slices.Contains(names, b.name) {
			if has, err := b.has(tx, user.ID); err != nil {
				return nil, custom.Failure("FallbackFactorIf of a feature", err)
			} else if !has {
				continue
			}
		}
		if !slices.Contains(names, b.name) {
			names = append(names, b.name)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return c.repeats(name, f.Method, f.byMailbox()) }), nil
}

// errNoFactor means that the work of a flow removed the factors of its user, or that the user has set one up by then.
var errNoFactor = fmt.Errorf("ginauth: the user's factors are not what they were: %w", ErrChanged)

// challenge runs a flow without its login, and returns the challenge for the client. If the user has no factor
// after the work, it changes nothing and returns errNoFactor; with setUp it is the other way round.
func (c *Core) challenge(g *gin.Context, f Flow, setUp bool) (any, error) {
	user := f.Account.Base()
	out := binding.Challenge{MFARequired: true, SetupRequired: setUp, Factors: []string{}}
	waits, err := c.waiting(g, f, setUp)
	if err != nil {
		return nil, err
	}
	err = c.Tx(g.Request.Context(), func(tx *Tx) error {
		if err := f.work(tx); err != nil {
			return err
		}
		if setUp != (user.Factors == "") {
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
		if !setUp {
			if out.Factors, err = c.passedBy(tx, now, f); err != nil {
				return err
			}
		}
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
	ByAddr  bool   `json:"a,omitempty"` // Flow.ByAddress
	Vouched bool   `json:"v,omitempty"` // Challenge.Vouched
	Short   bool   `json:"s,omitempty"`
	SetUp   bool   `json:"u,omitempty"` // the user has no factor yet, and must set one up
	Browser string `json:"b,omitempty"` // hash of the cookie of the browser that began the login; "" for other clients
	Asked   string `json:"c,omitempty"` // config.CredentialHeader of the request that began the login
	Later   Later  `json:"l,omitzero"`
}

// waiting returns the sealed state of a flow. If the login gives its client only cookies, the challenge is bound to the
// browser by a cookie of its own, so a stolen token of a challenge is worth nothing elsewhere (T168).
func (c *Core) waiting(g *gin.Context, f Flow, setUp bool) ([]byte, error) {
	state := waiting{
		Method: f.Method, ByMail: f.ByMail, ByAddr: f.ByAddress, Vouched: f.ByMail || f.created, Short: f.Short, SetUp: setUp, Later: f.Later,
		Asked: g.GetHeader(config.CredentialHeader),
	}
	var err error
	if state.Browser, err = c.BindBrowser(g); err != nil {
		return nil, err
	}
	return json.Marshal(state)
}

// BindBrowser binds a login that is not complete to the browser of the request, if the login gives its client only cookies. It
// sets a cookie and returns its mark, which [Core.IsBrowser] compares. The mark of any other client is "".
func (c *Core) BindBrowser(g *gin.Context) (mark string, err error) {
	granted, err := c.grantFor(g.Request)
	if err != nil || granted.Credential != config.AskCookie {
		return "", err
	}
	return c.cookies.BindChallenge(g)
}

// IsBrowser reports whether a request comes from the browser with a mark of [Core.BindBrowser]. It is true for the mark "".
func (c *Core) IsBrowser(g *gin.Context, mark string) bool {
	return mark == "" || c.cookies.BoundTo(g.Request, mark)
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
