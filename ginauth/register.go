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

// ignoredInRegistration lists the fields that are off: they are not looked at.
func ignoredInRegistration(cfg *config.Config) []string {
	var fields []string
	if cfg.SignUpFields.Username == config.FieldOff {
		fields = append(fields, "username")
	}
	if cfg.SignUpFields.Email == config.FieldOff {
		fields = append(fields, "email")
	}
	return fields
}

// applicant is the user that a registration asks for.
func (a *Auth) applicant(in *binding.Register) models.Account {
	account := a.cfg.NewUser()
	account.Base().SetUsername(in.Username)
	account.Base().SetEmail(in.Email)
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
	if guard := a.cfg.RegisterGuard; guard != nil {
		if err := guard(c.Request); err != nil {
			return err
		}
	}
	err := a.unavailable(c.Request.Context(), user)
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
// transaction; where addresses must be confirmed, it mails a link instead.
func (a *Auth) register(c *gin.Context, in *binding.Register) (any, error) {
	ctx := c.Request.Context()
	account := a.applicant(in)
	user := account.Base()
	if c.GetHeader("Accept-Language") != "" {
		user.Locale = a.texts.Match(c.GetHeader("Accept-Language"))
	}
	if err := applyForm(c, account); err != nil {
		return nil, err
	}
	confirmed, err := a.claimEmail(ctx, user)
	if err != nil {
		return nil, err
	}
	encoded, err := a.hasher.Hash(ctx, in.Password1)
	if err != nil {
		return nil, err
	}
	user.Password, user.IsActive, user.DateJoined = encoded, true, a.now()
	out, err := a.createApplicant(c, account, confirmed)
	if errors.Is(err, store.ErrExists) && user.EmailKey != nil && a.cfg.EmailVerification != config.VerifyNone {
		user.EmailKey = nil // somebody else took it since we looked, and has not confirmed it either
		out, err = a.createApplicant(c, account, confirmed)
	}
	if errors.Is(err, store.ErrExists) {
		return nil, a.lostRace(ctx, &models.User{UsernameKey: user.UsernameKey, EmailKey: user.EmailKey})
	}
	return out, err
}

func (a *Auth) createApplicant(c *gin.Context, account models.Account, confirmed owner) (any, error) {
	create := func(tx *store.Tx) error { return a.createUser(c, tx, account, confirmed) }
	login := a.cfg.EmailVerification != config.VerifyMandatory
	if login && confirmed.confirmed { // since the check
		return nil, binding.Invalid("email", problemTaken)
	}
	told := func() { a.after(c.Request.Context(), a.cfg.Hooks.AfterRegister, a.event(c, account)) }
	return a.complete(c, flow{login, account, methodRegister, create, told, "done.verification_sent"})
}

// claimEmail finds out who has the address of an applicant. Where mails can decide it, the
// address need not be free: the applicant gets it when he confirms it, and is not found by it
// before if another one is. Who confirmed it already is returned, else nobody, after the same
// queries.
func (a *Auth) claimEmail(ctx context.Context, user *models.User) (confirmed owner, err error) {
	confirmed.user = nobody
	if a.cfg.EmailVerification == config.VerifyNone || user.EmailKey == nil {
		return confirmed, nil
	}
	if confirmed, err = a.confirmedBy(ctx, *user.EmailKey, 0); err != nil {
		return confirmed, err
	}
	held, _, err := a.store.Taken(ctx, *user.EmailKey, "", 0)
	if confirmed.confirmed || held {
		user.EmailKey = nil
	}
	return confirmed, err
}

// createUser writes an applicant, his address, and a mail: to him, or to the owner of the
// address, who must hear of it while the applicant must not (T005, T006).
func (a *Auth) createUser(c *gin.Context, tx *store.Tx, account models.Account, confirmed owner) error {
	if err := a.addUser(c, tx, account); err != nil {
		return err
	}
	user := account.Base()
	if user.Email == "" || a.cfg.EmailVerification == config.VerifyNone {
		return nil
	}
	l := claimLetter(user, user.Email, confirmed)
	l.only = true
	enough, err := a.enough(tx, l)
	if err != nil || enough {
		return err
	}
	if err := a.enqueue(c, tx, l); err != nil || a.cfg.EmailVerification != config.VerifyMandatory {
		return err
	}
	return a.addDecoy(tx, user, confirmed)
}

// addDecoy adds the ticket that the other one of the two mails would have, for whom a later
// request would find: else a try of a code, or the next mail, would tell which mail went out.
func (a *Auth) addDecoy(tx *store.Tx, user *models.User, confirmed owner) error {
	purpose, whose := forReset, user
	if confirmed.confirmed {
		purpose, whose = forVerify, nobody
	}
	decoy, err := a.newTicket(purpose, whose, user.Email)
	if err != nil {
		return err
	}
	return tx.AddTicket(decoy)
}

// addUser writes a new user and his address, which is not confirmed.
func (a *Auth) addUser(c *gin.Context, tx *store.Tx, account models.Account) error {
	if err := tx.CreateUser(account); err != nil {
		return err
	}
	user := account.Base()
	if err := before(c.Request.Context(), tx, a.cfg.Hooks.BeforeRegister, a.event(c, account)); err != nil || user.Email == "" {
		return err
	}
	return a.claim(tx, user)
}

// claim stores the address of a new user, who is found by it unless somebody else is.
func (a *Auth) claim(tx *store.Tx, user *models.User) error {
	if err := a.lockAddress(tx, models.EmailKey(user.Email)); err != nil {
		return err
	}
	if err := tx.CreateEmail(newEmail(user.ID, user.Email, a.now())); err != nil {
		return err
	}
	return tx.YieldEmail(user.ID, models.EmailKey(user.Email))
}

var problemTaken = binding.Problem{Code: binding.CodeTaken}

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

// unavailable is taken for applicants. Where a mail at sign-up can decide whose an address is,
// one that nobody has confirmed is free; and where addresses must be confirmed, so is every
// other, as far as the applicant can see.
func (a *Auth) unavailable(ctx context.Context, u *models.User) error {
	if a.cfg.EmailVerification == config.VerifyNone || u.EmailKey == nil {
		return a.taken(ctx, u)
	}
	err := a.taken(ctx, &models.User{ID: u.ID, UsernameKey: u.UsernameKey})
	if a.cfg.EmailVerification == config.VerifyMandatory {
		return err
	}
	confirmed, failure := a.store.Confirmed(ctx, *u.EmailKey, u.ID)
	if failure != nil {
		return failure
	}
	if confirmed.ID != 0 {
		err = binding.Merge(err, binding.Invalid("email", problemTaken))
	}
	return err
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
