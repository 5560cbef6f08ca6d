package core

// Impersonate, which gives an operator a session of another user, and EndImpersonation, which gives them their own back.

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/cookies"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/tokens"
	"github.com/ginauth/gin-rest-auth/models"
)

// MethodImpersonation is models.Session.Method of a session in which an operator acts.
const MethodImpersonation = "impersonation"

// ErrNotImpersonating is for a request that ends an impersonation and is not one.
var ErrNotImpersonating = &binding.Error{Status: http.StatusConflict, Code: binding.CodeNotImpersonating}

// Impersonate gives the operator of a request a session of the user with an ID, until the time has passed or the operator's own session
// ends. Use it in a route with a [Route.Permission], which [Setup.ActAs] also names, and [Route.RefreshCookie]. The credential is of the kind with which the
// operator came: a cookie replaces the cookie of the operator's session, which waits for [Core.EndImpersonation]; a token is in the
// response. The session proves nothing about the user, is no login, and no browser is remembered. record runs in the transaction, see
// [Core.Operate], whose errors are returned. A superuser is [ErrPermission], and a user who cannot log in is [ErrRefused].
func (c *Core) Impersonate(g *gin.Context, userID int64, lifetime time.Duration, record func(*OperatorTx, *models.Session) error) (out binding.LoginResponse, err error) {
	operator := identityOf(g)
	switch {
	case operator == nil:
		return out, errNoUser
	case operator.ByHeader && operator.Session.Credential == config.AskCookie: // the access token of a browser, which others get
		return out, ErrAuthenticationFailed
	}
	account, err := c.store.UserByID(g.Request.Context(), userID)
	if err != nil {
		return out, NotFoundAs(err, ErrNotFound)
	}
	granted := c.grantLike(g, operator)
	if granted.Cookies {
		if err := c.holds(g, operator.Session); err != nil {
			return out, err
		}
	}
	key, err := c.cookies.Issue(g, cookies.Terms{InCookie: granted.Cookies, Short: operator.Session.Short})
	if err != nil {
		return out, err
	}
	defer key.UndoUnlessCommitted()
	session, err := c.actingSession(g, operator.Session, key, granted, lifetime)
	if err != nil {
		return out, err
	}
	session.UserID = userID
	var pair *tokens.Pair
	if granted.Pair {
		if pair, err = c.jwt.Issue(g.Request.Context(), c.Now(), account, session); err != nil {
			return out, err
		}
	}
	if err := c.Operate(g, userID, func(op *OperatorTx) error { return c.beginActing(op, session, record) }); err != nil {
		return out, err
	}
	key.Commit()
	respond.SetSubject(g, account)
	return c.writeLogin(g, account.Base(), session, key, pair), nil
}

// grantLike returns the credential with which the operator of a request came: a page that has no token of the operator gets none of the
// user, and a client with a token gets no cookie.
func (c *Core) grantLike(g *gin.Context, operator *Identity) grant {
	if !operator.ByHeader {
		return grant{Credential: config.AskCookie, Cookies: true, Pair: c.jwt.InCookies()}
	}
	token, _ := c.HeaderToken(g.Request)
	if _, opaque := secret.Parse(c.cfg.Token.Prefix, token); opaque && c.tokens {
		return grant{Credential: config.AskToken}
	}
	return grant{Credential: config.AskJWT, Pair: true}
}

// actingSession returns a session without its user, in which the operator acts.
func (c *Core) actingSession(g *gin.Context, own *models.Session, key *cookies.Key, granted grant, lifetime time.Duration) (*models.Session, error) {
	s, err := c.newSession(g, MethodImpersonation, key.Hash, granted)
	if err != nil {
		return nil, err
	}
	s.Proofs, s.Short = "", own.Short
	s.ActorID, s.ActorSession, s.ActorEpoch = own.UserID, own.ID, own.Epoch
	for _, end := range []time.Time{s.CreatedAt.Add(lifetime), own.ExpiresAt} {
		if end.Before(s.ExpiresAt) {
			s.ExpiresAt = end
		}
	}
	return s, nil
}

// beginActing is the transaction of Impersonate.
func (c *Core) beginActing(op *OperatorTx, s *models.Session, record func(*OperatorTx, *models.Session) error) error {
	may, err := c.mayActAs(op.DB, op.Operator, op.User)
	switch {
	case err != nil:
		return err
	case !may:
		return ErrPermission
	case !c.authn.MayUse(op.User) || op.User.Pending || op.User.DeleteAt != nil:
		return ErrRefused
	}
	s.Epoch = op.User.SessionEpoch
	if err := op.rows.CreateSession(s, 0); err != nil { // it must not end the user's own sessions
		return err
	}
	return record(op, s)
}

// EndImpersonation ends the impersonation of a request, and gives its client the operator's session back: if it came by a cookie, the
// operator's session gets a new key in it, else the client has the operator's token. It needs no valid session: the cookie of an
// impersonation that has ended by time is enough while its row exists. An access token is not enough for an impersonation in cookies: use
// [Route.RefreshCookie]. record runs in the transaction with the user's account and the operator's. It returns [ErrNotImpersonating] for any other request, so of two that end one, one succeeds, and
// [ErrAuthenticationFailed] if the operator's session has ended.
func (c *Core) EndImpersonation(g *gin.Context, record func(tx *Tx, s *models.Session, user, operator models.Account) error) (out binding.LoginResponse, err error) {
	session, user, err := c.acting(g)
	if err != nil {
		return out, err
	}
	own, operator, err := c.store.SessionByID(g.Request.Context(), session.ActorSession)
	if err != nil || own.UserID != session.ActorID || own.Epoch != session.ActorEpoch || !c.valid(own, operator.Base(), c.Now()) {
		return out, NotFoundAs(err, ErrAuthenticationFailed)
	}
	b := &back{session: session, own: own, key: &cookies.Key{}}
	if session.Credential == config.AskCookie {
		if err := c.issueBack(g, b, operator); err != nil {
			return out, err
		}
		defer b.key.UndoUnlessCommitted()
	}
	err = c.Tx(g.Request.Context(), func(tx *Tx) error {
		if err := c.giveBack(tx, b); err != nil {
			return err
		}
		return record(tx, session, user, operator)
	})
	if err != nil {
		return out, err
	}
	b.key.Commit()
	respond.SetSubject(g, operator)
	out.User = new(c.ProfileOf(operator.Base()))
	if b.pair != nil {
		out.Tokens = c.jwt.Write(g, c.refreshPaths(), b.pair, true)
	}
	return out, nil
}

// back is what gives an operator their own session back.
type back struct {
	session, own *models.Session
	key          *cookies.Key
	pair         *tokens.Pair
}

// acting returns the session of an impersonation, valid or not, and its user. In cookies only the session's own credential counts, see
// ownInCookies. A token in the header gives nothing back, so it is enough while it is valid.
func (c *Core) acting(g *gin.Context) (*models.Session, models.Account, error) {
	id, err := c.Identify(g, false)
	if err != nil && !errors.Is(err, ErrEnded) {
		return nil, nil, err
	}
	if id != nil && id.ByHeader {
		if id.Session.ActorID == 0 || id.Session.Credential == config.AskCookie {
			return nil, nil, ErrNotImpersonating
		}
		return id.Session, id.Account, nil
	}
	session, user, err := c.ownInCookies(g)
	if err == nil && (session.ActorID == 0 || session.Credential != config.AskCookie) {
		err = ErrNotImpersonating
	}
	return session, user, NotFoundAs(err, ErrNotImpersonating)
}

// ownInCookies returns the session whose own credential a browser sends: the session cookie, or the current refresh token. An access token
// is not one, since other hosts and services get it. The error is [ErrNoRow] without one.
func (c *Core) ownInCookies(g *gin.Context) (*models.Session, models.Account, error) {
	key, err := c.cookies.Only(g, c.cookies.All(g.Request))
	if err != nil {
		return nil, nil, err
	}
	if key != "" {
		session, user, err := c.store.SessionByKey(g.Request.Context(), secret.Hash(key))
		if !errors.Is(err, ErrNoRow) {
			return session, user, err
		}
	}
	if _, all := c.jwt.Cookies(g.Request); len(all) == 1 {
		return c.refresher().Current(g.Request.Context(), all[0])
	}
	return nil, nil, ErrNoRow
}

// holds returns nil if a browser sends the own credential of a session.
func (c *Core) holds(g *gin.Context, s *models.Session) error {
	own, _, err := c.ownInCookies(g)
	if err == nil && own.ID != s.ID {
		err = ErrNoRow
	}
	return NotFoundAs(err, ErrAuthenticationFailed)
}

// issueBack makes the new key and tokens of the operator's session.
func (c *Core) issueBack(g *gin.Context, b *back, operator models.Account) (err error) {
	if b.key, err = c.cookies.Issue(g, cookies.Terms{InCookie: true, Short: b.own.Short}); err != nil {
		return err
	}
	if c.jwt.InCookies() && b.own.RefreshSalt != "" {
		b.pair, err = c.jwt.Issue(g.Request.Context(), c.Now(), operator, b.own)
	}
	if err != nil {
		b.key.UndoUnlessCommitted()
	}
	return err
}

// giveBack is the transaction of EndImpersonation.
func (c *Core) giveBack(tx *Tx, b *back) error {
	if err := tx.rows.LockedIn(b.own.UserID, b.own.ID); err != nil {
		if errors.Is(err, ErrChanged) {
			return ErrAuthenticationFailed
		}
		return err
	}
	ended, err := tx.rows.EndedSession(b.session.ID)
	if err != nil {
		return err
	}
	if !ended {
		return ErrNotImpersonating
	}
	if b.key.Hash == "" {
		return nil
	}
	renewed := *b.own
	renewed.KeyHash = b.key.Hash
	return tx.rows.RekeySession(b.own.ID, &renewed, false)
}
