package core

// SignIn, the single entry point for logins, and Complete, for flows that log in only sometimes.

import (
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clone"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/cookies"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/tokens"
	"github.com/ginauth/gin-rest-auth/models"
)

// MayLogIn reports whether a link from a mail logs its user in here: only if setting is true, and no other user is
// logged in, whose session would end.
func (c *Core) MayLogIn(g *gin.Context, user *models.User, setting bool) (bool, error) {
	if !setting || c.Managed(user) {
		return false, nil
	}
	other, err := c.IsOther(g, user)
	return err == nil && !other, err
}

// MethodApplication is the method of a login by ginauth.Auth.LogIn.
const MethodApplication = "application"

// SignIn is the single entry point for logins: every flow that authenticates a user ends here. It returns a
// binding.LoginResponse, with the credential that the client asked for and a new key. One transaction does the work
// of the flow, ends the sessions that the request came with, and stores the new one. If it fails, the cookie is
// taken back, and the client keeps its previous session.
//
// If the user has a second factor that the flow does not verify, SignIn only does the flow's work, and returns a
// binding.Challenge; see [Core.Pass]. A browser that the user trusted can excuse a login by password; see [Setup.Excuse].
// A user who has none and must set one up gets a challenge as well; see [Setup.RequireFactor].
//
// If the user was deleted, or all their sessions were revoked after they were loaded, SignIn fails with [ErrNoRow]
// or [ErrChanged], because the credential may no longer be valid.
func (c *Core) SignIn(g *gin.Context, f Flow) (any, error) {
	out, err := c.signIn(g, f)
	c.signedIn(g, f.Method, out, err)
	return out, err
}

func (c *Core) signIn(g *gin.Context, f Flow) (any, error) {
	user := f.Account.Base()
	if f.Continues != nil {
		f.Short = f.Continues.Short
		if user.Factors != "" && f.Continues.Factors < 2 {
			return nil, ErrFactorRequired
		}
	}
	f.Work = clone.OnRetry(f.Account, f.work)
	if err := c.authn.CheckAllowed(g.Request.Context(), user, f.ByMail); err != nil {
		return nil, err
	}
	if err := c.checkFactors(g.Request.Context(), user); err != nil {
		return nil, err
	}
	if user.Factors != "" && f.factors() < 2 {
		var err error
		if f.excused, err = c.excuse(g, f); err != nil {
			return nil, err
		}
		if f.excused == nil {
			out, err := c.challenge(g, f, false)
			if !errors.Is(err, errNoFactor) {
				return out, err
			}
		}
	}
	if f.excused == nil && f.factors() < 2 && c.mustHaveFactor(f.Account) {
		return c.challenge(g, f, true)
	}
	return c.logIn(g, f)
}

// logIn is SignIn for a user who has passed all factors.
func (c *Core) logIn(g *gin.Context, f Flow) (any, error) {
	ctx, account, user := g.Request.Context(), f.Account, f.Account.Base()
	granted, old, err := c.exchange(g, f)
	if err != nil {
		return nil, err
	}
	granted.Short = f.Short
	key, err := c.cookies.Issue(g, cookies.Terms{InCookie: granted.Cookies, KeepValues: old.sameUser, Short: f.Short})
	if err != nil {
		return nil, err
	}
	defer key.UndoUnlessCommitted()
	session, err := c.newSession(g, f.Method, key.Hash, granted)
	if err != nil {
		return nil, err
	}
	f.proven(session)
	event := c.Event(g, account)
	event.Method, event.Session, event.NewDevice = f.Method, session, c.onNewDevice(g, user, f.Method)
	pair, err := c.begin(g, f, granted, old, event)
	if err != nil {
		return nil, err
	}
	key.Commit()
	if granted.Cookies && !f.Short {
		c.rememberDevice(g, user)
	}
	user.LastLogin = &session.CreatedAt
	respond.SetSubject(g, account)
	c.After(ctx, config.EventLogin, event)
	return c.writeLogin(g, user, session, key, pair), nil
}

// exchange returns what a login gives its client, and which sessions it replaces: none for a client that gets no
// cookies.
func (c *Core) exchange(g *gin.Context, f Flow) (granted grant, old replaced, err error) {
	if granted, err = c.grants().For(g.Request, f.asked); err == nil && granted.Cookies {
		old, err = c.replacedBy(g, f.Account.Base())
	}
	return granted, old, err
}

// begin stores the session of a login, and creates its JSON Web Tokens, if it gives any. It creates them outside
// the transaction, because claims may query the database and the pool may have no other connection: before the
// transaction, or after it for a new user, who has no ID before.
func (c *Core) begin(g *gin.Context, f Flow, granted grant, old replaced, event config.Event) (pair *tokens.Pair, err error) {
	ctx, session, userID := g.Request.Context(), event.Session, f.Account.Base().ID
	session.UserID = userID
	if granted.Pair && userID != 0 {
		if pair, err = c.jwt.Issue(ctx, c.Now(), f.Account, session); err != nil {
			return nil, err
		}
	}
	if err := c.Tx(ctx, func(tx *Tx) error { return c.enter(g, tx, f, old, event) }); err != nil {
		return nil, err
	}
	f.committed(g.Request.Context())
	if granted.Pair && userID == 0 {
		if pair, err = c.jwt.Issue(ctx, c.Now(), f.Account, session); err != nil {
			return nil, errors.Join(err, NotFoundAs(c.store.EndSessionByID(ctx, session.ID), nil))
		}
	}
	return pair, nil
}

// enter is the transaction of SignIn.
func (c *Core) enter(g *gin.Context, tx *Tx, f Flow, old replaced, event config.Event) error {
	if err := f.work(tx); err != nil {
		return err
	}
	user, session := f.Account.Base(), event.Session
	asked := user.Factors != "" && f.factors() < 2
	if asked && f.excused == nil {
		return ErrChanged
	}
	if err := tx.rows.LoggedIn(user.ID, user.SessionEpoch, user.Factors, session.CreatedAt); err != nil {
		return err
	}
	if asked {
		if err := f.excused(tx); err != nil {
			return err
		}
	}
	if err := f.then(tx); err != nil {
		return err
	}
	if err := c.later(g, tx, f); err != nil {
		return err
	}
	if err := old.end(tx); err != nil {
		return err
	}
	if err := c.onLogin(g, tx, user, event.NewDevice); err != nil {
		return err
	}
	session.UserID, session.Epoch = user.ID, user.SessionEpoch
	if err := c.Before(g.Request.Context(), tx, config.EventLogin, event); err != nil {
		return err
	}
	if err := tx.rows.CreateSession(session, c.cfg.Session.MaxPerUser); err != nil {
		return err
	}
	return f.Attempt.succeed(tx) // last, since logins of one network wait for each other from here on
}

// Complete runs a flow. It returns the result of [Core.SignIn] if Flow.Login is true, and otherwise a
// binding.Detail with the message Flow.Done.
func (c *Core) Complete(g *gin.Context, f Flow) (any, error) {
	if f.Login {
		return c.SignIn(g, f)
	}
	work := func(tx *Tx) error {
		if err := f.work(tx); err != nil {
			return err
		}
		return f.then(tx)
	}
	if err := c.Tx(g.Request.Context(), clone.OnRetry(f.Account, work)); err != nil {
		return nil, err
	}
	f.committed(g.Request.Context())
	return binding.Detail{Detail: c.Say(g, f.Done, nil)}, nil
}

// onLogin cancels a scheduled deletion of the account, and notifies its user of a new device.
func (c *Core) onLogin(g *gin.Context, tx *Tx, user *models.User, newDevice bool) error {
	if user.DeleteAt != nil {
		if err := tx.rows.KeepUser(user.ID); err != nil {
			return err
		}
	}
	if !newDevice {
		return nil
	}
	return c.Notify(g, tx, mailNewDevice, user, user.Email)
}

// onNewDevice reports whether a user has logged in before, and not in this browser.
func (c *Core) onNewDevice(g *gin.Context, user *models.User, method string) bool {
	return c.needsDevices() && method != MethodRegister && user.LastLogin != nil && !c.cookies.KnowsDevice(g, user)
}

// replaced are the sessions that a login ends, because its cookies replace theirs.
type replaced struct {
	keys     []string // of session cookies
	ids      []string // of token cookies
	sameUser bool     // all keys belong to valid sessions of the user who logs in; also true without keys
}

func (c *Core) replacedBy(g *gin.Context, u *models.User) (old replaced, err error) {
	if old.keys, err = c.CookieKeys(g); err != nil {
		return old, err
	}
	if c.jwt != nil {
		if old.ids, err = c.SessionsNamed(g, nil, nil); err != nil {
			return old, err
		}
	}
	old.sameUser, err = c.belongTo(g, old.keys, u)
	return old, err
}

func (r replaced) end(tx *Tx) error {
	for _, key := range r.keys {
		if err := tx.rows.EndSessionByKey(secret.Hash(key)); err != nil {
			return err
		}
	}
	for _, id := range r.ids {
		if err := tx.rows.EndSessionByID(id); err != nil {
			return err
		}
	}
	return nil
}

// writeLogin returns the response of every login: the user, and the tokens of the session's credential.
func (c *Core) writeLogin(g *gin.Context, user *models.User, s *models.Session, key *cookies.Key, pair *tokens.Pair) binding.LoginResponse {
	out := binding.LoginResponse{User: new(c.ProfileOf(user))}
	if c.tokens && gave(s, config.AskToken) {
		out.Key = secret.Format(c.cfg.Token.Prefix, key.Secret)
	}
	if pair != nil {
		out.Tokens = c.jwt.Write(g, c.refreshPaths(), pair, gave(s, config.AskCookie))
	} else if c.cfg.AllowTokensWithCookies && s.Credential == "" && out.Key != "" {
		out.User = nil // the exact shape of dj-rest-auth
	}
	return out
}
