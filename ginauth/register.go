package ginauth

// POST registration/: sign-up, with the mail to the owner of the address.

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) registerRoutes(s *core.Setup) {
	core.AddChecked(s, core.Route{
		Method: http.MethodPost, Path: "registration", Tag: "Signing up", Limit: core.LimitSignUp, Status: http.StatusCreated, SetsCookies: true,
		Doc: "Create an account and, by default, log in.", Form: a.cfg.Forms.SignUp, Answers: signUpResponses(&a.cfg),
		Required: signUpFields(&a.cfg, config.FieldRequired), Ignored: signUpFields(&a.cfg, config.FieldOff),
	}, a.checkRegister, a.register)
}

// signUpFields lists the fields of a registration that have this use.
func signUpFields(cfg *config.Config, use config.FieldUse) []string {
	var fields []string
	if cfg.SignUpFields.Username == use {
		fields = append(fields, "username")
	}
	if cfg.SignUpFields.Email == use {
		fields = append(fields, "email")
	}
	return fields
}

// applicant returns the user that a registration asks for, not stored yet.
func (a *Auth) applicant(in *binding.Register) models.Account {
	account := a.cfg.NewUser()
	account.Base().SetUsername(in.Username)
	account.Base().SetEmail(in.Email)
	return account
}

// checkRegister checks that the name and address are free and that the password follows the rules. If every field
// is valid by itself, it also checks that the two passwords are equal and not similar to the other fields.
func (a *Auth) checkRegister(c *gin.Context, in *binding.Register, good func(string) bool) error {
	user := a.applicant(in).Base()
	if !good("username") {
		user.SetUsername("")
	}
	if !good("email") {
		user.SetEmail("")
	}
	if guard := a.cfg.RegisterGuard; guard != nil {
		if err := guard(c.Request); err != nil {
			return err
		}
	}
	if a.cfg.EmailVerification == config.VerifyMandatory {
		user.EmailKey = nil // a sign-up must not learn whether it is taken
	}
	err := a.unavailable(c.Request.Context(), user, true)
	if user.Username != "" {
		err = binding.Merge(err, asField("username", a.cfg.Username.Problems(user.Username)))
	}
	if !good("password1") {
		return err
	}
	problems, failure := a.core.PasswordProblems(c.Request.Context(), in.Password1, user)
	if failure != nil {
		return failure
	}
	other, similar := splitSimilar(problems)
	switch err = binding.Merge(err, asField("password1", other)); {
	case err != nil, !good("username"), !good("email"), !good("password2"):
		return err
	case in.Password1 != in.Password2:
		return binding.Invalid(binding.NonField, core.ProblemMismatch)
	}
	return asField(binding.NonField, similar)
}

// register answers POST registration/. It creates the user and logs them in, in one transaction. With
// VerifyMandatory the user is pending until the address is confirmed.
func (a *Auth) register(c *gin.Context, in *binding.Register) (any, error) {
	ctx := c.Request.Context()
	account := a.applicant(in)
	user := account.Base()
	if c.GetHeader("Accept-Language") != "" {
		user.Locale = a.core.MatchLanguage(c.GetHeader("Accept-Language"))
	}
	if err := a.core.ApplyForm(c, nil, account); err != nil {
		return nil, err
	}
	taken, err := a.core.TakenBy(ctx, user.EmailKey.OrEmpty(), 0)
	if err != nil {
		return nil, err
	}
	encoded, err := a.core.HashPassword(ctx, in.Password1)
	if err != nil {
		return nil, err
	}
	user.Password, user.IsActive, user.DateJoined, user.SignedUp = encoded, true, a.core.Now(), true
	done := "done.registered"
	if a.cfg.EmailVerification == config.VerifyMandatory {
		done = "done.verification_sent"
		user.Pending, user.DeleteAt = true, new(a.core.Now().Add(a.cfg.UnconfirmedLifetime))
	}
	out, err := a.core.Complete(c, core.Flow{
		Login: logsInAtSignUp(&a.cfg), Account: account, Method: core.MethodRegister, Done: done,
		Work: func(tx *core.Tx) error { return a.createApplicant(c, tx, account, taken) },
		Committed: func() {
			if !user.Pending {
				a.core.After(ctx, config.EventRegister, a.core.Event(c, account))
			}
		},
	})
	if errors.Is(err, core.ErrExists) {
		return nil, a.lostRace(ctx, user)
	}
	return out, err
}

// signUpResponses returns the type that a registration responds with: a login or a text.
func signUpResponses(cfg *config.Config) []any {
	if logsInAtSignUp(cfg) {
		return []any{binding.LoginResponse{}}
	}
	return []any{binding.Detail{}}
}

// logsInAtSignUp reports whether a registration ends with a login.
func logsInAtSignUp(cfg *config.Config) bool {
	return cfg.EmailVerification != config.VerifyMandatory && cfg.LoginOnSignUp == config.SignUpAndLogin
}

// createApplicant stores a user who signs up, and the mail to their address. If another account has the address,
// the mail goes to that account's user instead (T005, T006). For a pending sign-up both cases look the same; the
// hooks are called when its address is confirmed.
func (a *Auth) createApplicant(c *gin.Context, tx *core.Tx, account models.Account, taken core.Owner) error {
	user := account.Base()
	if err := a.core.LockNew(tx, user); err != nil {
		return err
	}
	if err := a.core.ApplyForm(c, tx, account); err != nil {
		return err
	}
	if err := a.core.AddUser(tx, account, true); err != nil {
		return err
	}
	if !user.Pending {
		if err := a.core.Before(c.Request.Context(), tx, config.EventRegister, a.core.Event(c, account)); err != nil {
			return err
		}
	}
	if user.Email == "" || a.cfg.EmailVerification == config.VerifyNone {
		return nil
	}
	return a.mailClaim(c, tx, user, taken)
}

// mailClaim stores the mail for the address of a user who has confirmed none. With VerifyMandatory it also adds a
// decoy: the ticket of the mail that is not sent. Otherwise trying a code, or asking for the next mail, would
// reveal which mail was sent.
func (a *Auth) mailClaim(c *gin.Context, tx *core.Tx, user *models.User, confirmed core.Owner) error {
	mail := confirmed.ClaimMail(user, user.Email)
	mail.Only, mail.Last = true, true
	mail, ok, err := a.core.AllowMail(c, tx, mail)
	if err != nil || !ok {
		return err
	}
	if err := a.core.PostUnlimited(c, tx, mail); err != nil || a.cfg.EmailVerification != config.VerifyMandatory {
		return err
	}
	purpose, whose := core.ForReset, user
	if confirmed.Confirmed {
		purpose, whose = core.ForVerify, core.Nobody
	}
	decoy, err := a.core.NewTicket(purpose, whose, user.Email)
	if err != nil {
		return err
	}
	return a.core.AddTicket(tx, decoy)
}

// splitSimilar separates problems of similarity to the user's own fields. Registration reports these for the whole
// request, as dj-rest-auth does.
func splitSimilar(all []binding.Problem) (other, similar []binding.Problem) {
	for _, p := range all {
		if p.Code == binding.CodePasswordTooSimilar {
			similar = append(similar, p)
		} else {
			other = append(other, p)
		}
	}
	return other, similar
}
