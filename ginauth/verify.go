package ginauth

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// errTicketGone is what dj-rest-auth's clients expect of a bad key.
var errTicketGone = &binding.Error{Status: http.StatusNotFound, Code: binding.CodeInvalidTicket}

func verifyRoutes(cfg *config.Config) []route {
	return []route{
		{
			method: http.MethodPost, path: "registration/verify-email", status: http.StatusOK, setsCookies: true,
			doc: "Confirm an address by the key or code in a mail.", action: handle((*Auth).verifyEmail, checkKeyOrCode, bothIf(cfg.LoginOnVerify)...),
		},
		{
			method: http.MethodPost, path: "registration/resend-email", status: http.StatusOK,
			doc: "Send the mail with the key once more.", action: handle((*Auth).resendEmail, nil),
		},
	}
}

func checkKeyOrCode(_ *Auth, _ *gin.Context, in *binding.Proof, good func(string) bool) error {
	return checkProof(map[string]string{"key": in.Key}, in.Email, in.Code, good)
}

func proofOf(in *binding.Proof) proof {
	if in.Code != "" {
		return proof{email: in.Email, code: in.Code}
	}
	return linkProof(in.Key)
}

// verifyEmail answers POST registration/verify-email/. Whoever shows that mails to an
// address reach him owns it; see [store.Tx.Confirm] for what that means for others.
func (a *Auth) verifyEmail(c *gin.Context, in *binding.Proof) (any, error) {
	ctx := c.Request.Context()
	ticket, account, err := a.ticketFor(ctx, forVerify, proofOf(in))
	if err != nil {
		return nil, asTicketError(err, errTicketGone)
	}
	user := account.Base()
	added := ticket.Key != models.EmailKey(user.Email) // later, and not at sign-up
	contested, err := a.isContested(c, ticket, user, added)
	if err != nil {
		return nil, err
	}
	var proved *confirmation
	redeem := func(tx *store.Tx) (err error) {
		if err := a.redeemVerify(c, tx, ticket, user, added); err != nil {
			return err
		}
		if contested {
			proved, err = a.confirmContested(c, tx, ticket, account)
		} else {
			proved, err = a.prove(c, tx, account, ticket)
		}
		return err
	}
	login, err := a.mayLogIn(c, user, a.cfg.LoginOnVerify && !contested)
	if err != nil {
		return nil, err
	}
	done := "done.email_verified"
	if contested {
		done = "done.email_contested"
	}
	out, err := a.complete(c, flow{login, account, methodLink, redeem, func() { a.tellProved(c, proved) }, done})
	return out, a.tried(c, ticket, in.Code, err, errTicketGone)
}

// redeemVerify spends a ticket unless its address has become another than it was when it was
// looked up, the primary one or an added one: its user confirmed another meanwhile (T114).
func (a *Auth) redeemVerify(c *gin.Context, tx *store.Tx, t *models.Ticket, user *models.User, added bool) error {
	now, err := a.redeem(tx, t)
	if err != nil {
		return err
	}
	if added != (t.Key != models.EmailKey(now.Email)) {
		return errTicket
	}
	if !added {
		return nil
	}
	return a.notifyConfirmed(c, tx, mailEmailAdded, user)
}

// isContested reports whether a link may be of another sign-up than that of whoever shows it:
// there were several with the address, and he is not logged in. Who is logged in as somebody
// else is refused then, since the link of a stranger's sign-up would take his address (T114).
func (a *Auth) isContested(c *gin.Context, t *models.Ticket, user *models.User, added bool) (bool, error) {
	if added {
		return false, a.requireSame(c, user)
	}
	id, err := a.whoever(c)
	if err != nil || id != nil && id.account.Base().ID == user.ID {
		return false, err
	}
	contested, err := a.store.Contested(c.Request.Context(), t.Key, user.ID, a.now())
	if err == nil && contested && id != nil {
		err = errPermission
	}
	return contested, err
}

// confirmContested gives the account to the owner of the address, and mails him a link to set
// a password, since the one it has may be a stranger's. It counts for no limit: it costs a
// ticket, and without it he would be locked out.
func (a *Auth) confirmContested(c *gin.Context, tx *store.Tx, t *models.Ticket, account models.Account) (*confirmation, error) {
	proved, err := a.takeOver(c, tx, account, t)
	if err != nil {
		return nil, err
	}
	his, err := tx.User(t.UserID) // a login may have changed him since he was read
	if err != nil {
		return nil, err
	}
	return proved, a.post(c, tx, letter{kind: mailReset, user: his, address: his.Email})
}

// requireSame wants the user himself to be logged in: an address that was added to an account
// is confirmed by its owner only there, so that nobody adds his to theirs (T114).
func (a *Auth) requireSame(c *gin.Context, user *models.User) error {
	if err := a.requireUser(c, false, notPersonal); err != nil {
		return err
	}
	if User(c).ID != user.ID {
		return errPermission
	}
	return nil
}

// mayLogIn reports whether a link may log its user in here: where the setting says so, and
// nobody else is logged in, whom a link that he was sent would throw out (T111).
func (a *Auth) mayLogIn(c *gin.Context, user *models.User, setting bool) (bool, error) {
	if !setting {
		return false, nil
	}
	id, err := a.whoever(c)
	return err == nil && (id == nil || id.account.Base().ID == user.ID), err
}

// whoever is who makes a request, nil where it has no credentials or they are refused.
func (a *Auth) whoever(c *gin.Context) (*identity, error) {
	id, err := a.identify(c, false)
	if refused, ok := errors.AsType[*binding.Error](err); ok && refused.Status < 500 {
		return nil, nil
	}
	return id, err
}

// resendEmail answers POST registration/resend-email/, alike for every address: a mail goes
// out only to one that somebody signed up with and nobody has confirmed. Those that a user
// added are for emails/:id/resend/.
func (a *Auth) resendEmail(c *gin.Context, in *binding.Address) (binding.Detail, error) {
	ctx := c.Request.Context()
	key := models.EmailKey(in.Email)
	confirmedBy, err := a.store.Confirmed(ctx, key, 0)
	if err != nil {
		return binding.Detail{}, err
	}
	claimant, err := a.store.Claimant(ctx, key, a.now())
	if err != nil {
		return binding.Detail{}, err
	}
	if confirmedBy.ID != 0 {
		claimant = 0
	}
	user, err := a.ownerOrNobody(ctx, claimant)
	if err != nil {
		return binding.Detail{}, err
	}
	l := letter{kind: mailVerify, user: user, address: models.NormalizeEmail(in.Email), asked: true, opened: true}
	if user.ID != 0 {
		l.address = user.Email // not as a stranger typed it
	}
	err = a.store.Tx(ctx, func(tx *store.Tx) error { return a.post(c, tx, l) })
	return binding.Detail{Detail: a.say(c, "done.verification_sent", nil)}, err
}

// ownerOrNobody reads a user who may use his account; for all others it is nobody.
func (a *Auth) ownerOrNobody(ctx context.Context, id int64) (*models.User, error) {
	account, err := a.store.UserByID(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nobody, nil
	}
	if err != nil {
		return nil, err
	}
	if !a.exists(account.Base()) {
		return nobody, nil
	}
	return account.Base(), nil
}

// newEmail is a row for an address of a user, not confirmed.
func newEmail(userID int64, address string, at time.Time) *models.Email {
	return &models.Email{UserID: userID, Address: models.NormalizeEmail(address), Key: models.EmailKey(address), CreatedAt: at}
}
