package ginauth

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

func loginCodeRoutes() []route {
	return []route{
		{
			method: http.MethodPost, path: "login/code", status: http.StatusOK,
			doc: "Send a mail with a code to log in with.", action: handle((*Auth).sendLoginCode, nil),
		},
		{
			method: http.MethodPost, path: "login/code/confirm", status: http.StatusOK, setsCookies: true,
			doc: "Log in with the code or key in the mail.", action: handle((*Auth).confirmLoginCode, checkKeyOrCode),
		},
	}
}

// sendLoginCode answers POST login/code/, alike for every address.
func (a *Auth) sendLoginCode(c *gin.Context, in *binding.Address) (binding.Detail, error) {
	err := a.postToOwner(c, in.Email, mailLoginCode)
	return binding.Detail{Detail: a.say(c, "done.code_sent", nil)}, err
}

// confirmLoginCode answers POST login/code/confirm/. It also confirms the address; where it
// was not, whoever signed up with it before is shut out, password and all (T114).
func (a *Auth) confirmLoginCode(c *gin.Context, in *binding.Proof) (binding.LoginResponse, error) {
	var none binding.LoginResponse
	ctx := c.Request.Context()
	field := "key"
	if in.Code != "" {
		field = "code"
	}
	refused := binding.Invalid(field, problemTicket)
	ticket, account, err := a.ticketFor(ctx, forLogin, proofOf(in))
	if errors.Is(err, errTicket) {
		a.loginFailed(c, in.Email, methodCode)
	}
	if err != nil {
		return none, asTicketError(err, refused)
	}
	var proved *confirmation
	out, err := a.signIn(c, flow{account: account, method: methodCode, work: func(tx *store.Tx) (err error) {
		if _, err := a.redeem(tx, ticket); err != nil {
			return err
		}
		proved, err = a.takeOver(c, tx, account, ticket)
		return err
	}, committed: func() { a.tellProved(c, proved) }})
	return out, a.tried(c, ticket, in.Code, err, refused)
}
