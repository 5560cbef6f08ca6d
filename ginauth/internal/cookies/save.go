package cookies

// The session store of the application, wrapped: every session is saved with the library's cookie attributes.

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/sessionstore"
)

// wrapped is the session store that everyone uses, the application included: it saves with the library's cookie attributes.
// A gin session saves itself in the store that the registry got it from, so both use this one.
type wrapped struct{ jar *Jar }

// Middleware returns gin-contrib's middleware for the library's session cookie.
func (j *Jar) Middleware() gin.HandlerFunc { return ginsessions.Sessions(j.name, wrapped{j}) }

// Get implements sessions.Store.
func (w wrapped) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(w, name)
}

// New implements sessions.Store.
func (w wrapped) New(r *http.Request, name string) (*sessions.Session, error) {
	session, err := w.jar.Store.New(r, name)
	if session == nil {
		session = sessions.NewSession(w, name)
	}
	return session, err
}

// Save uses only one of the session's own options: a negative MaxAge ends the session.
func (w wrapped) Save(r *http.Request, rw http.ResponseWriter, session *sessions.Session) error {
	options := w.jar.options()
	if session.Options != nil && session.Options.MaxAge < 0 {
		options = w.jar.deleteOptions()
	}
	return w.jar.save(r, rw, session, options)
}

// Options does nothing: the attributes are those of config.Cookie.
func (wrapped) Options(ginsessions.Options) {}

// shortValue is set among the session's values if the cookie ends when the browser closes, see models.Session.Short. It is
// there, and not only in the row, because the application saves the session without reading the row.
const shortValue = "_ginauth_short"

// isShort reports whether the cookie of a session ends when the browser closes.
func isShort(s *sessions.Session) bool { return s.Values[shortValue] != nil }

// save saves a session, and leaves only one session cookie in the response, even if others were set before. Its attributes
// are these options, regardless of the store's. A short session has no Max-Age in the browser, but the store gets one: for
// some stores 0 means to delete the session.
func (j *Jar) save(r *http.Request, w http.ResponseWriter, s *sessions.Session, options *sessions.Options) error {
	short := isShort(s) && options.MaxAge > 0
	if short {
		options.MaxAge = int(j.cfg.Session.Short / time.Second)
	}
	s.Options = options
	saved := sessionstore.HeaderWriter{}
	if err := j.Store.Save(r, saved, s); err != nil {
		return err
	}
	lines := slices.DeleteFunc(slices.Clone(w.Header()["Set-Cookie"]), j.isOwn)
	for _, line := range saved["Set-Cookie"] {
		if !j.isOwn(line) {
			lines = append(lines, line)
			continue
		}
		set, err := http.ParseSetCookie(line)
		if err != nil {
			return respond.ErrInternal.Because(fmt.Errorf("the session store set an invalid cookie: %w", err))
		}
		cookie := sessions.NewCookie(j.name, set.Value, options)
		if cookie.Quoted = set.Quoted; options.MaxAge < 0 { // stores leave different values in it
			cookie.Value, cookie.Quoted = "", false
		}
		if short {
			cookie.MaxAge, cookie.Expires = 0, time.Time{}
		}
		lines = append(slices.DeleteFunc(lines, j.isOwn), cookie.String())
	}
	w.Header()["Set-Cookie"] = lines
	return nil
}
