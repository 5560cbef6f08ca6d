package core

// Second factors: how one completes a login that waits for it. Where the login stops is in challenge.go.

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
	maxFactorTries = 10 // wrong factors of a user in factorWindow, over all challenges
	factorWindow   = 15 * time.Minute
)

// A Challenge is a login that waits for a second factor.
type Challenge struct {
	Account models.Account // who proved the first factor
	Method  string         // how
	byMail  bool           // Flow.ByMail
	ticket  *models.Ticket
}

// Challenge finds the login that waits, by the ephemeral token of binding.Challenge. [ErrTicket] means that the token
// is unknown, expired, used or void: since it was given out, the user's password or factors were changed, all their
// sessions were ended, or too many wrong factors were tried. A token lives for 5 minutes and completes one login.
func (c *Core) Challenge(ctx context.Context, token string) (*Challenge, error) {
	ticket, account, payload, err := c.Issued(ctx, forChallenge, token)
	if err != nil {
		return nil, err
	}
	tried, err := c.countFactor(ctx, account.Base(), 0)
	if err == nil && tried >= maxFactorTries {
		err = ErrTicket
	}
	method, byMail := strings.CutSuffix(string(payload), byMailMark)
	return &Challenge{Account: account, Method: method, byMail: byMail, ticket: ticket}, err
}

// Pass completes a login with a second factor, and returns the body of the response. work verifies the factor inside
// the transaction of the login, and spends what is good only once. A *binding.Error of work says that the factor is
// wrong, and After hooks hear of a failed login. Each call counts as a try until one ends in a login, whatever the reason. The
// challenge stays valid, so the user can try again.
// [ErrTicket] means that the challenge was used, or became void, in between.
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
	out, err := c.SignIn(g, Flow{Account: ch.Account, Method: ch.Method, ByMail: ch.byMail, Factors: 2, Work: func(tx *Tx) error {
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
		c.LoginFailed(g, user.Username, factor)
	}
	return out, c.AsTicketError(err, ErrTicket)
}

// countFactor adds to the wrong factors of a user, and returns how many there are.
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
