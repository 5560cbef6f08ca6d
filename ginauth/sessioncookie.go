package ginauth

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
var errKeepsID = errInternal.Because(errors.New("the session store keeps the ID of a session that is saved with an empty one"))

func (a *Auth) hasCookie(c *gin.Context) bool {
	if !a.cookies {
		return false
	}
	_, err := c.Request.Cookie(a.cookieName)
	return err == nil
}

// carrier returns the request's gin session. A cookie or a stored session that cannot be
// decoded counts as missing; any other error means that the store failed. That of a cookie
// which is too long does not say which it is.
func (a *Auth) carrier(r *http.Request) (*sessions.Session, error) {
	s, err := a.carriers.Get(r, a.cookieName)
	if err == nil {
		return s, nil
	}
	cookie, missing := r.Cookie(a.cookieName)
	if s != nil && (undecodable(err) || missing == nil && len(a.cookieName)+len(cookie.Value) > cookiestore.MaxCookie) {
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
func (a *Auth) sessionKey(r *http.Request) (string, error) {
	s, err := a.carrier(r)
	if err != nil {
		return "", err
	}
	key, _ := s.Values[keyValue].(string)
	return key, nil
}

// cookieKeys returns the keys of the cookies of the name, so that a second cookie, which
// somebody planted, cannot keep the session of the first from being ended.
func (a *Auth) cookieKeys(c *gin.Context) ([]string, error) {
	if !a.cookies {
		return nil, nil
	}
	var keys []string
	for _, cookie := range c.Request.CookiesNamed(a.cookieName) {
		alone := (&http.Request{Header: http.Header{}}).WithContext(bare{c.Request.Context()})
		alone.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
		key, err := a.sessionKey(alone)
		if err != nil {
			return nil, err
		}
		if key != "" && len(keys) < maxTwins && !slices.Contains(keys, key) {
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

// newKey is a key that is not in force yet, though the answer's cookie may have it.
type newKey struct {
	secret    string // of a token
	hash      string // of its session key, which the cookie has
	committed bool
	forget    func() // what the store kept under the old ID
	undo      func() // take the cookie back
}

// commit is called when the row with the hash is stored.
func (k *newKey) commit() {
	k.committed = true
	k.forget()
}

// undoUnlessCommitted is deferred, so that neither an error nor a panic leaves the
// client with a key that is not in force.
func (k *newKey) undoUnlessCommitted() {
	if !k.committed {
		k.undo()
	}
}

// issueKey makes a key and, where asked to and cookies are in use, puts it into the answer's cookie,
// with a new session ID. The application's own values move along where they are the same
// person's.
func (a *Auth) issueKey(c *gin.Context, inCookie, keepValues bool) (*newKey, error) {
	token, err := secret.New(a.cfg.Rand)
	if err != nil {
		return nil, errInternal.Because(err)
	}
	key := secret.SessionKey(token)
	if !a.cookies || !inCookie {
		return &newKey{secret: token, hash: secret.Hash(key), undo: func() {}, forget: func() {}}, nil
	}
	s, err := a.carrier(c.Request)
	if err != nil {
		return nil, err
	}
	oldID, oldValues, oldCookies := s.ID, s.Values, c.Writer.Header()["Set-Cookie"]
	undo := func() {
		s.ID, s.Values = oldID, oldValues
		c.Writer.Header()["Set-Cookie"] = oldCookies
	}
	var kept map[any]any
	if keepValues {
		kept = oldValues
	}
	if err = a.saveKey(c, s, key, kept); err == nil && oldID != "" && s.ID == oldID {
		err = errKeepsID
	}
	if err != nil {
		undo()
		return nil, err
	}
	return &newKey{secret: token, hash: secret.Hash(key), undo: undo, forget: func() { a.forgetCarrier(c, oldID) }}, nil
}

// saveKey saves a session under a new ID with the key and values of the application. If that
// fails, it tries once more without these values: they may be too large for the store, or of a
// type that it cannot encode, and a login must not fail for them.
func (a *Auth) saveKey(c *gin.Context, s *sessions.Session, key string, values map[any]any) error {
	save := func(values map[any]any) error {
		s.ID, s.Values = "", map[any]any{}
		maps.Copy(s.Values, values)
		s.Values[keyValue] = key
		return a.saveCarrier(c.Request, c.Writer, s, a.cookieOptions())
	}
	err := save(values)
	if err == nil || len(s.Values) == 1 {
		return err
	}
	if save(nil) != nil {
		return err
	}
	a.cfg.Logger.LogAttrs(c.Request.Context(), slog.LevelWarn,
		"ginauth: the session store did not save the application's values; the login goes on without them", slog.String("error", err.Error()))
	return nil
}

// dropCarrier empties the gin session and deletes its cookie, if one came.
func (a *Auth) dropCarrier(c *gin.Context) error {
	if !a.hasCookie(c) {
		return nil
	}
	s, err := a.carrier(c.Request)
	if err != nil {
		return err
	}
	clear(s.Values)
	return a.saveCarrier(c.Request, c.Writer, s, a.goneOptions())
}

// expireCookie deletes the cookie without the store.
func (a *Auth) expireCookie(c *gin.Context) {
	http.SetCookie(c.Writer, sessions.NewCookie(a.cookieName, "", a.goneOptions()))
}

// forgetCarrier deletes what a server-side store keeps under an ID that was replaced.
// The key in it is worth nothing any more, so a failure is not the client's business.
func (a *Auth) forgetCarrier(c *gin.Context, id string) {
	if id == "" {
		return
	}
	old := sessions.NewSession(a.carriers, a.cookieName)
	old.ID = id
	_ = a.saveCarrier(c.Request, sessionstore.HeaderWriter{}, old, a.goneOptions())
}
