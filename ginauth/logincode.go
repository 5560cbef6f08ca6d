package ginauth

// Login by a code or link in a mail.

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) loginCodeRoutes(s *Setup) {
	add(s, route{
		method: http.MethodPost, path: "login/code", status: http.StatusOK,
		doc: "Send a mail with a code to log in with.",
	}, a.sendLoginCode)
	add(s, route{
		method: http.MethodPost, path: "login/code/confirm", status: http.StatusOK, setsCookies: true,
		doc: "Log in with the code or key in the mail.",
	}, a.confirmLoginCode, checkKeyOrCode)
}

// sendLoginCode answers POST login/code/, alike for every address.
func (a *Auth) sendLoginCode(c *gin.Context, in *binding.Address) (binding.Detail, error) {
	err := a.postToHolder(c, in.Email, mailLoginCode)
	return binding.Detail{Detail: a.say(c, "done.code_sent", nil)}, err
}

// confirmLoginCode answers POST login/code/confirm/. It also confirms the address. If that was
// not confirmed and the request has no session of the account, the account is disarmed: a
// stranger may have signed up with the address (T114). It is refused in a session of another
// account, which it would replace (T111).
func (a *Auth) confirmLoginCode(c *gin.Context, in *binding.Proof) (binding.LoginResponse, error) {
	var none binding.LoginResponse
	field := "key"
	if in.Code != "" {
		field = "code"
	}
	refused := binding.Invalid(field, problemTicket)
	ticket, account, err := a.ticketFor(c.Request.Context(), forLogin, proofOf(in))
	if errors.Is(err, errTicket) {
		a.loginFailed(c, in.Email, methodCode)
	}
	if err != nil {
		return none, asTicketError(err, refused)
	}
	id, err := a.currentIdentity(c)
	if err != nil {
		return none, a.tried(c, ticket, in.Code, err, refused)
	}
	if id != nil && id.account.Base().ID != account.Base().ID {
		return none, a.tried(c, ticket, in.Code, errPermission, refused)
	}
	var confirmed *confirmation
	var invite bool
	out, err := a.signIn(c, flow{
		account: account, method: methodCode,
		work: func(tx *store.Tx) (err error) {
			confirmed, invite, err = a.redeemLoginCode(c, tx, account, ticket, id != nil)
			return err
		},
		then: func(tx *store.Tx) error {
			if !invite {
				return nil
			}
			return a.invite(c, tx, account.Base().ID)
		},
		committed: func() { a.notifyConfirmed(c.Request.Context(), confirmed) },
	})
	return out, a.tried(c, ticket, in.Code, err, refused)
}

// redeemLoginCode spends a ticket and confirms its address unless that is confirmed. It reports
// whether it has disarmed an account with a password, whose owner needs a new one.
func (a *Auth) redeemLoginCode(c *gin.Context, tx *store.Tx, account models.Account, t *models.Ticket, inSession bool) (done *confirmation, disarmed bool, err error) {
	if _, err := a.redeem(tx, t); err != nil {
		return nil, false, err
	}
	if known, err := isConfirmed(tx, t); err != nil || known {
		return nil, false, err
	}
	if !inSession {
		disarmed = account.Base().HasPassword()
		if err := a.disarm(tx, account, t.Key, time.Time{}); err != nil {
			return nil, false, err
		}
	}
	done, err = a.confirmTicket(c, tx, account, t, inSession)
	return done, disarmed, err
}
