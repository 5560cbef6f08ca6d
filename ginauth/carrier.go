package ginauth

import (
	"errors"
	"net/http"
	"strings"
	"time"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"
	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
)

// The carrier is the gin session that brings our key with each request. All it holds
// of ours is that key; the row in auth_session says what the key is worth.

// keyValue is the name of the key among the values of the session, which the
// application may add to.
const keyValue = "_ginauth"

// errKeepsID is a fault of the session store: with the ID kept, whoever planted the
// cookie before login would be logged in after it (T034).
var errKeepsID = errInternal.Because(errors.New("the session store keeps the ID of a session that is saved with an empty one"))

func (a *Auth) hasCookie(c *gin.Context) bool {
	_, err := c.Request.Cookie(a.cookieName)
	return err == nil
}

// carrier returns the request's gin session. A cookie that cannot be read is no
// cookie; any other error means that the store failed.
func (a *Auth) carrier(c *gin.Context) (*sessions.Session, error) {
	s, err := a.carriers.Get(c.Request, a.cookieName)
	if unreadable, ok := errors.AsType[securecookie.Error](err); err != nil && !(ok && unreadable.IsDecode()) {
		return nil, err
	}
	return s, nil
}

// sessionKey returns the key that the request brings, or "". Two cookies of the name
// come from somebody who can set cookies for a parent domain: neither counts (T045).
func (a *Auth) sessionKey(c *gin.Context) (string, error) {
	if len(c.Request.CookiesNamed(a.cookieName)) != 1 {
		return "", nil
	}
	s, err := a.carrier(c)
	if err != nil {
		return "", err
	}
	key, _ := s.Values[keyValue].(string)
	return key, nil
}

// newKey is a key that was put into the answer's cookie and is not in force yet.
type newKey struct {
	hash   string
	commit func() // forget what the store kept under the old ID
	undo   func() // take the cookie back
}

// issueKey makes a key and puts it into the answer's cookie, with a new session ID.
// The application's own values move along.
func (a *Auth) issueKey(c *gin.Context) (*newKey, error) {
	s, err := a.carrier(c)
	if err != nil {
		return nil, err
	}
	key, err := secret.New(a.cfg.Rand)
	if err != nil {
		return nil, errInternal.Because(err)
	}
	oldID, oldKey, oldCookies := s.ID, s.Values[keyValue], c.Writer.Header()["Set-Cookie"]
	undo := func() {
		s.ID, s.Values[keyValue] = oldID, oldKey
		c.Writer.Header()["Set-Cookie"] = oldCookies
	}
	s.ID, s.Values[keyValue] = "", key
	if err := a.saveCarrier(c.Request, c.Writer, s, a.cookieOptions()); err != nil {
		undo()
		return nil, err
	}
	if oldID != "" && s.ID == oldID {
		undo()
		return nil, errKeepsID
	}
	return &newKey{hash: secret.Hash(key), undo: undo, commit: func() { a.forgetCarrier(c, oldID) }}, nil
}

// dropCarrier empties the gin session and deletes its cookie, if one came.
func (a *Auth) dropCarrier(c *gin.Context) error {
	if !a.hasCookie(c) {
		return nil
	}
	s, err := a.carrier(c)
	if err != nil {
		return err
	}
	clear(s.Values)
	gone := a.cookieOptions()
	gone.MaxAge = -1
	return a.saveCarrier(c.Request, c.Writer, s, gone)
}

// forgetCarrier deletes what a server-side store keeps under an ID that was replaced.
// The key in it is worth nothing any more, so a failure is not the client's business.
func (a *Auth) forgetCarrier(c *gin.Context, id string) {
	if id == "" {
		return
	}
	old := sessions.NewSession(a.carriers, a.cookieName)
	old.ID = id
	gone := a.cookieOptions()
	gone.MaxAge = -1
	_ = a.saveCarrier(c.Request, discard{http.Header{}}, old, gone)
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
// They survive login and are gone after logout. A handler that changes them calls Save
// before it writes its answer.
//
// The routes, RequireUser and OptionalUser do not need it.
func (a *Auth) Sessions() gin.HandlerFunc {
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
