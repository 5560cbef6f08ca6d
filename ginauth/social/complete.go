package social

// POST socialsignup/: the front end completes the sign-up of a new user of a provider.

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

func (f *feature) signUpRoute(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "socialsignup", Tag: tag, Status: http.StatusCreated, SetsCookies: true, Limit: core.LimitFailure, SignUpForm: true, Ignored: []string{core.InvitationField},
		Fails: []int{http.StatusForbidden}, Answers: []any{binding.LoginResponse{}, binding.Detail{}},
		Doc: "Complete the sign-up of a new user of a provider.",
	}, f.complete)
}

// complete answers POST socialsignup/. A ticket creates one user, and never logs in an existing one: its proof is too old for that, and
// the user can log in with the provider again.
func (f *feature) complete(g *gin.Context, in *Complete) (any, error) {
	ctx := g.Request.Context()
	for range tries {
		p, except, err := f.redeemable(g, in.SignUpTicket)
		if err != nil {
			return nil, err
		}
		account, err := f.chosenUser(g, p, in, except)
		if err != nil {
			return nil, err
		}
		out, err := f.create(g, p, "", in.Invitation, account, except)
		switch {
		case errors.Is(err, errCode): // another request has used the ticket
			return nil, errTicket()
		case errors.Is(err, core.ErrOwnExists) || !errors.Is(err, core.ErrChanged) && !errors.Is(err, core.ErrExists):
			return out, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
	}
	return nil, errTicket()
}

func errTicket() error { return binding.Invalid("ticket", binding.Problem{Code: CodeTicket}) }

// redeemable returns the proof of a ticket, if the request comes from its browser and the account at the provider is still new. except
// is the user of a sign-up with the same account that waits for its address to be confirmed, or 0.
func (f *feature) redeemable(g *gin.Context, ticket string) (p *proof, except int64, err error) {
	ctx := g.Request.Context()
	p, what, err := f.waiting(f.core.DB(ctx), hashOf(toSignUp, ticket))
	if err != nil {
		return nil, 0, err
	}
	if p == nil || p.source.admits(g.Request) != nil || !f.core.IsBrowser(g, what.Browser) {
		return nil, 0, errTicket()
	}
	known, err := find(f.core.DB(ctx), p.source.Name, p.profile.Subject)
	if err != nil || known == nil {
		return p, 0, err
	}
	account, err := f.core.UserByID(ctx, known.UserID)
	switch {
	case err != nil:
		return nil, 0, core.NotFoundAs(err, errTicket())
	case !f.mayRestart(account.Base()):
		return nil, 0, errTicket()
	}
	return p, known.UserID, nil
}

// chosenUser returns the user that a form describes, or the problems of its fields.
func (f *feature) chosenUser(g *gin.Context, p *proof, in *Complete, except int64) (models.Account, error) {
	ctx, chosen := g.Request.Context(), *in
	name, asks, err := f.suggest(ctx, p)
	if err != nil {
		return nil, err
	}
	var problems []error
	if chosen.Username == "" && asks {
		problems = append(problems, binding.Invalid("username", binding.Problem{Code: binding.CodeRequired}))
	} else if chosen.Username == "" {
		chosen.Username = name
	}
	account := f.newUser(g, p, &chosen)
	user := account.Base()
	confirmed, err := f.core.InvitationConfirms(ctx, in.Invitation, user, except)
	if problems = append(problems, err); confirmed {
		user.SignedUp = false
	}
	if user.Email == "" && f.lacksAddress(user) {
		problems = append(problems, binding.Invalid("email", binding.Problem{Code: binding.CodeRequired}))
	}
	if user.Username != "" {
		if found := f.cfg.Username.Problems(user.Username); len(found) > 0 {
			problems = append(problems, binding.Invalid("username", found...))
		}
		problems = append(problems, f.core.UsernameTaken(ctx, &models.User{ID: except, UsernameKey: user.UsernameKey}))
	}
	problems = append(problems, f.addressTaken(ctx, user))
	if err := binding.Merge(problems...); err != nil {
		return nil, err
	}
	return account, nil
}

// addressTaken returns the error for an address that another account has: as registration/ does, which never tells with
// VerifyMandatory, or as a login does for an address that the provider has verified.
func (f *feature) addressTaken(ctx context.Context, user *models.User) error {
	if user.Email == "" || f.mustConfirm(user) {
		return nil
	}
	taken, err := f.core.Claimed(ctx, *user.EmailKey, 0, user.SignedUp)
	switch {
	case err != nil || !taken:
		return err
	case user.SignedUp:
		return binding.Invalid("email", core.ProblemTaken)
	}
	return problem(CodeEmailTaken)
}
