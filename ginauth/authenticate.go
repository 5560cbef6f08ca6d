package ginauth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// requireUser is identify for routes that need somebody.
func (a *Auth) requireUser(c *gin.Context) error {
	id, err := a.identify(c)
	if err == nil && id == nil {
		return errNotAuthenticated
	}
	return err
}

// identify finds out who makes a request and remembers it for the request. It returns
// nil for a request without a session, and errAuthenticationFailed for one whose
// session has ended.
func (a *Auth) identify(c *gin.Context) (*identity, error) {
	if id := identityOf(c); id != nil {
		return id, nil
	}
	if !a.hasCookie(c) {
		return nil, nil
	}
	if err := a.checkOrigin(c.Request, false); err != nil {
		return nil, err
	}
	if len(c.Request.CookiesNamed(a.cookieName)) != 1 {
		return nil, nil // two come from somebody who can set cookies for a parent domain: neither counts (T045)
	}
	key, err := a.sessionKey(c.Request)
	if err != nil || key == "" {
		return nil, err
	}
	session, account, err := a.store.SessionByKey(c.Request.Context(), secret.Hash(key))
	if errors.Is(err, store.ErrNotFound) {
		return nil, errAuthenticationFailed
	}
	if err != nil {
		return nil, err
	}
	now := a.now()
	if !a.alive(session, account.Base(), now) {
		return nil, errAuthenticationFailed
	}
	a.touch(c, session, now)
	id := &identity{account: account, session: session}
	c.Set(identityKey{}, id)
	return id, nil
}

// alive decides whether a session still counts.
func (a *Auth) alive(s *models.Session, u *models.User, now time.Time) bool {
	return u.IsActive && s.Epoch == u.SessionEpoch && now.Before(s.ExpiresAt) && s.LastSeenAt.After(a.idleSince(now))
}

// touch writes down now and then that the session is used. If that fails the session
// only ends sooner, so the request goes on.
func (a *Auth) touch(c *gin.Context, s *models.Session, now time.Time) {
	if now.Sub(s.LastSeenAt) < a.cfg.Session.Touch {
		return
	}
	if err := a.store.Touch(c.Request.Context(), s.ID, now); err != nil {
		if c.Request.Context().Err() == nil {
			a.cfg.Logger.LogAttrs(c.Request.Context(), slog.LevelWarn, "ginauth: could not note that a session is in use",
				slog.String("error", err.Error()))
		}
		return
	}
	s.LastSeenAt = now
}

var (
	errCredentials = binding.Invalid(binding.NonField, binding.Problem{
		Code: binding.CodeInvalidCredentials, Message: "Unable to log in with these credentials."})
	errInactive = binding.Invalid(binding.NonField, binding.Problem{
		Code: binding.CodeAccountInactive, Message: "This account is inactive."})
	errMissingLogin = binding.Invalid(binding.NonField, binding.Problem{
		Code: binding.CodeMissingLogin, Message: "Send the name or address to log in with."})
)

// authenticate checks a password. Whatever the reason for a no, it is the same answer
// after the same work: one query and one hash (T001 to T004). The second result is a
// renewed encoding of the password, where the stored one is out of date.
func (a *Auth) authenticate(ctx context.Context, in *binding.Login) (models.Account, string, error) {
	email, username := a.loginKeys(in)
	if email == "" && username == "" {
		return nil, "", errMissingLogin
	}
	account, err := a.store.UserByKeys(ctx, email, username)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, "", err // a broken database is not a wrong password
	}
	var stored string
	if account != nil {
		stored = account.Base().Password
	}
	result, err := a.hasher.Verify(ctx, stored, in.Password)
	switch {
	case err != nil:
		return nil, "", err
	case account == nil || !result.OK:
		return nil, "", errCredentials
	case !account.Base().IsActive && a.cfg.AllowInactiveHint:
		return nil, "", errInactive
	case !account.Base().IsActive:
		return nil, "", errCredentials
	}
	return account, result.Rehashed, nil
}

// loginKeys returns what to look the user up by. An address in its own field wins; one
// typed into the field for names is taken where both are allowed.
func (a *Auth) loginKeys(in *binding.Login) (email, username models.Key) {
	byEmail := slices.Contains(a.cfg.LoginMethods, config.LoginByEmail)
	byUsername := slices.Contains(a.cfg.LoginMethods, config.LoginByUsername)
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

// clientAddress returns the address of the client for display: the peer's, or the
// nearest one in X-Forwarded-For that is not a trusted proxy (T180).
func (a *Auth) clientAddress(r *http.Request) string {
	return clientAddress(r, a.proxies)
}
