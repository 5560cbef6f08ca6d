package ginauth

// The session store of the application, wrapped: every session is saved with the library's cookie attributes.

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/sessionstore"
)

// Sessions returns the gin-contrib/sessions middleware on the session that this Auth
// uses, so that sessions.Default(c) gives the application room for values of its own.
// Values from before a login are kept, values of another user are dropped, and logout deletes
// them. A handler that changes them calls Save before it writes its response.
//
// With the default store the values are in the cookie itself: anyone who keeps a copy of it can
// send them again after logout, without being logged in. Use [User] to learn who made the request,
// and keep no rights there.
//
// It returns 403 to an unsafe request from a foreign origin, since the values, and the cookie
// that Save sets, are the user's.
//
// The routes, RequireUser and OptionalUser do not need it.
func (a *Auth) Sessions() gin.HandlerFunc {
	a.hasValues.Store(true)
	middleware := ginsessions.Sessions(a.cookieName, a.carriers)
	return func(c *gin.Context) {
		if err := a.checkOrigin(c.Request, false); err != nil {
			a.fail(c, err)
			return
		}
		sessions.GetRegistry(c.Request) // before anybody copies the request, so that all see one session
		middleware(c)
	}
}

func (s carriers) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

func (s carriers) New(r *http.Request, name string) (*sessions.Session, error) {
	session, err := s.inner.New(r, name)
	if session == nil {
		session = sessions.NewSession(s, name)
	}
	return session, err
}

// Save takes one thing from the session's own options: a negative MaxAge ends the session.
func (s carriers) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	options := s.auth.cookieOptions()
	if session.Options != nil && session.Options.MaxAge < 0 {
		options = s.auth.goneOptions()
	}
	return s.auth.saveCarrier(r, w, session, options)
}

// Options does nothing: the attributes are those of config.Cookie.
func (carriers) Options(ginsessions.Options) {}

// saveCarrier saves a session, and leaves one cookie of the name in the response, whoever set
// others before. Its attributes are these options, whatever the store made of them.
func (a *Auth) saveCarrier(r *http.Request, w http.ResponseWriter, s *sessions.Session, options *sessions.Options) error {
	s.Options = options
	saved := sessionstore.HeaderWriter{}
	if err := a.carriers.inner.Save(r, saved, s); err != nil {
		return err
	}
	own := func(line string) bool { return strings.HasPrefix(line, a.cookieName+"=") }
	lines := slices.DeleteFunc(slices.Clone(w.Header()["Set-Cookie"]), own)
	for _, line := range saved["Set-Cookie"] {
		if !own(line) {
			lines = append(lines, line)
			continue
		}
		set, err := http.ParseSetCookie(line)
		if err != nil {
			return errInternal.Because(fmt.Errorf("the session store set an invalid cookie: %w", err))
		}
		cookie := sessions.NewCookie(a.cookieName, set.Value, options)
		if cookie.Quoted = set.Quoted; options.MaxAge < 0 { // stores differ in what they leave in the value
			cookie.Value, cookie.Quoted = "", false
		}
		lines = append(slices.DeleteFunc(lines, own), cookie.String())
	}
	w.Header()["Set-Cookie"] = lines
	return nil
}

func (a *Auth) cookieOptions() *sessions.Options {
	k := a.cfg.Cookie
	return &sessions.Options{
		Path: k.Path, Domain: k.Domain, MaxAge: int(a.cfg.Session.Absolute / time.Second),
		Secure: !k.InsecureHTTP, HttpOnly: true, SameSite: k.SameSite, Partitioned: k.Partitioned,
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
