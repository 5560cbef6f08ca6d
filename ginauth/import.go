package ginauth

// ImportUsers: users of another program, with the hashes of their passwords.

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/models"
)

// ErrAlreadyImported is the result of [Auth.ImportUsers] for a user who is stored already.
var ErrAlreadyImported = errors.New("ginauth: a user with this name and address is stored already")

// ImportedUser is a user of another program, for [Auth.ImportUsers].
type ImportedUser struct {
	// Account has the type that Config.NewUser makes. Its Password is the encoded hash of the other program: argon2id, bcrypt and
	// scrypt in the usual notation, and all hashes of Django. Empty means that the user has no password, and can set one at
	// password/reset/. IsActive is stored as it is. DateJoined is now unless set.
	Account models.Account
	// EmailVerified says that the other program has confirmed the address. Other accounts lose it then; see [Auth.ConfirmEmail].
	EmailVerified bool
}

// ImportUsers stores users of another program. It returns one error for each: nil if the user was stored, [ErrAlreadyImported] if an
// account has the same name and address, which is left as it is, and a *binding.Error with the fields username, email and password
// if the user cannot be stored. So you can call it again with the same users after a failure. A second error means that the
// database failed; then the results are incomplete.
//
// Pass up to 1,000 users in a call: those without a conflict are stored in one transaction. dryRun stores none, and returns what
// would be. No hook is called, and no mail is sent. Config.PasswordRules do not apply, because the passwords are not known.
func (a *Auth) ImportUsers(ctx context.Context, users []ImportedUser, dryRun bool) ([]error, error) {
	results := make([]error, len(users))
	var accounts []models.Account
	var rows []int // of accounts, in users
	for i, u := range users {
		if err := a.core.IsOurType(u.Account); err != nil {
			return results, err
		}
		if results[i] = a.prepareImport(u.Account.Base()); results[i] == nil {
			accounts, rows = append(accounts, u.Account), append(rows, i)
		}
	}
	if len(accounts) == 0 {
		return results, nil
	}
	taken, err := a.core.Taken(ctx, accounts)
	if err != nil {
		return results, err
	}
	var free, rest []int
	seen := map[models.Key]bool{}
	for _, i := range rows {
		user := users[i].Account.Base()
		name, address := "name:"+user.UsernameKey.OrEmpty(), "address:"+user.EmailKey.OrEmpty()
		switch twin := user.UsernameKey != nil && seen[name] || user.EmailKey != nil && seen[address]; {
		case !twin && taken.Same(user):
			results[i] = ErrAlreadyImported
		case !twin && taken.Free(user):
			free = append(free, i)
		default:
			rest = append(rest, i)
		}
		seen[name], seen[address] = true, true
	}
	if dryRun {
		for _, i := range rest {
			results[i] = a.core.Localized(a.core.Unavailable(ctx, &models.User{UsernameKey: users[i].Account.Base().UsernameKey, EmailKey: users[i].Account.Base().EmailKey}, a.core.FirstComeFirstServed()))
		}
		return results, nil
	}
	if err := a.importFree(ctx, users, free); errors.Is(err, core.ErrExists) { // taken in between
		rest = append(free, rest...)
	} else if err != nil {
		return results, err
	}
	for _, i := range rest {
		var invalid *binding.Error
		if results[i] = a.importOne(ctx, users[i]); results[i] != nil && !errors.As(results[i], &invalid) {
			return results, results[i]
		}
	}
	return results, nil
}

const maxHash = 255 // models.User.Password

// prepareImport completes a user and checks what needs no database.
func (a *Auth) prepareImport(user *models.User) (err error) {
	user.SetUsername(user.Username)
	user.SetEmail(user.Email)
	if user.DateJoined.IsZero() {
		user.DateJoined = a.core.Now()
	}
	user.Pending, user.SignedUp = false, false
	errs := []error{core.CheckNames(user)}
	for field, text := range map[string]string{"first_name": user.FirstName, "last_name": user.LastName} {
		if !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			errs = append(errs, binding.Invalid(field, binding.Problem{Code: binding.CodeInvalidText}))
		} else if utf8.RuneCountInString(text) > binding.MaxUsername {
			errs = append(errs, binding.Invalid(field, binding.Problem{Code: binding.CodeMaxLength, Params: map[string]any{"Count": binding.MaxUsername}}))
		}
	}
	switch {
	case user.Password == "" || user.Password[0] == '!':
		if user.Password, err = passhash.Unusable(a.cfg.Rand); err != nil {
			return err
		}
	case !core.CanVerify(user.Password) || len(user.Password) > maxHash:
		errs = append(errs, binding.Invalid("password", binding.Problem{
			Code: binding.CodeInvalid, Message: "This is not a hash that logins can verify, or its cost is too high.",
		}))
	}
	return a.core.Localized(binding.Merge(errs...))
}

// importFree stores users whose names and addresses no account has.
func (a *Auth) importFree(ctx context.Context, users []ImportedUser, free []int) error {
	if len(free) == 0 {
		return nil
	}
	accounts, confirmed := make([]models.Account, len(free)), make([]bool, len(free))
	for n, i := range free {
		accounts[n], confirmed[n] = users[i].Account, users[i].EmailVerified
	}
	return a.core.Tx(ctx, func(tx *core.Tx) error { return tx.AddUsers(accounts, confirmed) })
}

// importOne stores a user who shares a name or an address with another account, by the rules of CreateUser and ConfirmEmail.
func (a *Auth) importOne(ctx context.Context, u ImportedUser) error {
	user := u.Account.Base()
	if err := a.core.Unavailable(ctx, &models.User{UsernameKey: user.UsernameKey, EmailKey: user.EmailKey}, a.core.FirstComeFirstServed()); err != nil {
		return a.core.Localized(err)
	}
	return a.storeNew(ctx, u.Account, u.EmailVerified)
}
