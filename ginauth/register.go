package ginauth

// POST registration/: sign-up, with the mail to the owner of the address.

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

func (a *Auth) registerRoutes(s *Setup) {
	add(s, route{
		method: http.MethodPost, path: "registration", status: http.StatusCreated, setsCookies: true,
		doc: "Create an account and log in.", form: a.cfg.Forms.SignUp,
		required: signUpFields(&a.cfg, config.FieldRequired), ignored: signUpFields(&a.cfg, config.FieldOff),
	}, a.register, a.checkRegister, loginIf(logsInAtSignUp(&a.cfg)))
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
	if a.cfg.EmailVerification == config.VerifyMandatory {
		user.EmailKey = nil // it is never taken, as far as a sign-up can see
	}
	err := a.unavailable(c.Request.Context(), user, true)
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

// register answers POST registration/: it creates the user and logs them in, in one
// transaction. With VerifyMandatory the user is pending until the address is confirmed.
func (a *Auth) register(c *gin.Context, in *binding.Register) (any, error) {
	ctx := c.Request.Context()
	account := a.applicant(in)
	user := account.Base()
	if c.GetHeader("Accept-Language") != "" {
		user.Locale = a.texts.Match(c.GetHeader("Accept-Language"))
	}
	if err := applyForm(c, nil, account); err != nil {
		return nil, err
	}
	taken, err := a.takenBy(ctx, keyOf(user.EmailKey), 0)
	if err != nil {
		return nil, err
	}
	encoded, err := a.hasher.Hash(ctx, in.Password1)
	if err != nil {
		return nil, err
	}
	user.Password, user.IsActive, user.DateJoined, user.SignedUp = encoded, true, a.now(), true
	done := "done.registered"
	if a.cfg.EmailVerification == config.VerifyMandatory {
		done = "done.verification_sent"
		user.Pending, user.DeleteAt = true, new(a.now().Add(a.cfg.UnconfirmedLifetime))
	}
	out, err := a.complete(c, flow{
		login: logsInAtSignUp(&a.cfg), account: account, method: methodRegister, done: done,
		work: func(tx *store.Tx) error { return a.createApplicant(c, tx, account, taken) },
		committed: func() {
			if !user.Pending {
				a.after(ctx, config.EventRegister, a.event(c, account))
			}
		},
	})
	if errors.Is(err, store.ErrExists) {
		return nil, a.lostRace(ctx, user)
	}
	return out, err
}

// logsInAtSignUp reports whether a registration ends with a login.
func logsInAtSignUp(cfg *config.Config) bool {
	return cfg.EmailVerification != config.VerifyMandatory && cfg.LoginOnSignUp == config.SignUpAndLogin
}

// createApplicant stores a user who signs up, with the mail to the address: to the user or, where
// it is taken by another account, to that account's (T005, T006). A pending sign-up
// is the same in either case; the hooks are asked when its address is confirmed.
func (a *Auth) createApplicant(c *gin.Context, tx *store.Tx, account models.Account, taken owner) error {
	user := account.Base()
	if err := a.lockNew(tx, user); err != nil {
		return err
	}
	if err := applyForm(c, tx, account); err != nil {
		return err
	}
	if err := a.addUser(tx, account, true); err != nil {
		return err
	}
	if !user.Pending {
		if err := a.before(c.Request.Context(), tx, config.EventRegister, a.event(c, account)); err != nil {
			return err
		}
	}
	if user.Email == "" || a.cfg.EmailVerification == config.VerifyNone {
		return nil
	}
	return a.mailClaim(c, tx, user, taken)
}

// lockNew begins the transaction that stores a new user. Only then may a form or hook read: on
// MariaDB, the first read fixes what later ones see, and on SQLite a transaction must begin with a
// write.
func (a *Auth) lockNew(tx *store.Tx, user *models.User) error {
	return a.lockAddress(tx, cmp.Or(keyOf(user.EmailKey), keyOf(user.UsernameKey)))
}

// addUser stores a new user and their address, which is not confirmed, after lockNew. ErrExists means
// that the name is taken, or the address: signUps says whether unconfirmed ones of other sign-ups
// count. A pending user gets any address.
func (a *Auth) addUser(tx *store.Tx, account models.Account, signUps bool) error {
	user := account.Base()
	if user.EmailKey != nil && !user.Pending {
		if taken, err := tx.Claimed(*user.EmailKey, 0, signUps, a.now()); err != nil {
			return err
		} else if taken {
			return store.ErrExists
		}
	}
	if err := tx.CreateUser(account); err != nil || user.Email == "" {
		return err
	}
	return tx.CreateEmail(newEmail(user.ID, user.Email, a.now()))
}

// mailClaim writes the mail for the address of a user who has confirmed none. With
// VerifyMandatory it also adds the ticket that the other one of the two mails would have: else
// trying a code, or the next mail, would tell which mail went out.
func (a *Auth) mailClaim(c *gin.Context, tx *store.Tx, user *models.User, confirmed owner) error {
	mail := claimMail(user, user.Email, confirmed)
	mail.only = true
	over, err := a.enough(tx, mail)
	if err != nil || over {
		return err
	}
	if err := a.enqueue(c, tx, mail); err != nil || a.cfg.EmailVerification != config.VerifyMandatory {
		return err
	}
	purpose, whose := forReset, user
	if confirmed.confirmed {
		purpose, whose = forVerify, nobody
	}
	decoy, err := a.newTicket(purpose, whose, user.Email)
	if err != nil {
		return err
	}
	return a.addTicket(tx, decoy)
}
