package social

// The rows of new users, with what they chose.

import (
	"context"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Complete is the body of POST socialsignup/. It also has the application's own fields of config.Config.Forms.SignUp.
type Complete struct {
	SignUpTicket string `json:"ticket" binding:"required,maxbytes=128"`
	Username     string `json:"username" binding:"omitempty,max=150,username"`
	Email        string `json:"email" binding:"omitempty,max=254,address"` // ignored if the provider has verified one
	FirstName    string `json:"first_name" binding:"max=150"`              // both names replace those of the provider, if one is not empty
	LastName     string `json:"last_name" binding:"max=150"`
	Invitation   string `json:"invitation" binding:"max=128"` // the key of an invitation; ignored unless the application has package invite
}

// suggest returns a free user name, and whether the user must choose one instead.
func (f *feature) suggest(ctx context.Context, p *proof) (name string, asks bool, err error) {
	use := f.cfg.SignUpFields.Username
	if use == config.FieldOff {
		return "", false, nil
	}
	names, err := f.freeNames(ctx, p.profile, 1)
	if len(names) > 0 {
		name = names[0]
	}
	return name, use == config.FieldRequired && (name == "" || f.options.AskUsername), err
}

// lacksAddress reports whether a new user needs an address, or one that is confirmed, and has none.
func (f *feature) lacksAddress(user *models.User) bool {
	return f.cfg.SignUpFields.Email == config.FieldRequired && user.Email == "" || f.mustConfirm(user)
}

// mustConfirm reports whether a new user cannot log in before they have confirmed an address.
func (f *feature) mustConfirm(user *models.User) bool {
	return f.cfg.EmailVerification == config.VerifyMandatory && (user.Email == "" || user.SignedUp)
}

// newUser returns the user of a proof with what they chose, not stored yet. An address that the provider has verified is theirs.
// Any other one is stored as that of a registration.
func (f *feature) newUser(g *gin.Context, p *proof, chosen *Complete) models.Account {
	account := f.cfg.NewUser()
	user := account.Base()
	user.FirstName, user.LastName = clip(p.profile.FirstName, maxNameRunes), clip(p.profile.LastName, maxNameRunes)
	if chosen.FirstName != "" || chosen.LastName != "" {
		user.FirstName, user.LastName = chosen.FirstName, chosen.LastName
	}
	user.Locale = f.core.MatchLanguage(g.GetHeader("Accept-Language"))
	if f.cfg.SignUpFields.Username != config.FieldOff {
		user.SetUsername(chosen.Username)
	}
	address := p.profile.Email
	if !p.profile.EmailVerified && chosen.Email != "" {
		address = chosen.Email
	}
	if f.cfg.SignUpFields.Email != config.FieldOff && binding.ValidEmail(address) {
		user.SetEmail(address)
		user.SignedUp = !p.profile.EmailVerified
	}
	return account
}

// create stores a new user with their identity. It logs them in, or mails the link that they need before they can log in.
// again is the user of the sign-up that it replaces, or 0.
func (f *feature) create(g *gin.Context, p *proof, request, invitation string, account models.Account, again int64) (any, error) {
	if guard := f.cfg.RegisterGuard; guard != nil {
		if err := guard(g.Request); err != nil {
			return nil, err
		}
	}
	if err := f.core.ApplyForm(g, nil, account); err != nil {
		return nil, err
	}
	attempt, err := f.core.CountSignUp(g)
	if err != nil {
		return nil, err
	}
	user, flow := account.Base(), core.Flow{Account: account, Method: method(p.source), Invitation: invitation, Again: again}
	flow.First = func(tx *core.Tx) error {
		if err := f.use(tx, p, request); err != nil {
			return err
		}
		return f.dropPending(tx, p)
	}
	connect := func(tx *core.Tx) error {
		_, err := f.connect(g, tx, p, user.ID)
		return err
	}
	var out any
	if f.mustConfirm(user) {
		flow.Then = connect
		out, err = f.core.SignUpPending(g, flow)
	} else {
		flow.Work = func(tx *core.Tx) error {
			if err := connect(tx); err != nil {
				return err
			}
			return f.mailClaim(g, tx, user)
		}
		out, err = f.core.SignInNew(g, flow)
	}
	if err != nil {
		attempt.GiveBack(g)
	}
	return out, err
}

// mayRestart reports whether a user is a sign-up whose address was never confirmed, so that a login with the provider begins it again.
// A banned or inactive user stays so.
func (f *feature) mayRestart(u *models.User) bool {
	return u.Pending && u.IsActive && !u.IsBanned(f.core.Now())
}

// dropPending deletes the sign-up of the same identity whose address was never confirmed: the user begins again, perhaps with another
// address.
func (f *feature) dropPending(tx *core.Tx, p *proof) error {
	known, err := find(tx.DB, p.source.Name, p.profile.Subject)
	if err != nil || known == nil {
		return err
	}
	user, err := tx.LockedUser(known.UserID)
	if err != nil {
		return core.NotFoundAs(err, core.ErrChanged)
	}
	if !f.mayRestart(user) {
		return core.ErrExists
	}
	return tx.DeleteUser(user.ID)
}

// mailClaim mails the link that confirms an address which the provider has not verified.
func (f *feature) mailClaim(g *gin.Context, tx *core.Tx, user *models.User) error {
	if !user.SignedUp || user.Email == "" || f.cfg.EmailVerification == config.VerifyNone {
		return nil
	}
	return f.core.Post(g, tx, core.Mail{Kind: core.MailVerify, User: user, Address: user.Email, Asked: true, Opened: true, Only: true})
}
