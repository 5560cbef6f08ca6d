package ginauth

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"
	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/cookiestore"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
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

// maxTwins is how many cookies of one name are looked up: about as many as browsers keep for a
// site, so that none that was planted hides the real one; a header has room for thousands.
const maxTwins = 50

// cookieKeys returns the keys of the cookies of the name, so that a second cookie, which
// somebody planted, cannot keep the session of the first from being ended.
func (a *Auth) cookieKeys(c *gin.Context) ([]string, error) {
	if !a.cookies {
		return nil, nil
	}
	var keys []string
	for _, cookie := range c.Request.CookiesNamed(a.cookieName) {
		alone := (&http.Request{Header: http.Header{}}).WithContext(context.Background())
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

// issueKey makes a key and, where cookies are in use, puts it into the answer's cookie,
// with a new session ID. The application's own values move along where they are the same
// person's.
func (a *Auth) issueKey(c *gin.Context, keepValues bool) (*newKey, error) {
	token, err := secret.New(a.cfg.Rand)
	if err != nil {
		return nil, errInternal.Because(err)
	}
	key := secret.SessionKey(token)
	if !a.cookies {
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
	_ = a.saveCarrier(c.Request, discard{http.Header{}}, old, a.goneOptions())
}

// saveCarrier saves a session with these options, and leaves one cookie of the name in
// the answer, whoever set others before.
func (a *Auth) saveCarrier(r *http.Request, w http.ResponseWriter, s *sessions.Session, options *sessions.Options) error {
	s.Options = options
	before := w.Header()["Set-Cookie"]
	kept := make([]string, 0, len(before)+1)
	for _, line := range before {
		if !strings.HasPrefix(line, a.cookieName+"=") {
			kept = append(kept, line)
		}
	}
	saved := discard{http.Header{"Set-Cookie": kept}}
	if err := a.carriers.Save(r, saved, s); err != nil {
		return err
	}
	if options.MaxAge < 0 { // stores differ in what they leave in the value
		saved.header["Set-Cookie"] = kept
		http.SetCookie(saved, sessions.NewCookie(a.cookieName, "", options))
	}
	w.Header()["Set-Cookie"] = saved.header["Set-Cookie"]
	return nil
}

func (a *Auth) cookieOptions() *sessions.Options {
	k := a.cfg.Cookie
	return &sessions.Options{
		Path: k.Path, Domain: k.Domain, MaxAge: int(a.cfg.Session.Absolute / time.Second),
		Secure: !k.InsecureHTTP, HttpOnly: true, SameSite: k.SameSite,
	}
}

// goneOptions delete a cookie that was set with cookieOptions.
func (a *Auth) goneOptions() *sessions.Options {
	o := a.cookieOptions()
	o.MaxAge = -1
	return o
}

func (a *Auth) ginCookieOptions() ginsessions.Options {
	o := a.cookieOptions()
	return ginsessions.Options{
		Path: o.Path, Domain: o.Domain, MaxAge: o.MaxAge, Secure: o.Secure, HttpOnly: o.HttpOnly, SameSite: o.SameSite,
	}
}

// discard is a ResponseWriter whose headers nobody sees.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// Sessions returns the gin-contrib/sessions middleware on the session that this Auth
// uses, so that sessions.Default(c) gives the application room for values of its own.
// They survive the login of a stranger, are dropped when another user logs in, and are
// gone after logout. A handler that changes them calls Save before it writes its answer.
//
// With the default store the values live in the cookie itself: whoever keeps a copy of
// it can send them again after logout, as nobody. Ask [User] for who somebody is, and
// keep nothing there that grants anything.
//
// The routes, RequireUser and OptionalUser do not need it.
func (a *Auth) Sessions() gin.HandlerFunc {
	a.hasValues.Store(true)
	middleware := ginsessions.Sessions(a.cookieName, appStore{a})
	return func(c *gin.Context) {
		sessions.GetRegistry(c.Request) // before anybody copies the request, so that all see one session
		middleware(c)
	}
}

// appStore is the carrier as the application's handlers get it: with our cookie
// attributes, and without a log line for every unreadable cookie.
type appStore struct{ auth *Auth }

func (s appStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	session, err := s.auth.carriers.Get(r, name)
	if session == nil {
		return nil, err
	}
	session.Options = s.auth.cookieOptions()
	return session, nil
}

func (s appStore) New(r *http.Request, name string) (*sessions.Session, error) {
	return s.auth.carriers.New(r, name)
}

func (s appStore) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	return s.auth.saveCarrier(r, w, session, session.Options)
}

// Options does nothing: the attributes are those of config.Cookie.
func (appStore) Options(ginsessions.Options) {}
