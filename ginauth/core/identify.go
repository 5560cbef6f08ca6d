package core

// The identity of a request, by a token in the header, the session cookie or the access cookie.

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// Require is [Core.Identify] for routes that need a user. It returns [ErrNotAuthenticated] if the request is not
// logged in, and otherwise the result of may.
func (c *Core) Require(g *gin.Context, lax bool, may func(*models.Session) error) error {
	id, err := c.Identify(g, lax)
	if err != nil {
		return err
	}
	if id == nil {
		return ErrNotAuthenticated
	}
	return may(id.Session)
}

// Identify finds the user and session of a request, and remembers them for the request. It returns nil for a
// request without credentials, [ErrInvalidToken] for an invalid token, and an error with the reason [ErrEnded] for
// cookies that are no longer valid.
//
// A token in the header wins over cookies, and an invalid token is an error, so that no client acts as another user
// than it meant. The session cookie comes before the access cookie. Authorization headers with other schemes are
// ignored, and the cookies count.
//
// If lax is true, the identity may come from an access token alone, with config.JWT.Stateless, and for a safe
// method from the cache, with config.Session.CacheFor. Otherwise the user is read from the database.
func (c *Core) Identify(g *gin.Context, lax bool) (*Identity, error) {
	if known := identityOf(g); known != nil && known.auth != c {
		g.Set(identityKey{}, nil) // otherwise the user of the other Auth would count as a user of this one
	} else if known != nil && (lax || known.looked()) {
		return known, nil
	}
	id, err := c.find(g, lax)
	if err != nil || id == nil {
		return nil, err
	}
	if err := c.checkFactors(g.Request.Context(), id.Account.Base()); err != nil {
		return nil, err
	}
	if id.Session.ActorID != 0 && id.Actor == nil {
		if id.Actor, err = c.actorOf(g, id.Session, id.Account.Base()); err != nil {
			return nil, asDead(id, err)
		}
	}
	if id.looked() || id.cached {
		if err := c.checkSetUp(id.Session, id.Account); err != nil && !g.GetBool(beforeSetupKey{}) {
			return nil, err
		}
	}
	if id.Session.KeyHash != "" { // it has a row
		c.touch(g, id.Session, c.Now())
	}
	id.auth = c
	g.Set(identityKey{}, id)
	return id, nil
}

// find looks for each kind of credential in turn.
func (c *Core) find(g *gin.Context, lax bool) (*Identity, error) {
	if id, err := c.byFeature(g); id != nil || err != nil {
		return id, err
	}
	if token, given := c.HeaderToken(g.Request); given {
		id, err := c.byToken(g, token, lax)
		if id != nil {
			id.ByHeader = true
		}
		return id, err
	}
	came := c.cookies.All(g.Request)
	if len(came) > 0 || c.jwt.HasAccessCookie(g.Request) {
		if err := c.origins.Check(g.Request, false); err != nil {
			return nil, err
		}
	}
	id, err := c.bySessionCookie(g, came, lax)
	if id == nil && (err == nil || errors.Is(err, ErrEnded)) && c.jwt.HasAccessCookie(g.Request) {
		return c.byAccessCookie(g, lax)
	}
	return id, err
}

// byAccessCookie returns the identity of the access token in a cookie, or errDeadCookie.
func (c *Core) byAccessCookie(g *gin.Context, lax bool) (*Identity, error) {
	all := g.Request.CookiesNamed(c.cfg.JWT.AccessCookie.Name)
	if len(all) > 1 {
		return nil, errDeadCookie
	}
	id, err := c.byAccessToken(g, all[0].Value, lax)
	if errors.Is(err, ErrInvalidToken) || id != nil && !gave(id.Session, config.AskCookie) {
		return nil, errDeadCookie
	}
	return id, err
}

// bySessionCookie is called before byAccessCookie, because the prefix of the cookie's name keeps other hosts from
// planting it.
func (c *Core) bySessionCookie(g *gin.Context, came []*http.Cookie, lax bool) (*Identity, error) {
	key, err := c.cookies.Only(g, came)
	if err != nil || key == "" {
		return nil, err
	}
	return c.byKey(g, key, config.AskCookie, lax, ErrAuthenticationFailed)
}

// byToken returns the identity of a token in the header: an opaque token, found by its prefix, or an access token.
func (c *Core) byToken(g *gin.Context, token string, lax bool) (*Identity, error) {
	if c.tokens {
		if key, ok := secret.Parse(c.cfg.Token.Prefix, token); ok {
			return c.byKey(g, secret.SessionKey(key), config.AskToken, lax, ErrInvalidToken)
		}
	}
	if c.jwt == nil {
		return nil, ErrInvalidToken
	}
	return c.byAccessToken(g, token, lax)
}

// byAccessToken returns the identity of an access token, or [ErrInvalidToken].
func (c *Core) byAccessToken(g *gin.Context, token string, lax bool) (*Identity, error) {
	claims, err := c.jwt.Read(token)
	if err != nil {
		return nil, ErrInvalidToken.Because(err)
	}
	if lax && c.cfg.JWT.Stateless {
		account := c.cfg.NewUser()
		account.Base().ID = claims.UserID
		session := &models.Session{ID: claims.SessionID, UserID: claims.UserID, Credential: claims.Credential, ActorID: claims.ActorID}
		return &Identity{Account: account, Session: session, Actor: c.unreadActor(claims.ActorID)}, nil
	}
	id, err := c.look(g, lax, claims.SessionID, c.store.SessionByID)
	if err != nil {
		return nil, NotFoundAs(err, ErrInvalidToken)
	}
	if id.Session.UserID != claims.UserID || id.Session.Personal || !c.valid(id.Session, id.Account.Base(), c.Now()) {
		return nil, ErrInvalidToken
	}
	return id, nil
}

// byKey looks up the session key of a cookie or of an opaque token. credential says which of the two; the key of
// the other kind is rejected with dead.
func (c *Core) byKey(g *gin.Context, key, credential string, lax bool, dead error) (*Identity, error) {
	id, err := c.look(g, lax, secret.Hash(key), c.store.SessionByKey)
	if err != nil {
		return nil, NotFoundAs(err, dead)
	}
	if !c.validByKey(id.Session, id.Account.Base(), c.Now()) || !gave(id.Session, credential) {
		return nil, dead
	}
	return id, nil
}

// look finds a session by its ID or key hash. If lax is true and the method is safe, it may come from the cache;
// otherwise read gets it from the database, and look puts it into the cache.
func (c *Core) look(
	g *gin.Context, lax bool, value string, read func(context.Context, string) (*models.Session, models.Account, error),
) (*Identity, error) {
	now := c.Now()
	if lax && (g.Request.Method == http.MethodGet || g.Request.Method == http.MethodHead) {
		if session, account := c.cache.Get(value, now); session != nil {
			return &Identity{Account: account, Session: session, cached: true}, nil
		}
	}
	begun := c.cache.Begin()
	session, account, err := read(g.Request.Context(), value)
	if errors.Is(err, ErrNoRow) {
		c.cache.Deleted(value)
	}
	if err == nil && session.ActorID == 0 { // an impersonation ends at once
		c.cache.Put(value, begun, session, account, now)
	}
	return &Identity{Account: account, Session: session}, err
}

// HeaderToken returns the token after the scheme Token or Bearer, in any letter case (RFC 9110, section 11.1), and
// whether the request has one. It returns false if tokens are not in use. Two such headers count as one with an
// empty token, which is not valid.
func (c *Core) HeaderToken(r *http.Request) (token string, given bool) {
	if !c.tokens && c.jwt == nil {
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

// CurrentIdentity returns the request's identity, or nil if it has no valid credentials. An operator in the place of a user gets
// [ErrImpersonated]: what the session proves, the operator has not proven.
func (c *Core) CurrentIdentity(g *gin.Context) (*Identity, error) {
	id, err := c.Identify(g, false)
	if rejected, ok := errors.AsType[*binding.Error](err); ok && rejected.Status < 500 {
		return nil, nil
	}
	if err == nil && id != nil && id.Actor != nil {
		return nil, ErrImpersonated
	}
	return id, err
}

// IsOther reports whether a different user is logged in.
func (c *Core) IsOther(g *gin.Context, user *models.User) (bool, error) {
	id, err := c.CurrentIdentity(g)
	return err == nil && id != nil && id.Account.Base().ID != user.ID, err
}

// Guard returns middleware that lets a request through if admit returns nil, and otherwise writes its error.
func (c *Core) Guard(admit func(*gin.Context) error) gin.HandlerFunc {
	vary := "Cookie"
	if c.tokens || c.jwt != nil {
		vary = "Authorization, Cookie"
	}
	bound := c.Bound
	if c.cookies.InCookie() {
		bound = c.bound
	}
	return func(g *gin.Context) {
		g.Writer.Header().Add("Vary", vary)
		defer bound(g)()
		if err := admit(g); err != nil {
			c.Fail(g, err)
		}
	}
}
