package social

// Who is logged in by a proof: the user of a known identity, an account that is linked by its address, or a new user.

import (
	"cmp"
	"context"
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// tries is how often enter starts again because another request changed the identity or took the name concurrently.
const tries = 4

// enter logs in the user of a proof. Every way in by a provider ends here. With Core.SignIn it returns the response of a login,
// or of a challenge for a second factor. request is a random text that names the request.
//
// A known subject is that user. Otherwise a verified address that an account has confirmed leads to that account, if
// Provider.LinkByEmail allows it, and is refused if not. Everyone else is a new user.
func (f *feature) enter(g *gin.Context, p *proof, request string) (out any, err error) {
	for range tries {
		out, err = f.enterOnce(g, p, request)
		if errors.Is(err, errEmailTaken) {
			err = f.stillTaken(g.Request.Context(), p)
		}
		err = core.NotFoundAs(err, core.ErrChanged) // the user was deleted
		if errors.Is(err, core.ErrOwnExists) || !errors.Is(err, core.ErrChanged) && !errors.Is(err, core.ErrExists) {
			return out, f.response(g, p.source, err)
		}
	}
	return nil, err
}

// errEmailTaken means that an account has the address of the proof.
var errEmailTaken = errors.New("social: an account has the address")

// stillTaken returns the error for a taken address, or [core.ErrChanged] if a concurrent first login of the same subject took it.
func (f *feature) stillTaken(ctx context.Context, p *proof) error {
	known, err := find(f.core.DB(ctx), p.source.Name, p.profile.Subject)
	if err == nil && known == nil {
		err = problem(CodeEmailTaken)
	}
	return cmp.Or(err, core.ErrChanged)
}

func (f *feature) enterOnce(g *gin.Context, p *proof, request string) (any, error) {
	ctx := g.Request.Context()
	known, err := find(f.core.DB(ctx), p.source.Name, p.profile.Subject)
	if err != nil {
		return nil, err
	}
	if known != nil {
		if p.only != 0 && p.only != known.UserID {
			return nil, errOtherUser
		}
		return f.enterKnown(g, p, known, request)
	}
	if p.profile.EmailVerified {
		owner, err := f.core.OwnerOf(ctx, models.EmailKey(p.profile.Email), 0)
		if err != nil {
			return nil, err
		}
		if owner.Confirmed {
			if p.only != 0 && p.only != owner.User.ID {
				return nil, errOtherUser
			}
			return f.enterLinked(g, p, owner.User, request)
		}
	}
	if p.only != 0 {
		return nil, errOtherUser
	}
	return f.signUp(g, p, request)
}

// enterKnown logs in the user of an identity. It fails with [core.ErrChanged] if the identity was disconnected concurrently.
func (f *feature) enterKnown(g *gin.Context, p *proof, known *models.Identity, request string) (any, error) {
	account, err := f.core.UserByID(g.Request.Context(), known.UserID)
	if err != nil {
		return nil, core.NotFoundAs(err, core.ErrCredentials) // deleted with SQL, for example
	}
	if user := account.Base(); p.source.Development && (user.IsStaff || user.IsSuperuser) {
		return nil, core.ErrCredentials
	}
	if f.core.Managed(account.Base()) { // their directory decides whether they may log in
		return nil, core.ErrCredentials
	}
	return f.core.SignIn(g, core.Flow{Account: account, Method: method(p.source), Work: func(tx *core.Tx) error {
		if err := tx.LockUser(known.UserID); err != nil {
			return err
		}
		now, err := find(tx.DB, p.source.Name, p.profile.Subject)
		if err != nil {
			return err
		}
		if now == nil || now.ID != known.ID {
			return core.ErrChanged
		}
		if err := f.use(tx, p, request); err != nil {
			return err
		}
		return f.refresh(tx, p, known.ID, true)
	}})
}

// enterLinked connects an account that has confirmed the address of the proof, and logs its user in. A user with a second
// factor is still asked for it; the identity is then connected already, as somebody who reads the mails to that address could
// also set a new password.
func (f *feature) enterLinked(g *gin.Context, p *proof, owner *models.User, request string) (any, error) {
	if !f.mayLink(p, owner) {
		return nil, errEmailTaken
	}
	account, err := f.core.UserByID(g.Request.Context(), owner.ID)
	if err != nil {
		return nil, core.NotFoundAs(err, core.ErrChanged)
	}
	return f.core.SignIn(g, core.Flow{Account: account, Method: method(p.source), Work: func(tx *core.Tx) error {
		key := models.EmailKey(p.profile.Email)
		if err := f.core.LockAddress(tx, key); err != nil {
			return err
		}
		now, err := tx.LockedUser(owner.ID)
		if err != nil {
			return core.NotFoundAs(err, core.ErrChanged)
		}
		if id, err := tx.OwnerID(key); err != nil || id != owner.ID || !f.mayLink(p, now) {
			return errors.Join(err, core.ErrChanged)
		}
		if err := f.use(tx, p, request); err != nil {
			return err
		}
		return f.connectTold(g, tx, p, now)
	}})
}

// mayLink reports whether a verified address is enough to enter an account: only where the provider is trusted with it, and never
// for accounts whose loss would cost more than one user's data.
func (f *feature) mayLink(p *proof, owner *models.User) bool {
	return p.source.LinkByEmail && p.profile.EmailVerified && !owner.IsStaff && !owner.IsSuperuser && !f.core.Managed(owner) && f.core.MayUse(owner)
}

// connectTold connects an identity to a user, who is locked, and mails a notice if it is new.
func (f *feature) connectTold(g *gin.Context, tx *core.Tx, p *proof, user *models.User) error {
	added, err := f.connect(tx, p, user.ID)
	if err != nil || !added {
		return err
	}
	return f.core.Notify(g, tx, mailConnected, user, user.Email)
}

// signUp creates a user and logs them in. It fails with [core.ErrExists] if a concurrent request took the address, the user name or
// the identity.
func (f *feature) signUp(g *gin.Context, p *proof, request string) (any, error) {
	if guard := f.cfg.RegisterGuard; guard != nil {
		if err := guard(g.Request); err != nil {
			return nil, err
		}
	}
	if f.cfg.EmailVerification == config.VerifyMandatory && !p.profile.EmailVerified {
		return nil, binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodeEmailUnverified})
	}
	account, err := f.newUser(g, p)
	if err != nil {
		return nil, err
	}
	user := account.Base()
	if user.Email != "" {
		if taken, err := f.core.Claimed(g.Request.Context(), *user.EmailKey, 0, user.SignedUp); err != nil {
			return nil, err
		} else if taken {
			return nil, errEmailTaken
		}
	}
	attempt, err := f.core.CountSignUp(g)
	if err != nil {
		return nil, err
	}
	out, err := f.core.SignInNew(g, core.Flow{Account: account, Method: method(p.source), Work: func(tx *core.Tx) error {
		if err := f.use(tx, p, request); err != nil {
			return err
		}
		if _, err := f.connect(tx, p, user.ID); err != nil {
			return err
		}
		return f.mailClaim(g, tx, p, user)
	}})
	if err != nil {
		attempt.GiveBack(g)
	}
	return out, err
}

// newUser returns the user of a proof, not stored yet. An address that the provider has not verified is stored as that of a
// registration.
func (f *feature) newUser(g *gin.Context, p *proof) (models.Account, error) {
	account := f.cfg.NewUser()
	user := account.Base()
	user.FirstName, user.LastName = clip(p.profile.FirstName, maxNameRunes), clip(p.profile.LastName, maxNameRunes)
	user.Locale = f.core.MatchLanguage(g.GetHeader("Accept-Language"))
	if f.cfg.SignUpFields.Email != config.FieldOff && binding.ValidEmail(p.profile.Email) {
		user.SetEmail(p.profile.Email)
		user.SignedUp = !p.profile.EmailVerified
	}
	if f.cfg.SignUpFields.Username == config.FieldOff {
		return account, nil
	}
	name, err := f.freeName(g.Request.Context(), p.profile)
	user.SetUsername(name)
	return account, err
}

// mailClaim mails the link that confirms an address which the provider has not verified.
func (f *feature) mailClaim(g *gin.Context, tx *core.Tx, p *proof, user *models.User) error {
	if !user.SignedUp || user.Email == "" || f.cfg.EmailVerification == config.VerifyNone {
		return nil
	}
	return f.core.Post(g, tx, core.Mail{Kind: core.MailVerify, User: user, Address: user.Email, Asked: true, Opened: true, Only: true})
}
