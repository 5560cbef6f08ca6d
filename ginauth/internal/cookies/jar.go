// Package cookies sets, reads and deletes the session cookie, using the application's session store or the library's, and
// the cookie of known devices.
package cookies

// Jar: its fields, and the attributes of cookies.

import (
	"net/http"
	"slices"
	"strings"
	"time"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/cookiestore"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/sessionstore"
)

// Jar manages the cookies of one configuration. It is safe for concurrent use once it is open.
type Jar struct {
	InUse      bool           // logins set the session cookie
	Store      sessions.Store // stores the session; nil until Open
	DeviceKeys [][]byte       // sign known devices and name counters, the current one first

	cfg  *config.Config
	name string
}

// New makes a Jar; see [Jar.Open].
func New(cfg *config.Config) *Jar {
	return &Jar{InUse: slices.Contains(cfg.Login, config.SessionCookie), cfg: cfg, name: cfg.Cookie.FullName()}
}

// Open takes the application's session store, or the default one with these secrets.
func (j *Jar) Open(secrets []string) (err error) {
	s := j.cfg.SessionStore
	if s == nil {
		longest := j.cfg.Session.Absolute + time.Minute // so that the row ends first
		j.Store, err = cookiestore.New(j.name, secrets, longest, j.cfg.Rand, j.cfg.Now)
		return err
	}
	if gin, ok := s.(ginsessions.Store); ok {
		o := j.options()
		gin.Options(ginsessions.Options{ // so that the store's own defaults never reach the wire
			Path: o.Path, Domain: o.Domain, MaxAge: o.MaxAge, Secure: o.Secure, HttpOnly: o.HttpOnly, SameSite: o.SameSite,
		})
	}
	if !sessionstore.InCookie(s) {
		s = sessionstore.Timed(s, j.cfg.Timeout)
	}
	j.Store = s
	return nil
}

// All returns the session cookies of a request, or nil if they are not in use.
func (j *Jar) All(r *http.Request) []*http.Cookie {
	if !j.InUse {
		return nil
	}
	return r.CookiesNamed(j.name)
}

// Came reports whether a request has a session cookie and these are in use.
func (j *Jar) Came(g *gin.Context) bool { return len(j.All(g.Request)) > 0 }

// isOwn reports whether a Set-Cookie line sets the session cookie.
func (j *Jar) isOwn(line string) bool { return strings.HasPrefix(line, j.name+"=") }

// InCookie reports whether the library's own store is in use, so that a session is read without gorilla's registry.
func (j *Jar) InCookie() bool {
	_, own := j.Store.(*cookiestore.Store)
	return own
}

func (j *Jar) options() *sessions.Options {
	k := j.cfg.Cookie
	return &sessions.Options{
		Path: k.Path, Domain: k.Domain, MaxAge: int(j.cfg.Session.Absolute / time.Second),
		Secure: !k.InsecureHTTP, HttpOnly: true, SameSite: k.SameSite, Partitioned: k.Partitioned,
	}
}

// deleteOptions returns the options that delete a cookie set with options.
func (j *Jar) deleteOptions() *sessions.Options {
	o := j.options()
	o.MaxAge = -1
	return o
}

// maxDuplicates is the maximum number of cookies of one name that are looked up: about as many as browsers keep for a site,
// so that planted cookies cannot hide the real one. A header has room for thousands.
const maxDuplicates = 50

// Distinct returns the distinct values of the cookies with a name, at most 50.
func Distinct(r *http.Request, name string) []string {
	var values []string
	for _, cookie := range r.CookiesNamed(name) {
		if len(values) < maxDuplicates && !slices.Contains(values, cookie.Value) {
			values = append(values, cookie.Value)
		}
	}
	return values
}

// Expire deletes the session cookie without using the store.
func (j *Jar) Expire(g *gin.Context) {
	http.SetCookie(g.Writer, sessions.NewCookie(j.name, "", j.deleteOptions()))
}
