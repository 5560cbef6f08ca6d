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
	ch.Method = ch.state.Method
	return ch, nil
}

// Pass completes a login with a second factor, and returns the body of the response. factor is one that the user has, or
// one of [Setup.FallbackFactor]. work verifies the factor inside the transaction of the login, and spends a one-time
// factor. If work returns a *binding.Error, the factor is wrong, and After hooks are called for a failed login. The
// challenge stays valid, so the user can try again. After 10 wrong factors in 15 minutes, over all challenges of the user,
// each further try must wait: Pass then fails with 429 before work.
//
// [ErrTicket] means that the challenge was used, or became invalid, in between, or that the request does not come from
// the browser that began the login.
func (c *Core) Pass(g *gin.Context, ch *Challenge, factor string, work func(*Tx) error) (any, error) {
	user := ch.Account.Base()
	if !user.HasFactor(factor) && !slices.Contains(c.fallbacks, factor) {
		return nil, ErrPermission
	}
	if ch.state.Browser != "" && !c.cookies.BoundTo(g.Request, ch.state.Browser) {
		return nil, ErrTicket
	}
	attempt, err := c.guessFactor(g, user)
	if err != nil {
		return nil, err
	}
	wrong := false
	out, err := c.SignIn(g, Flow{
		Account: ch.Account, Method: ch.Method, ByMail: ch.state.ByMail, Short: ch.state.Short, Factors: 2, Attempt: attempt,
		first: ch.ticket.CreatedAt, second: factor,
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
