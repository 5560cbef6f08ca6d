package core

// Core and everything it holds, with the type of a row of its route table.

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

// Core is the shared part of all flows and features: store, sessions, credentials, tickets, mails,
// routes. [New] makes it, [Core.Register] mounts it, and it is safe for concurrent use. It
// starts no goroutine and holds nothing to close.
type Core struct {
	cfg         config.Config
	store       *store.Store
	hasher      *passhash.Hasher
	cookieStore cookieStore // what carries the session cookie
	cookieName  string
	cookies     bool      // logins set the session cookie
	tokens      bool      // logins give opaque tokens, and users may make their own
	keyring     *jwt.Ring // logins give JSON Web Tokens; nil where they do not
	refreshKeys [][]byte
	texts       *locale.Catalogs
	mails       *mailtext.Renderer // nil where there is no config.Mail.Sender
	ticketKeys  [][]byte
	deviceKeys  [][]byte
	outbox      *outbox.Outbox
	base        string // path of the routes, known after Register
	cross       *http.CrossOriginProtection
	proxies     []netip.Prefix
	routes      []Route
	mailKinds   map[string]MailKind
	ticketKinds map[Purpose]TicketKind
	sweeps      []func(context.Context, time.Time) error
	registered  atomic.Bool
	origins     originLog
	noCORS      atomic.Bool // no CORS middleware is before the routes
	hasValues   atomic.Bool // the application asked for Sessions, to keep values of its own
}

// A Route is one row of the table that everything else is made from: the handlers,
// the OPTIONS and 405 answers, and the list in the README.
type Route struct {
	Method, Path, Doc string
	Status            int
	User              bool              // needs a logged-in user
	TokenToo          bool              // and takes a personal token without scopes for one
	SetsCookies       bool              // or deletes them, so that its origin is checked even where no cookie came (T058)
	Changes           bool              // changes state though the method is a safe one
	Public            bool              // the same answer for every client: caches may keep it
	Required, Ignored []string          // fields that the configuration makes required, or leaves out
	Partial           bool              // the body names what it changes; see binding.Partial
	raw               gin.HandlerFunc   // writes its answer itself; in place of run
	first             gin.HandlersChain // the application's middleware
	Form              *config.FormSpec  // the application's, in place of the body; nil for ours
	run               func(g *gin.Context, r *Route) (any, error)
	in                reflect.Type   // of the body; binding.Empty for none
	out               []reflect.Type // of the answer, one or the other
}

func (r *Route) answersHead() bool { return r.Method == http.MethodGet && !r.Changes }

// Config returns the completed and checked configuration, secrets among it. Changing it changes
// nothing.
func (c *Core) Config() config.Config { return c.cfg.WithDefaults() }

// Base is the path of the routes, as "/auth"; empty before Register.
func (c *Core) Base() string { return c.base }

// cookieStore is the session store, wrapped so that whoever saves a session, the application
// included, saves it with the library's cookie attributes. A gin session saves itself in the
// store that the registry got it from, so both get it from here.
type cookieStore struct {
	auth  *Core
	inner sessions.Store
}
