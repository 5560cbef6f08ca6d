package ginauth

// The one door: every flow that logs a user in ends in signIn.

import (
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clone"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// mayLogIn reports whether a link can log its user in here: where the setting says so, and no
// other user is logged in, whose session would end (T111).
func (a *Auth) mayLogIn(c *gin.Context, user *models.User, setting bool) (bool, error) {
	if !setting || a.managed(user) {
		return false, nil
	}
	other, err := a.isOther(c, user)
	return err == nil && !other, err
}

const methodApplication = "application" // the application vouches, see LogIn

// signIn is the single entry point for logins: every flow that authenticates a user ends here.
// It decides which credential the client gets (grantFor) and gives it a new key. One transaction
// does the work, ends the sessions that the request came with, and stores the new one. If it
// fails, the cookie is taken back, so that the client keeps what it had. If the user was deleted,
// or all their sessions were revoked after they were loaded, signIn fails with ErrNotFound or
// ErrChanged, because the credential may no longer be valid.
func (a *Auth) signIn(c *gin.Context, f flow) (binding.LoginResponse, error) {
	var none binding.LoginResponse
	ctx, account, user := c.Request.Context(), f.account, f.account.Base()
	f.work = restoreOnRetry(account, f.work)
	if err := a.mayEnter(ctx, user, f.method); err != nil {
		return none, err
	}
	g, old, err := a.exchange(c, user)
	if err != nil {
		return none, err
	}
	key, err := a.issueKey(c, g.cookies, old.sameUser)
	if err != nil {
		return none, err
	}
	defer key.undoUnlessCommitted()
	session, err := a.newSession(c, f.method, key.hash, g)
	if err != nil {
		return none, err
	}
	event := a.event(c, account)
	event.Method, event.Session = f.method, session
	tokens, err := a.begin(c, f, g, old, event)
	if err != nil {
		return none, err
	}
	key.commit()
	if g.cookies {
		a.rememberDevice(c, user)
	}
	user.LastLogin = &session.CreatedAt
	answers(c, account)
	a.after(ctx, config.EventLogin, event)
	return a.writeLogin(c, user, session, key, tokens), nil
}

// exchange reads what a login gives its client, and which sessions it ends for that: none, for a
// client that gets no cookies.
func (a *Auth) exchange(c *gin.Context, user *models.User) (g grant, old replaced, err error) {
	if g, err = a.grantFor(c.Request); err == nil && g.cookies {
		old, err = a.replacedBy(c, user)
	}
	return g, old, err
}

// begin stores the session of a login, and makes its JSON Web Tokens, if it gives any. They are made
// outside the transaction, since claims may ask the database, and the pool may have no other
// connection: before it, or after it for a new user, who has an ID for sure only then.
func (a *Auth) begin(c *gin.Context, f flow, g grant, old replaced, event config.Event) (tokens *pair, err error) {
	ctx, session, userID := c.Request.Context(), event.Session, f.account.Base().ID
	session.UserID = userID
	if g.pair && userID != 0 {
		if tokens, err = a.newPair(ctx, f.account, session); err != nil {
			return nil, err
		}
	}
	if err := a.store.Tx(ctx, func(tx *store.Tx) error { return a.enter(c, tx, f, old, event) }); err != nil {
		return nil, err
	}
	f.tell()
	if g.pair && userID == 0 {
		if tokens, err = a.newPair(ctx, f.account, session); err != nil {
			return nil, errors.Join(err, notFoundAs(a.store.EndSessionByID(ctx, session.ID), nil))
		}
	}
	return tokens, nil
}

// enter is the transaction of signIn.
func (a *Auth) enter(c *gin.Context, tx *store.Tx, f flow, old replaced, event config.Event) error {
	if err := f.work(tx); err != nil {
		return err
	}
	user, session := f.account.Base(), event.Session
	if err := tx.LoggedIn(user.ID, user.SessionEpoch, session.CreatedAt); err != nil {
		return err
	}
	if f.then != nil {
		if err := f.then(tx); err != nil {
			return err
		}
	}
	if err := old.end(tx); err != nil {
		return err
	}
	if err := a.welcome(c, tx, user, f.method); err != nil {
		return err
	}
	session.UserID, session.Epoch = user.ID, user.SessionEpoch
	if err := a.before(c.Request.Context(), tx, config.EventLogin, event); err != nil {
		return err
	}
	return tx.CreateSession(session, a.cfg.Session.MaxPerUser)
}

// flow is a transaction that may end in a login, and who hears of it.
type flow struct {
	login     bool           // for complete
	account   models.Account // who logs in; work may change him
	method    string
	work      func(*store.Tx) error // may run several times, each time on the account as it was
	then      func(*store.Tx) error // runs when the login is noted: for mails that are bound to it; may be nil
	committed func()                // tells After hooks of the work, whatever comes then; may be nil
	done      string                // for complete: the text for who is not logged in
}

func (f flow) tell() {
	if f.committed != nil {
		f.committed()
	}
}

// complete runs a flow, and answers with its login or its text.
func (a *Auth) complete(c *gin.Context, f flow) (any, error) {
	if f.login {
		return a.signIn(c, f)
	}
	work := func(tx *store.Tx) error {
		if err := f.work(tx); err != nil || f.then == nil {
			return err
		}
		return f.then(tx)
	}
	if err := a.store.Tx(c.Request.Context(), restoreOnRetry(f.account, work)); err != nil {
		return nil, err
	}
	f.tell()
	return binding.Detail{Detail: a.say(c, f.done, nil)}, nil
}

// welcome keeps an account that was to be deleted, and tells its user of a new device.
func (a *Auth) welcome(c *gin.Context, tx *store.Tx, user *models.User, method string) error {
	if user.DeleteAt != nil {
		if err := tx.KeepUser(user.ID); err != nil {
			return err
		}
	}
	if method == methodRegister || user.LastLogin == nil || a.knownDevice(c, user) {
		return nil
	}
	return a.notify(c, tx, mailNewDevice, user, user.Email)
}

// withEpoch is a copy of a user as he will be when his sessions were ended.
func withEpoch(account models.Account, epoch int64) models.Account {
	later := clone.Account(account)
	later.Base().SessionEpoch = epoch
	return later
}

// replaced are the sessions that a login ends, because its cookies take the place of
// theirs.
type replaced struct {
	keys     []string // of session cookies
	ids      []string // of token cookies
	sameUser bool     // all keys are of live sessions of the one who logs in; also where there are none
}

func (a *Auth) replacedBy(c *gin.Context, u *models.User) (old replaced, err error) {
	if old.keys, err = a.cookieKeys(c); err != nil {
		return old, err
	}
	if a.ring != nil {
		if old.ids, err = a.sessionsOf(c, nil, nil); err != nil {
			return old, err
		}
	}
	old.sameUser, err = a.belongTo(c, old.keys, u)
	return old, err
}

func (r replaced) end(tx *store.Tx) error {
	for _, key := range r.keys {
		if err := tx.EndSessionByKey(secret.Hash(key)); err != nil {
			return err
		}
	}
	for _, id := range r.ids {
		if err := tx.EndSessionByID(id); err != nil {
			return err
		}
	}
	return nil
}

// writeLogin answers every flow that logs in: the user, and the tokens that the session says.
func (a *Auth) writeLogin(c *gin.Context, user *models.User, s *models.Session, key *newKey, tokens *pair) binding.LoginResponse {
	out := binding.LoginResponse{User: new(binding.UserOf(user))}
	if a.tokens && gave(s, config.AskToken) {
		out.Key = secret.Format(a.cfg.Token.Prefix, key.secret)
	}
	if tokens != nil {
		out.Tokens = a.writePair(c, s, tokens, a.cfg.JWT.ReturnExpiration)
	} else if a.cfg.AllowTokensWithCookies && s.Credential == "" && out.Key != "" {
		out.User = nil // the exact shape of dj-rest-auth
	}
	return out
}
