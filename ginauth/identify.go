package ginauth

// The identity of a request, by a token in the header, the session cookie or the access cookie.

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// requireUser is identify for routes that need somebody who may use them.
func (a *Auth) requireUser(c *gin.Context, stateless bool, may func(*models.Session) error) error {
	id, err := a.identify(c, stateless)
	if err != nil {
		return err
	}
	if id == nil {
		return errNotAuthenticated
	}
	return may(id.session)
}

// unlimited admits all but personal tokens with scopes.
func unlimited(s *models.Session) error {
	if s.Scopes != "" {
		return errScope
	}
	return nil
}

// notPersonal admits logins only: a program's token does not manage the account.
func notPersonal(s *models.Session) error {
	if s.Personal {
		return errScope
	}
	return nil
}

// identify finds out who makes a request and remembers it for the request. It returns
// nil for a request without credentials, errAuthenticationFailed or errDeadCookie for
// cookies that are not good any more, and errInvalidToken for such a token.
//
// A token in the header wins over cookies, and a bad one is an error, so that nobody
// acts as somebody else than he meant (T062). The session cookie comes before the access
// cookie. Other schemes in the header are not ours: the cookies count.
func (a *Auth) identify(c *gin.Context, stateless bool) (*identity, error) {
	if id := identityOf(c); id != nil && id.auth == a && (stateless || id.session.KeyHash != "") {
		return id, nil
	}
	id, err := a.find(c, stateless)
	if err != nil || id == nil {
		return nil, err
	}
	if id.session.KeyHash != "" { // not stateless
		a.touch(c, id.session, a.now())
	}
	id.auth = a
	c.Set(identityKey{}, id)
	return id, nil
}

// find asks one kind of credential after the other.
func (a *Auth) find(c *gin.Context, stateless bool) (*identity, error) {
	if token, given := a.headerToken(c.Request); given {
		id, err := a.byToken(c, token, stateless)
		if id != nil {
			id.byHeader = true
		}
		return id, err
	}
	if a.hasCookie(c) || a.hasAccessCookie(c) {
		if err := a.checkOrigin(c.Request, false); err != nil {
			return nil, err
		}
	}
	id, dead := a.bySessionCookie(c)
	if id != nil || dead != nil && dead != errAuthenticationFailed { //nolint:errorlint // the very value
		return id, dead
	}
	if !a.hasAccessCookie(c) {
		return nil, dead
	}
	all := c.Request.CookiesNamed(a.cfg.JWT.AccessCookie.Name)
	if len(all) > 1 {
		return nil, errDeadCookie
	}
	id, err := a.byAccess(c, all[0].Value, stateless)
	if errors.Is(err, errInvalidToken) || id != nil && !gave(id.session, config.AskCookie) {
		return nil, errDeadCookie
	}
	return id, err
}

// bySessionCookie comes before the access cookie, because its name has a prefix that
// keeps others from planting it. Two of the name come from somebody who can set cookies
// for a parent domain: neither counts (T045).
func (a *Auth) bySessionCookie(c *gin.Context) (*identity, error) {
	if !a.cookies || len(c.Request.CookiesNamed(a.cookieName)) != 1 {
		return nil, nil
	}
	key, err := a.sessionKey(c.Request)
	if err != nil || key == "" {
		return nil, err
	}
	return a.byKey(c, key, config.AskCookie, errAuthenticationFailed)
}

// byToken takes a token out of the header: an opaque one by its prefix, or an access
// token.
func (a *Auth) byToken(c *gin.Context, token string, stateless bool) (*identity, error) {
	if a.tokens {
		if key, ok := secret.Parse(a.cfg.Token.Prefix, token); ok {
			return a.byKey(c, secret.SessionKey(key), config.AskToken, errInvalidToken)
		}
	}
	if a.ring == nil {
		return nil, errInvalidToken
	}
	return a.byAccess(c, token, stateless)
}

func (a *Auth) byAccess(c *gin.Context, token string, stateless bool) (*identity, error) {
	id, err := a.identifyAccess(c.Request.Context(), token, stateless)
	if err == nil && !stateless && !a.alive(id.session, id.account.Base(), a.now()) {
		return nil, errInvalidToken
	}
	return id, err
}

// byKey looks up the session key of a cookie or of an opaque token, as credential says. A key of the
// other kind is dead.
func (a *Auth) byKey(c *gin.Context, key, credential string, dead error) (*identity, error) {
	session, account, err := a.store.SessionByKey(c.Request.Context(), secret.Hash(key))
	if err != nil {
		return nil, notFoundAs(err, dead)
	}
	now := a.now()
	idle := a.cfg.Session.Idle > 0 && !session.LastSeenAt.After(now.Add(-a.cfg.Session.Idle)) && !session.Personal
	if idle || !a.alive(session, account.Base(), now) || !gave(session, credential) {
		return nil, dead
	}
	return &identity{account: account, session: session}, nil
}

// headerToken returns what stands behind the schemes Token and Bearer, in whatever
// letter case (RFC 9110, section 11.1), where tokens are in use. Two headers are one
// bad one.
func (a *Auth) headerToken(r *http.Request) (token string, given bool) {
	if !a.tokens && a.ring == nil {
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

// currentIdentity returns the request's identity, or nil if it has no valid credentials.
func (a *Auth) currentIdentity(c *gin.Context) (*identity, error) {
	id, err := a.identify(c, false)
	if rejected, ok := errors.AsType[*binding.Error](err); ok && rejected.Status < 500 {
		return nil, nil
	}
	return id, err
}

// isOther reports whether another user is logged in.
func (a *Auth) isOther(c *gin.Context, user *models.User) (bool, error) {
	id, err := a.currentIdentity(c)
	return err == nil && id != nil && id.account.Base().ID != user.ID, err
}

// touch writes down now and then that the session is used. If that fails the session
// only ends sooner, so the request goes on.
func (a *Auth) touch(c *gin.Context, s *models.Session, now time.Time) {
	if now.Sub(s.LastSeenAt) < a.cfg.Session.Touch {
		return
	}
	if err := a.store.Touch(c.Request.Context(), s.ID, now); err != nil {
		if !clientLeft(c.Request) {
			a.cfg.Logger.LogAttrs(c.Request.Context(), slog.LevelWarn, "ginauth: could not note that a session is in use",
				slog.String("error", err.Error()))
		}
		return
	}
	s.LastSeenAt = now
}

func (a *Auth) guard(admit func(*gin.Context) error) gin.HandlerFunc {
	vary := "Cookie"
	if a.tokens || a.ring != nil {
		vary = "Authorization, Cookie"
	}
	return func(c *gin.Context) {
		c.Writer.Header().Add("Vary", vary)
		defer a.bound(c)()
		if err := admit(c); err != nil {
			a.fail(c, err)
		}
	}
}
