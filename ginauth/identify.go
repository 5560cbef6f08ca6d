package ginauth

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// requireUser is identify for routes that need somebody who may use them.
func (a *Auth) requireUser(c *gin.Context, may func(*models.Session) error) error {
	id, err := a.identify(c)
	if err != nil {
		return err
	}
	if id == nil {
		return errNotAuthenticated
	}
	return may(id.session)
}

// identify finds out who makes a request and remembers it for the request. It returns
// nil for a request without credentials, errAuthenticationFailed for a cookie whose
// session has ended, and errInvalidToken for a token that is not good.
func (a *Auth) identify(c *gin.Context) (*identity, error) {
	if id := identityOf(c); id != nil {
		return id, nil
	}
	key, byHeader, err := a.credential(c)
	if err != nil || key == "" {
		return nil, err
	}
	dead := errAuthenticationFailed
	if byHeader {
		dead = errInvalidToken
	}
	session, account, err := a.store.SessionByKey(c.Request.Context(), secret.Hash(key))
	if errors.Is(err, store.ErrNotFound) {
		return nil, dead
	}
	if err != nil {
		return nil, err
	}
	now := a.now()
	if !a.alive(session, account.Base(), now) {
		return nil, dead
	}
	a.touch(c, session, now)
	id := &identity{account: account, session: session, byHeader: byHeader}
	c.Set(identityKey{}, id)
	return id, nil
}

// credential returns the key that a request brings, or "". A token in the header wins
// over the cookie, and a bad one is an error, so that nobody acts as somebody else than
// he meant (T062). Other schemes in the header are not ours: the cookie counts.
func (a *Auth) credential(c *gin.Context) (key string, byHeader bool, err error) {
	if token, given := a.headerToken(c.Request); given {
		key, ok := secret.Parse(a.cfg.Token.Prefix, token)
		if !ok {
			return "", true, errInvalidToken
		}
		return key, true, nil
	}
	if !a.hasCookie(c) {
		return "", false, nil
	}
	if err := a.checkOrigin(c.Request, false); err != nil {
		return "", false, err
	}
	if len(c.Request.CookiesNamed(a.cookieName)) != 1 {
		return "", false, nil // two come from somebody who can set cookies for a parent domain: neither counts (T045)
	}
	key, err = a.sessionKey(c.Request)
	return key, false, err
}

// headerToken returns what stands behind the schemes Token and Bearer, in whatever
// letter case (RFC 9110, section 11.1), where tokens are in use. Two headers are one
// bad one.
func (a *Auth) headerToken(r *http.Request) (token string, given bool) {
	if !a.tokens {
		return "", false
	}
	for i, value := range r.Header.Values("Authorization") {
		scheme, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
		if strings.EqualFold(scheme, "Token") || strings.EqualFold(scheme, "Bearer") {
			if i > 0 || given {
				return "", true
			}
			token, given = strings.TrimLeft(rest, " "), true
		}
	}
	return token, given
}

// alive decides whether a session still counts.
func (a *Auth) alive(s *models.Session, u *models.User, now time.Time) bool {
	return u.IsActive && s.Epoch == u.SessionEpoch && now.Before(s.ExpiresAt) &&
		(s.Personal || s.LastSeenAt.After(a.idleSince(now)))
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
