package cookies

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
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/sessionstore"
)

// The session cookie's gin session holds only the library's session key, and the application's values. The row in
// auth_session decides whether the key is valid. A copy of the session store contains no credentials, see secret.SessionKey.

// keyValue is the name of the key among the session's values. The application may add values.
const keyValue = "_ginauth"

// errKeepsID is a fault of the session store: if it keeps the ID, an attacker who planted the cookie before login would be
// logged in after it (T034).
var errKeepsID = respond.ErrInternal.Because(errors.New("the session store keeps the ID of a session that is saved with an empty one"))

// ginSession returns the request's gin session. A cookie or a stored session that cannot be decoded counts as missing; any
// other error means that the store failed. The error for a cookie that is too long does not show which case it is.
func (j *Jar) ginSession(r *http.Request) (*sessions.Session, error) {
	s, err := wrapped{j}.Get(r, j.name)
	if err == nil {
		return s, nil
	}
	cookie, missing := r.Cookie(j.name)
	if s != nil && (undecodable(err) || missing == nil && len(j.name)+len(cookie.Value) > cookiestore.MaxCookie) {
		return s, nil
	}
	return nil, err
}

// undecodable reports whether an error of a store is about the content of a cookie or a stored session: a forged cookie, or
// values of a type that the application no longer registers. Retrying cannot help, and the browser would never get in.
func undecodable(err error) bool {
	if bad, ok := errors.AsType[securecookie.Error](err); ok {
		return bad.IsDecode()
	}
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, mistyped := errors.AsType[*json.UnmarshalTypeError](err)
	return syntax || mistyped || strings.HasPrefix(err.Error(), "gob: ") // package gob has no type for its errors
}

// Only returns the key in the session cookie of a request, or "". If there are two session cookies, an attacker has set one
// for a parent domain: neither counts (T045).
func (j *Jar) Only(g *gin.Context, all []*http.Cookie) (string, error) {
	if len(all) != 1 {
		return "", nil
	}
	if own, ok := j.Store.(*cookiestore.Store); ok && !slices.ContainsFunc(g.Writer.Header()["Set-Cookie"], j.isOwn) {
		return own.Text(all[0].Value, keyValue), nil
	}
	return j.key(g.Request) // from the store, or from this response
}

// key returns the key of a request with one session cookie, or "".
func (j *Jar) key(r *http.Request) (string, error) {
	s, err := j.ginSession(r)
	if err != nil {
		return "", err
	}
	key, _ := s.Values[keyValue].(string)
	return key, nil
}

// Keys returns the keys of all session cookies, so that a planted second cookie cannot keep the real session from being
// ended.
func (j *Jar) Keys(g *gin.Context) ([]string, error) {
	var keys []string
	for _, cookie := range j.All(g.Request) {
		alone := (&http.Request{Header: http.Header{}}).WithContext(bare{g.Request.Context()})
		alone.AddCookie(&http.Cookie{Name: cookie.Name, Value: cookie.Value})
		key, err := j.key(alone)
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

// Key is a session key that is not valid yet, although the response's cookie may contain it.
type Key struct {
	Secret    string // the secret of a token
	Hash      string // the hash of its session key, which is in the cookie
	committed bool
	forget    func() // deletes what the store has under the old ID; nil if the key is not in a cookie
	undo      func() // removes the cookie; nil as well
}

// Commit makes the key final. Call it when the row with the hash is stored.
func (k *Key) Commit() {
	k.committed = true
	if k.forget != nil {
		k.forget()
	}
}

// UndoUnlessCommitted removes a key that was not committed. Defer it, so that neither an error nor a panic leaves the client
// with an invalid key.
func (k *Key) UndoUnlessCommitted() {
	if !k.committed && k.undo != nil {
		k.undo()
	}
}

// Terms say how a key is issued.
type Terms struct {
	InCookie   bool // put it into a cookie, if these are in use
	KeepValues bool // keep the application's values in the session; false if a different user logs in
	Short      bool // the cookie ends when the browser closes
}

// Issue makes a key and, as terms say, puts it into the cookie of the response, with a new session ID.
func (j *Jar) Issue(g *gin.Context, terms Terms) (*Key, error) {
	token, err := secret.New(j.cfg.Rand)
	if err != nil {
		return nil, respond.ErrInternal.Because(err)
	}
	key := secret.SessionKey(token)
	if !j.InUse || !terms.InCookie {
		return &Key{Secret: token, Hash: secret.Hash(key)}, nil
	}
	s, err := j.ginSession(g.Request)
	if err != nil {
		return nil, err
	}
	oldID, oldValues, oldCookies := s.ID, s.Values, g.Writer.Header()["Set-Cookie"]
	undo := func() {
		s.ID, s.Values = oldID, oldValues
		g.Writer.Header()["Set-Cookie"] = oldCookies
	}
	own, kept := map[any]any{keyValue: key}, map[any]any{}
	if terms.KeepValues {
		kept = maps.Clone(oldValues)
		delete(kept, shortValue)
	}
	if terms.Short {
		own[shortValue] = "1"
	}
	if err = j.saveKey(g, s, own, kept); err == nil && oldID != "" && s.ID == oldID {
		err = errKeepsID
	}
	if err != nil {
		undo()
		return nil, err
	}
	return &Key{Secret: token, Hash: secret.Hash(key), undo: undo, forget: func() { j.forget(g, oldID) }}, nil
}

// saveKey saves a session under a new ID with the library's own values and the application's. If that fails, it retries
// without the application's: they may be too large for the store, or of a type that it cannot encode, and must not make a login fail.
func (j *Jar) saveKey(g *gin.Context, s *sessions.Session, own, values map[any]any) error {
	save := func(values map[any]any) error {
		s.ID, s.Values = "", map[any]any{}
		maps.Copy(s.Values, values)
		maps.Copy(s.Values, own)
		return j.save(g.Request, g.Writer, s, j.options())
	}
	err := save(values)
	if err == nil || len(s.Values) == len(own) {
		return err
	}
	if save(nil) != nil {
		return err
	}
	j.cfg.Logger.LogAttrs(g.Request.Context(), slog.LevelWarn,
		"ginauth: the session store did not save the application's values; the login continues without them", slog.String("error", err.Error()))
	return nil
}

// Drop empties the gin session and deletes its cookie if the request has one.
func (j *Jar) Drop(g *gin.Context) error {
	if !j.Came(g) {
		return nil
	}
	s, err := j.ginSession(g.Request)
	if err != nil {
		return err
	}
	clear(s.Values)
	return j.save(g.Request, g.Writer, s, j.deleteOptions())
}

// forget deletes what a server-side store has under a replaced ID. The key in it is no longer valid, so a failure does not
// affect the client.
func (j *Jar) forget(g *gin.Context, id string) {
	if id == "" {
		return
	}
	old := sessions.NewSession(wrapped{j}, j.name)
	old.ID = id
	_ = j.save(g.Request, sessionstore.HeaderWriter{}, old, j.deleteOptions())
}
