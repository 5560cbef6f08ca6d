package core

// The session cookie: reading, replacing and deleting its key, and the values of the application in it.

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/cookiestore"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/sessionstore"
)

// The carrier is the gin session that brings our key with each request. All it holds
// of ours is that key; the row in auth_session says what the key is worth. The key is no
// credential by itself: see secret.SessionKey.

// keyValue is the name of the key among the values of the session, which the
// application may add to.
const keyValue = "_ginauth"

// errKeepsID is a fault of the session store: with the ID kept, whoever planted the
// cookie before login would be logged in after it (T034).
var errKeepsID = ErrInternal.Because(errors.New("the session store keeps the ID of a session that is saved with an empty one"))

// HasCookie reports whether a request brings a session cookie, where those are in use.
func (c *Core) HasCookie(g *gin.Context) bool {
	if !c.cookies {
		return false
	}
	_, err := g.Request.Cookie(c.cookieName)
	return err == nil
}

// carrier returns the request's gin session. A cookie or a stored session that cannot be
// decoded counts as missing; any other error means that the store failed. That of a cookie
// which is too long does not say which it is.
func (c *Core) carrier(r *http.Request) (*sessions.Session, error) {
	s, err := c.cookieStore.Get(r, c.cookieName)
	if err == nil {
		return s, nil
	}
	cookie, missing := r.Cookie(c.cookieName)
	if s != nil && (undecodable(err) || missing == nil && len(c.cookieName)+len(cookie.Value) > cookiestore.MaxCookie) {
		return s, nil
	}
	return nil, err
}

// undecodable reports whether an error of a store is about what a cookie or a stored session
// holds: a cookie that somebody made up, or values of a type that the application no longer
// registers. It would come again at each try, and keep a browser out for good.
func undecodable(err error) bool {
	if bad, ok := errors.AsType[securecookie.Error](err); ok {
		return bad.IsDecode()
	}
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, mistyped := errors.AsType[*json.UnmarshalTypeError](err)
	return syntax || mistyped || strings.HasPrefix(err.Error(), "gob: ") // package gob has no type for its errors
}

// sessionKey returns the key that a request brings, or "".
func (c *Core) sessionKey(r *http.Request) (string, error) {
	s, err := c.carrier(r)
	if err != nil {
		return "", err
	}
	key, _ := s.Values[keyValue].(string)
	return key, nil
}

// CookieKeys returns the keys of the cookies of the name, so that a second cookie, which
// somebody planted, cannot keep the session of the first from being ended.
func (c *Core) CookieKeys(g *gin.Context) ([]string, error) {
	if !c.cookies {
		return nil, nil
	}
	var keys []string
	for _, cookie := range g.Request.CookiesNamed(c.cookieName) {
		alone := (&http.Request{Header: http.Header{}}).WithContext(bare{g.Request.Context()})
		alone.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
		key, err := c.sessionKey(alone)
		if err != nil {
			return nil, err
		}
		if key != "" && len(keys) < maxDuplicates && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// bare is a context with the deadline of another one and none of its values, so that gorilla starts
// a registry of its own in it.
type bare struct{ context.Context }

// Value implements context.Context.
func (bare) Value(any) any { return nil }

// SessionKey is a key that is not in force yet, though the answer's cookie may have it.
type SessionKey struct {
	secret    string // of a token
	Hash      string // of its session key, which the cookie has
	committed bool
	Forget    func() // what the store kept under the old ID
	Undo      func() // take the cookie back
}

// Commit is called when the row with the hash is stored.
func (k *SessionKey) Commit() {
	k.committed = true
	k.Forget()
}

// UndoUnlessCommitted is deferred, so that neither an error nor a panic leaves the
// client with a key that is not in force.
func (k *SessionKey) UndoUnlessCommitted() {
	if !k.committed {
		k.Undo()
	}
}

// IssueKey makes a key and, where asked to and cookies are in use, puts it into the answer's cookie,
// with a new session ID. The application's own values move along where they are the same
// person's.
func (c *Core) IssueKey(g *gin.Context, inCookie, keepValues bool) (*SessionKey, error) {
	token, err := secret.New(c.cfg.Rand)
	if err != nil {
		return nil, ErrInternal.Because(err)
	}
	key := secret.SessionKey(token)
	if !c.cookies || !inCookie {
		return &SessionKey{secret: token, Hash: secret.Hash(key), Undo: func() {}, Forget: func() {}}, nil
	}
	s, err := c.carrier(g.Request)
	if err != nil {
		return nil, err
	}
	oldID, oldValues, oldCookies := s.ID, s.Values, g.Writer.Header()["Set-Cookie"]
	undo := func() {
		s.ID, s.Values = oldID, oldValues
		g.Writer.Header()["Set-Cookie"] = oldCookies
	}
	var kept map[any]any
	if keepValues {
		kept = oldValues
	}
	if err = c.saveKey(g, s, key, kept); err == nil && oldID != "" && s.ID == oldID {
		err = errKeepsID
	}
	if err != nil {
		undo()
		return nil, err
	}
	return &SessionKey{secret: token, Hash: secret.Hash(key), Undo: undo, Forget: func() { c.forgetCarrier(g, oldID) }}, nil
}

// saveKey saves a session under a new ID with the key and values of the application. If that
// fails, it tries once more without these values: they may be too large for the store, or of a
// type that it cannot encode, and a login must not fail for them.
func (c *Core) saveKey(g *gin.Context, s *sessions.Session, key string, values map[any]any) error {
	save := func(values map[any]any) error {
		s.ID, s.Values = "", map[any]any{}
		maps.Copy(s.Values, values)
		s.Values[keyValue] = key
		return c.saveCarrier(g.Request, g.Writer, s, c.cookieOptions())
	}
	err := save(values)
	if err == nil || len(s.Values) == 1 {
		return err
	}
	if save(nil) != nil {
		return err
	}
	c.cfg.Logger.LogAttrs(g.Request.Context(), slog.LevelWarn,
		"ginauth: the session store did not save the application's values; the login goes on without them", slog.String("error", err.Error()))
	return nil
}

// DropSessionCookie empties the gin session and deletes its cookie, if one came.
func (c *Core) DropSessionCookie(g *gin.Context) error {
	if !c.HasCookie(g) {
		return nil
	}
	s, err := c.carrier(g.Request)
	if err != nil {
		return err
	}
	clear(s.Values)
	return c.saveCarrier(g.Request, g.Writer, s, c.goneOptions())
}

// ExpireCookie deletes the cookie without the store.
func (c *Core) ExpireCookie(g *gin.Context) {
	http.SetCookie(g.Writer, sessions.NewCookie(c.cookieName, "", c.goneOptions()))
}

// forgetCarrier deletes what a server-side store keeps under an ID that was replaced.
// The key in it is worth nothing any more, so a failure is not the client's business.
func (c *Core) forgetCarrier(g *gin.Context, id string) {
	if id == "" {
		return
	}
	old := sessions.NewSession(c.cookieStore, c.cookieName)
	old.ID = id
	_ = c.saveCarrier(g.Request, sessionstore.HeaderWriter{}, old, c.goneOptions())
}
