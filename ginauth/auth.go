package ginauth

// Auth and everything it holds, with the type of a row of its route table.

import (
	"context"
	"net/http"
	"net/netip"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/jwt"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/locale"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/outbox"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// Auth is the plugin: made once by [New], mounted once by [Auth.Register], and safe
// for concurrent use. It starts no goroutine and holds nothing to close.
type Auth struct {
	cfg         config.Config
	store       *store.Store
	hasher      *passhash.Hasher
	carriers    carriers // what carries the session cookie
	cookieName  string
	cookies     bool      // logins set the session cookie
	tokens      bool      // logins give opaque tokens, and users may make their own
	ring        *jwt.Ring // logins give JSON Web Tokens; nil where they do not
	refreshKeys [][]byte
	texts       *locale.Catalogs
	mails       *mailtext.Renderer // nil where there is no config.Mail.Sender
	ticketKeys  [][]byte
	deviceKeys  [][]byte
	outbox      *outbox.Outbox
	base        string // path of the routes, known after Register
	cross       *http.CrossOriginProtection
	proxies     []netip.Prefix
	routes      []route
	sweeps      []func(context.Context, time.Time) error
	registered  atomic.Bool
	origins     originLog
	noCORS      atomic.Bool // no CORS middleware is before the routes
	hasValues   atomic.Bool // the application asked for Sessions, to keep values of its own
}

// A route is one row of the table that everything else is made from: the handlers,
// the OPTIONS and 405 answers, and the list in the README.
type route struct {
	method, path, doc string
	status            int
	user              bool              // needs a logged-in user
	tokenToo          bool              // and takes a personal token without scopes for one
	setsCookies       bool              // or deletes them, so that its origin is checked even where no cookie came (T058)
	changes           bool              // changes state though the method is a safe one
	public            bool              // the same answer for every client: caches may keep it
	required, ignored []string          // fields that the configuration makes required, or leaves out
	partial           bool              // the body names what it changes; see binding.Partial
	raw               gin.HandlerFunc   // writes its answer itself; in place of run
	first             gin.HandlersChain // the application's middleware
	form              *config.FormSpec  // the application's, in place of the body; nil for ours
	run               func(c *gin.Context, r *route) (any, error)
	in                reflect.Type   // of the body; binding.Empty for none
	out               []reflect.Type // of the answer, one or the other
}

func (r *route) answersHead() bool { return r.method == http.MethodGet && !r.changes }

// Config returns the completed and checked configuration, secrets among it. Changing it changes
// nothing.
func (a *Auth) Config() config.Config { return a.cfg.WithDefaults() }

// Base is the path of the routes, as "/auth"; empty before Register.
func (a *Auth) Base() string { return a.base }

// carriers is the session store, wrapped so that whoever saves a session, the application
// included, saves it with the library's cookie attributes. A gin session saves itself in the
// store that the registry got it from, so both get it from here.
type carriers struct {
	auth  *Auth
	inner sessions.Store
}
