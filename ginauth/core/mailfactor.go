package core

// Second factors that are proven by a mail. Together with a login by a mail they are one factor.

import (
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
	"github.com/ginauth/gin-rest-auth/models"
)

func (c *Core) isMailFactor(name string) bool { return slices.Contains(c.mailFactors, name) }

// proofAddress is in models.Session.Proofs next to the method of a login that rests on an address; see Flow.ByAddress.
const proofAddress = "address"

// provenByMail reports whether someone who reads the user's mails could have made all proofs of a session.
func (c *Core) provenByMail(s *models.Session) bool {
	proofs := s.ProofList()
	byAddress := slices.ContainsFunc(proofs, func(p models.Proof) bool { return p.Name == proofAddress })
	return !slices.ContainsFunc(proofs, func(p models.Proof) bool {
		return !slices.Contains([]string{MethodLink, "code", proofAddress}, p.Name) && !c.isMailFactor(p.Name) && (!byAddress || p.Name != s.Method)
	})
}

// ProvenByMail reports whether someone who reads the user's mails could have made all proofs of the session of the request. A
// factor of [Setup.MailFactor] would prove the mailbox again there. Use it in routes with AccessUser.
func (c *Core) ProvenByMail(g *gin.Context) bool { return c.provenByMail(Session(g)) }

// RedeemCode spends the ticket of a code that was mailed to a user, in the transaction that uses it, or returns
// [ErrTicket]. It counts no tries, so call it where [Core.Pass], [Core.Enrol] or [Core.TryFactor] does. [Core.TicketFor] is for
// clients that have no other proof.
func (c *Core) RedeemCode(tx *Tx, kind string, user *models.User, address, code string) error {
	t, err := c.tickets.CodeOf(tx.rows, kind, user.ID, models.EmailKey(address), code)
	if err != nil {
		return err
	}
	if _, err := c.tickets.Redeem(tx.rows, t); err != nil {
		if ticket.IsErr(err) {
			err = ErrTicket
		}
		return err
	}
	return nil
}
