package ginauth

// POST registration/: sign-up, with the mail to the owner of the address.

import (
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
		Doc: "Create an account and, by default, log in.", Form: a.cfg.Forms.SignUp, Answers: a.core.SignUpResponses(),
		Required: a.core.SignUpFields(config.FieldRequired), Ignored: a.core.SignUpFields(config.FieldOff),
	}, a.checkRegister, a.register)
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
	err := a.core.CheckApplicant(c.Request.Context(), user, in.Invitation)
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
	var err error
	if user.Password, err = a.core.HashPassword(ctx, in.Password1); err != nil {
		return nil, err
	}
	return a.core.SignUp(c, core.Flow{Account: account, Method: core.MethodRegister, Invitation: in.Invitation})
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
