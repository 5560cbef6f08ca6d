package ginauth

import (
	"context"
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

func requiredInRegistration(cfg *config.Config) []string {
	var fields []string
	if cfg.SignUpFields.Username == config.FieldRequired {
		fields = append(fields, "username")
	}
	if cfg.SignUpFields.Email == config.FieldRequired {
		fields = append(fields, "email")
	}
	return fields
}

// applicant is the user that a registration asks for.
func (a *Auth) applicant(in *binding.Register) models.Account {
	account := a.cfg.NewUser()
	user := account.Base()
	if a.cfg.SignUpFields.Username != config.FieldOff {
		user.SetUsername(in.Username)
	}
	if a.cfg.SignUpFields.Email != config.FieldOff {
		user.SetEmail(in.Email)
	}
	return account
}

// checkRegister looks whether name and address are free and the password is good
// enough; and, where no field is wrong by itself, whether the two passwords are the
// same and unlike the rest.
func (a *Auth) checkRegister(c *gin.Context, in *binding.Register, good func(string) bool) error {
	user := a.applicant(in).Base()
	if !good("username") {
		user.SetUsername("")
	}
	if !good("email") {
		user.SetEmail("")
	}
	err := a.taken(c.Request.Context(), user)
	if !good("password1") {
		return err
	}
	problems, failure := a.passwordProblems(c.Request.Context(), in.Password1, user)
	if failure != nil {
		return failure
	}
	own, similar := splitSimilar(problems)
	switch err = binding.Merge(err, asField("password1", own)); {
	case err != nil, !good("username"), !good("email"), !good("password2"):
		return err
	case in.Password1 != in.Password2:
		return binding.Invalid(binding.NonField, problemMismatch)
	}
	return asField(binding.NonField, similar)
}

// register answers POST registration/: it creates the user and logs him in, in one
// transaction.
func (a *Auth) register(c *gin.Context, in *binding.Register) (binding.LoginResponse, error) {
	ctx := c.Request.Context()
	account := a.applicant(in)
	user := account.Base()
	encoded, err := a.hasher.Hash(ctx, in.Password1)
	if err != nil {
		return binding.LoginResponse{}, err
	}
	user.Password, user.IsActive, user.DateJoined = encoded, true, a.now()
	out, err := a.signIn(c, account, methodRegister, func(tx *store.Tx) error { return tx.CreateUser(account) })
	if errors.Is(err, store.ErrExists) {
		return out, a.lostRace(ctx, &models.User{UsernameKey: user.UsernameKey, EmailKey: user.EmailKey})
	}
	return out, err
}

var problemTaken = binding.Problem{Code: binding.CodeTaken, Message: "This is taken already."}

// taken returns the field errors for a name or address that belongs to another user.
func (a *Auth) taken(ctx context.Context, u *models.User) error {
	emailTaken, usernameTaken, err := a.store.Taken(ctx, keyOf(u.EmailKey), keyOf(u.UsernameKey), u.ID)
	if err != nil {
		return err
	}
	var errs []error
	if emailTaken {
		errs = append(errs, binding.Invalid("email", problemTaken))
	}
	if usernameTaken {
		errs = append(errs, binding.Invalid("username", problemTaken))
	}
	return binding.Merge(errs...)
}

// lostRace says which field another request took between the check and the insert.
func (a *Auth) lostRace(ctx context.Context, u *models.User) error {
	if err := a.taken(ctx, u); err != nil {
		return err
	}
	return binding.Invalid(binding.NonField, problemTaken)
}

func keyOf(k *models.Key) models.Key {
	if k == nil {
		return ""
	}
	return *k
}
