package social

// Who is logged in by a proof: the user of a known identity, an account that is linked by its address, or a new user.

import (
	"cmp"
	"context"
	"errors"

	"github.com/gin-gonic/gin"

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
	if err := f.adopt(g.Request.Context(), p); err != nil {
		return nil, err
	}
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
	if f.mayRestart(account.Base()) {
		return f.signUp(g, p, request)
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
