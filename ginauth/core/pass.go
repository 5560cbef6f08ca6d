package core

// Second factors: completing a login that waits for one. challenge.go has the code that stops the login.

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// A Challenge is a login that waits for a second factor.
type Challenge struct {
	Account models.Account // the user who passed the first factor
	Method  string         // Flow.Method
	Short   bool           // Flow.Short
	SetUp   bool           // the user has no second factor and must set one up: call Enrol, not Pass
	ByMail  bool           // Flow.ByMail or Flow.ByAddress: a factor of a mail would prove the same mailbox again
	// Vouched says that more than a password, or another stored secret, proves the user: a mail, or the sign-up itself. The first login
	// of a user of a backend is no sign-up: their password is older than the account.
	Vouched bool
	state   waiting
	ticket  *models.Ticket
}

// Challenge returns the login that waits for a second factor, by the ephemeral token of binding.Challenge.
// [ErrTicket] means that the token is unknown, expired, used or no longer valid: since it was issued, the user's
// password or factors changed, or all their sessions were ended. A token is valid for 5 minutes and completes one login.
func (c *Core) Challenge(ctx context.Context, token string) (*Challenge, error) {
	ticket, account, payload, err := c.TicketByKey(ctx, forChallenge, token)
	if err != nil {
		return nil, err
	}
	ch := &Challenge{Account: account, ticket: ticket}
	if json.Unmarshal(payload, &ch.state) != nil {
		return nil, ErrTicket
	}
	ch.Method, ch.Short, ch.SetUp = ch.state.Method, ch.state.Short, ch.state.SetUp
	ch.ByMail = ch.state.ByMail || ch.state.ByAddr
	ch.Vouched = ch.state.Vouched
	return ch, nil
}

// Pass completes a login with a second factor, and returns the body of the response. factor is one that the user has, or
// one of [Setup.FallbackFactor], and not the method of the first factor. work verifies the factor inside the transaction of the login, and spends a one-time
// factor. If work returns a *binding.Error, the factor is wrong, and After hooks are called for a failed login. The
// challenge stays valid, so the user can try again. Above config.Limits.Factor, over all challenges of the user,
// each further try must wait: Pass then fails with 429 before work.
//
// [ErrTicket] means that the challenge was used, or became invalid, in between, or that the request does not come from
// the browser that began the login.
func (c *Core) Pass(g *gin.Context, ch *Challenge, factor string, work func(*Tx) error) (any, error) {
	user := ch.Account.Base()
	isFallback := slices.ContainsFunc(c.fallbacks, func(f fallback) bool { return f.name == factor })
	if ch.SetUp || c.repeats(factor, ch.Method, ch.ByMail) || !user.HasFactor(factor) && !isFallback {
		return nil, ErrPermission
	}
	return c.pass(g, ch, factor, work)
}

// Enrol completes a login whose user has to set up a second factor; see [Challenge].SetUp. It is [Core.Pass], with work
// that verifies and stores the factor, and calls [Tx.SetFactor]. Such a login may come from someone who stole the
// password while the user had no factor, so ask for another proof unless Challenge.Vouched is set.
func (c *Core) Enrol(g *gin.Context, ch *Challenge, factor string, work func(*Tx) error) (any, error) {
	if !ch.SetUp || !slices.Contains(c.factors, factor) {
		return nil, ErrPermission
	}
	return c.pass(g, ch, factor, func(tx *Tx) error {
		err := work(tx)
		ch.Account.Base().Factors = factor
		return err
	})
}

// pass completes a login with a factor.
func (c *Core) pass(g *gin.Context, ch *Challenge, factor string, work func(*Tx) error) (any, error) {
	user := ch.Account.Base()
	if !c.IsBrowser(g, ch.state.Browser) {
		return nil, ErrTicket
	}
	attempt, err := c.guessFactor(g, user)
	if err != nil {
		return nil, err
	}
	wrong := false
	out, err := c.SignIn(g, Flow{
		Account: ch.Account, Method: ch.Method, ByMail: ch.state.ByMail, ByAddress: ch.state.ByAddr, Short: ch.state.Short,
		Factors: 2, Attempt: attempt,
		first: ch.ticket.CreatedAt, second: factor, asked: ch.state.Asked, Later: ch.state.Later,
		Work: func(tx *Tx) error {
			wrong = false // the transaction may run again
			if _, err := c.Redeem(tx, ch.ticket); err != nil {
				return err
			}
			err := work(tx)
			refused, ok := errors.AsType[*binding.Error](err)
			wrong = ok && refused.Status < 500
			return err
		},
	})
	if wrong {
		c.loginFailed(g, ch.Account, user.Username, factor)
	} else if err != nil {
		attempt.GiveBack(g)
	}
	return out, c.AsTicketError(err, ErrTicket)
}

// SpendChallenge spends a login that waits for a second factor, and does work in the same transaction instead of the login, such
// as starting to remove factors that the user has lost. A *binding.Error of work means that a code is wrong. The challenge then
// stays valid, and the try counts as one of [Core.Pass]. Errors are those of Pass.
func (c *Core) SpendChallenge(g *gin.Context, ch *Challenge, work func(*Tx) error) error {
	if !c.IsBrowser(g, ch.state.Browser) {
		return ErrTicket
	}
	attempt, err := c.guessFactor(g, ch.Account.Base())
	if err != nil {
		return err
	}
	err = c.Tx(g.Request.Context(), func(tx *Tx) error {
		if _, err := c.Redeem(tx, ch.ticket); err != nil {
			return err
		}
		return work(tx)
	})
	if isRefused(err) {
		c.loginFailed(g, ch.Account, ch.Account.Base().Username, MethodFactor)
	} else {
		attempt.GiveBack(g)
	}
	return c.AsTicketError(err, ErrTicket)
}
