package core

// Core and everything it holds.

import (
	"context"
	"io/fs"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/gorilla/sessions"

	"github.com/ginauth/gin-rest-auth/binding"
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
	routes      []row
	codes       []binding.CodeDoc // of the application and of features
	added       []fs.FS           // texts of features
	isSetUp     bool              // all features have declared what they add
	mailKinds   map[string]MailKind
	ticketKinds map[Purpose]TicketKind
	sweeps      []func(context.Context, time.Time) error
	registered  atomic.Bool
	origins     originLog
	noCORS      atomic.Bool // no CORS middleware is before the routes
	hasValues   atomic.Bool // the application asked for Sessions, to keep values of its own
}

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
