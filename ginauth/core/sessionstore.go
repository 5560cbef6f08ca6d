package core

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

// Sessions implements the method Sessions of ginauth.Auth, which documents it.
func (c *Core) Sessions() gin.HandlerFunc {
	c.hasValues.Store(true)
	middleware := ginsessions.Sessions(c.cookieName, c.cookieStore)
	return func(g *gin.Context) {
		if err := c.origins.Check(g.Request, false); err != nil {
			c.Fail(g, err)
			return
		}
		sessions.GetRegistry(g.Request) // before anybody copies the request, so that all see one session
		middleware(g)
	}
}

func (s cookieStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

func (s cookieStore) New(r *http.Request, name string) (*sessions.Session, error) {
	session, err := s.inner.New(r, name)
	if session == nil {
		session = sessions.NewSession(s, name)
	}
	return session, err
}

// Save takes one thing from the session's own options: a negative MaxAge ends the session.
func (s cookieStore) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	options := s.auth.cookieOptions()
	if session.Options != nil && session.Options.MaxAge < 0 {
		options = s.auth.goneOptions()
	}
	return s.auth.saveCarrier(r, w, session, options)
}

// Options does nothing: the attributes are those of config.Cookie.
func (cookieStore) Options(ginsessions.Options) {}

// saveCarrier saves a session, and leaves one cookie of the name in the response, whoever set
// others before. Its attributes are these options, whatever the store made of them.
func (c *Core) saveCarrier(r *http.Request, w http.ResponseWriter, s *sessions.Session, options *sessions.Options) error {
	s.Options = options
	saved := sessionstore.HeaderWriter{}
	if err := c.cookieStore.inner.Save(r, saved, s); err != nil {
		return err
	}
	own := func(line string) bool { return strings.HasPrefix(line, c.cookieName+"=") }
	lines := slices.DeleteFunc(slices.Clone(w.Header()["Set-Cookie"]), own)
	for _, line := range saved["Set-Cookie"] {
		if !own(line) {
			lines = append(lines, line)
			continue
		}
		set, err := http.ParseSetCookie(line)
		if err != nil {
			return ErrInternal.Because(fmt.Errorf("the session store set an invalid cookie: %w", err))
		}
		cookie := sessions.NewCookie(c.cookieName, set.Value, options)
		if cookie.Quoted = set.Quoted; options.MaxAge < 0 { // stores differ in what they leave in the value
			cookie.Value, cookie.Quoted = "", false
		}
		lines = append(slices.DeleteFunc(lines, own), cookie.String())
	}
	w.Header()["Set-Cookie"] = lines
	return nil
}

func (c *Core) cookieOptions() *sessions.Options {
	k := c.cfg.Cookie
	return &sessions.Options{
		Path: k.Path, Domain: k.Domain, MaxAge: int(c.cfg.Session.Absolute / time.Second),
		Secure: !k.InsecureHTTP, HttpOnly: true, SameSite: k.SameSite, Partitioned: k.Partitioned,
	}
}

// goneOptions delete a cookie that was set with cookieOptions.
func (c *Core) goneOptions() *sessions.Options {
	o := c.cookieOptions()
	o.MaxAge = -1
	return o
}

func (c *Core) ginCookieOptions() ginsessions.Options {
	o := c.cookieOptions()
	return ginsessions.Options{
		Path: o.Path, Domain: o.Domain, MaxAge: o.MaxAge, Secure: o.Secure, HttpOnly: o.HttpOnly, SameSite: o.SameSite,
	}
}
