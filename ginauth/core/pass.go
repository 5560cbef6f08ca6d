package core

// Second factors: completing a login that waits for one. challenge.go has the code that stops the login.

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

const (
	maxFactorTries = 10 // wrong factors of a user within factorWindow, over all challenges
	factorWindow   = 15 * time.Minute
)

// A Challenge is a login that waits for a second factor.
type Challenge struct {
	Account models.Account // the user who passed the first factor
	Method  string         // Flow.Method
	byMail  bool           // Flow.ByMail
	short   bool           // Flow.Short
	ticket  *models.Ticket
}

// Challenge returns the login that waits for a second factor, by the ephemeral token of binding.Challenge.
// [ErrTicket] means that the token is unknown, expired, used or no longer valid: since it was issued, the user's
// password or factors changed, all their sessions were ended, or too many wrong factors were tried. A token is
// valid for 5 minutes and completes one login.
func (c *Core) Challenge(ctx context.Context, token string) (*Challenge, error) {
	ticket, account, payload, err := c.TicketByKey(ctx, forChallenge, token)
	if err != nil {
		return nil, err
	}
	tried, err := c.countFactor(ctx, account.Base(), 0)
	if err == nil && tried >= maxFactorTries {
		err = ErrTicket
	}
	method, short := strings.CutSuffix(string(payload), shortMark)
	method, byMail := strings.CutSuffix(method, byMailMark)
	return &Challenge{Account: account, Method: method, byMail: byMail, short: short, ticket: ticket}, err
}

// Pass completes a login with a second factor, and returns the body of the response. work verifies the factor
// inside the transaction of the login, and spends a one-time factor. If work returns a *binding.Error, the factor
// is wrong, and After hooks are called for a failed login. Each call counts as a try, whatever the reason, until
// one ends in a login. The challenge stays valid, so the user can try again. [ErrTicket] means that the challenge
// was used, or became invalid, in between.
func (c *Core) Pass(g *gin.Context, ch *Challenge, factor string, work func(*Tx) error) (any, error) {
	ctx, user := g.Request.Context(), ch.Account.Base()
	if !user.HasFactor(factor) {
		return nil, ErrPermission
	}
	tried, err := c.countFactor(ctx, user, 1)
	if err != nil {
		return nil, err
	}
	if tried > maxFactorTries {
		return nil, ErrTicket
	}
	wrong := false
	out, err := c.SignIn(g, Flow{Account: ch.Account, Method: ch.Method, ByMail: ch.byMail, Short: ch.short, Factors: 2, Work: func(tx *Tx) error {
		if _, err := c.Redeem(tx, ch.ticket); err != nil {
			return err
		}
		if err := work(tx); err != nil {
			refused, ok := errors.AsType[*binding.Error](err)
			wrong = ok && refused.Status < 500
			return err
		}
		wrong = false // the transaction may run again
		return tx.rows.Forget(c.factorCounter(user))
	}})
	if wrong {
		c.loginFailed(g, ch.Account, user.Username, factor)
	}
	return out, c.AsTicketError(err, ErrTicket)
}

// countFactor adds to the number of wrong factors of a user, and returns it.
func (c *Core) countFactor(ctx context.Context, u *models.User, add int64) (tried int64, err error) {
	err = c.Tx(ctx, func(tx *Tx) error {
		tried, err = tx.rows.Count(c.factorCounter(u), add, c.Now(), factorWindow)
		return err
	})
	return tried, err
}

func (c *Core) factorCounter(u *models.User) string {
	return secret.CounterName(c.tickets.CounterKey, "factor", strconv.FormatInt(u.ID, 10))
}
