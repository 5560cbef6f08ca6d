package core

// Authentication by name or address and password: what the backends know, and the library's own.

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

var (
	errInactive = binding.Invalid(binding.NonField, binding.Problem{
		Code: binding.CodeAccountInactive})
	errMissingLogin = binding.Invalid(binding.NonField, binding.Problem{
		Code: binding.CodeMissingLogin})
)

// Authenticate returns whose name and password these are. If a backend found the user by its ID, the match has
// the name that the account gets. Wrong credentials are [ErrCredentials], whatever is wrong with them.
func (c *Core) Authenticate(ctx context.Context, in *binding.Login) (Match, error) {
	if email, username := c.loginKeys(in); email == "" && username == "" {
		return Match{}, errMissingLogin
	}
	given := config.Credentials{Username: in.Username, Email: in.Email, Password: in.Password}
	found, err := c.askBackends(ctx, given, func() (Match, error) { return c.byPassword(ctx, in) })
	if err != nil {
		return Match{}, err
	}
	return found, c.fitName(ctx, &found)
}

// byPassword is the library's own backend: the same queries and hashes, whoever asks for whom
// (T001 to T004).
func (c *Core) byPassword(ctx context.Context, in *binding.Login) (Match, error) {
	var none Match
	email, username := c.loginKeys(in)
	mandatory := c.cfg.EmailVerification == config.VerifyMandatory
	account, err := c.store.UserByKeys(ctx, email, username, mandatory, c.Now())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return none, err // a broken database is not a wrong password
	}
	result, err := c.VerifyPassword(ctx, account, in.Password)
	if err != nil {
		return none, err
	}
	refused := c.refusal(account, result)
	switch {
	case refused == nil:
		return Match{Account: account, Rehashed: result.Rehashed}, nil
	case errors.Is(refused, errCut):
		c.LogTruncated(ctx, account.Base())
	case errors.Is(refused, errNoMatch) && mandatory && email != "": // one answer after the same work
		refused = c.unconfirmedLogin(ctx, email, in.Password)
	}
	return none, refused
}

// refusal says why an account cannot be used with a password; nil if it can.
func (c *Core) refusal(account models.Account, result PasswordResult) error {
	switch {
	case account == nil:
		return ErrCredentials
	case result.Truncated && c.MayUse(account.Base()):
		return errPasswordReset
	case result.OK && c.MayUse(account.Base()):
		return nil
	case result.OK && !account.Base().IsActive && c.cfg.AllowInactiveHint:
		return errInactive
	}
	return ErrCredentials
}

// VerifyPassword compares a password with that of a user, or does the same work for nil. A password that is stored
// for a user of a backend does not count.
func (c *Core) VerifyPassword(ctx context.Context, account models.Account, password string) (PasswordResult, error) {
	if account == nil || c.Managed(account.Base()) {
		return c.ComparePassword(ctx, "", password)
	}
	return c.ComparePassword(ctx, account.Base().Password, password)
}

// LogTruncated says why a user whose password was taken over from another program cannot log in.
func (c *Core) LogTruncated(ctx context.Context, user *models.User) {
	c.cfg.Logger.LogAttrs(ctx, slog.LevelWarn, "ginauth: refused a password longer than 72 bytes: the stored bcrypt hash covers only the first 72, "+
		"and what follows could be anything; the user has to reset the password", slog.Int64("user", user.ID))
}

// unconfirmedLogin tells the user who signed up with an address last, and knows the password, that
// it has to be confirmed. It does the same where another account has confirmed or claims it, or the
// response would tell that (T005).
func (c *Core) unconfirmedLogin(ctx context.Context, email models.Key, password string) error {
	account, err := c.store.LatestClaimant(ctx, email, c.Now())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	result, err := c.VerifyPassword(ctx, account, password)
	if err != nil {
		return err
	}
	if account != nil && result.OK {
		return ErrUnverified
	}
	return ErrCredentials
}

// loginKeys returns what to look the user up by. An address in its own field wins; one
// typed into the field for names is taken where both are allowed.
func (c *Core) loginKeys(in *binding.Login) (email, username models.Key) {
	byEmail := slices.Contains(c.cfg.LoginMethods, config.LoginByEmail)
	byUsername := slices.Contains(c.cfg.LoginMethods, config.LoginByUsername)
	if byEmail && in.Email != "" {
		return models.EmailKey(in.Email), ""
	}
	if !byUsername {
		return "", ""
	}
	if byEmail && strings.Contains(in.Username, "@") {
		email = models.EmailKey(in.Username)
	}
	return email, models.UsernameKey(in.Username)
}
