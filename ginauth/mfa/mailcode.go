package mfa

// Codes in mails, which prove that the user reads the mails of the account.

import (
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

var errEmailCode = binding.Invalid("email_code", core.ProblemTicket)

// mailCode mails a code to a user. It returns errUnreachable if the user has no address, or has confirmed none and must have.
func (f *feature) mailCode(g *gin.Context, user *models.User, kind string, onlyConfirmed bool) error {
	return f.postCode(g, user, func(tx *core.Tx) (core.Mail, error) {
		to, confirmed, err := f.core.Reachable(tx, user.ID, user.Email)
		if err == nil && (to == "" || onlyConfirmed && !confirmed) {
			err = errUnreachable
		}
		return core.Mail{Kind: kind, User: user, Address: to, Confirmed: confirmed, Asked: true}, err
	})
}

// postCode stores the mail with a code that address returns. Only Mail.MaxPerHour codes go to an address within an hour; it then fails with
// 429. The client may know that, because it has already passed the first factor.
func (f *feature) postCode(g *gin.Context, user *models.User, address func(*core.Tx) (core.Mail, error)) error {
	var wait time.Duration
	err := f.core.Tx(g.Request.Context(), func(tx *core.Tx) error {
		if err := tx.LockUser(user.ID); err != nil {
			return err
		}
		mail, err := address(tx)
		if err != nil {
			return err
		}
		if mail, wait, err = f.core.AllowMail(g, tx, mail); err != nil || wait > 0 {
			return err
		}
		return f.core.PostUnlimited(g, tx, mail)
	})
	if err == nil && wait > 0 {
		err = core.RateLimited(wait)
	}
	return err
}

// spendMailed uses up a mailed code in a transaction that counts tries, or returns wrong.
func (f *feature) spendMailed(tx *core.Tx, user *models.User, code string, wrong error) error {
	to, _, err := f.core.Reachable(tx, user.ID, user.Email)
	if err != nil {
		return err
	}
	return f.core.AsTicketError(f.core.RedeemCode(tx, forMailCode, user, to, code), wrong)
}
