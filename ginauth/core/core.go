package core

// Core and everything it holds: rows of its route table, what features add, and transactions.

import (
	"context"
	"io/fs"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/authn"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/check"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/cookies"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/livecache"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mails"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/origin"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/tokens"
)

// Core is the shared part of all flows and features: store, sessions, credentials, tickets, mails,
// routes. [New] makes it, [Core.Register] mounts it, and it is safe for concurrent use. It
// starts no goroutine and holds nothing to close.
type Core struct {
	cfg         config.Config
	store       *store.Store
	cache       *livecache.Cache // nil unless Session.CacheFor is set
	authn       *authn.Authenticator
	cookies     *cookies.Jar
	tokens      bool           // logins give opaque tokens, and users may make their own
	jwt         *tokens.Issuer // nil where logins give no JSON Web Tokens
	tickets     *ticket.Book
	mails       *mails.Writer
	responses   respond.Writer
	origins     *origin.Checker
	proxies     []netip.Prefix
	routes      []row
	codes       []binding.CodeDoc // of the application and of features
	added       []fs.FS           // texts of features
	isSetUp     bool              // all features have declared what they add
	listeners   []Listener
	identifiers []Identifier
	gates       []func(*gin.Context, *Route) error
	factors     []string
	sweeps      []func(context.Context, time.Time) error
	names       map[string]bool // of features
	migrations  []store.Migration
	tables      []any // of features
	checks      []check.Question
	registered  atomic.Bool
	hasValues   atomic.Bool // the application asked for Sessions, to keep values of its own
	unlisted    sync.Map    // names of factors that were logged as missing
}

// Config returns the completed and checked configuration, secrets among it. Changing it changes
// nothing.
func (c *Core) Config() config.Config { return c.cfg.WithDefaults() }

// Now is the configured time as it is stored: UTC, cut to milliseconds, because
// databases differ below that.
func (c *Core) Now() time.Time { return c.cfg.Now().UTC().Truncate(time.Millisecond) }

// Base is the path of the routes, as "/auth"; empty before Register.
func (c *Core) Base() string { return c.responses.Base }

// Tx is a transaction. Its GORM handle is for tables of a feature or of the application; the core's
// own tables are written by its methods, which keep their rules.
type Tx struct {
	*gorm.DB
	rows *store.Tx
	core *Core
}

// A Listener is told what happens to users. Fields may be nil. Functions that get a transaction run inside it, and
// again when it is retried; an error rolls it back, and a *binding.Error is the response. Their context is
// tx.Statement.Context. Listeners are called in the order of the features, before the application's hooks.
type Listener struct {
	// OnDelete deletes the feature's rows of a user, before the user is deleted. It is called for every user
	// who goes: by user/delete/, DeleteUser and Sweep, sign-ups that were never confirmed among them.
	OnDelete func(tx *Tx, userID int64) error

	// OnDisarm deletes what a stranger may have set up in an account before its owner came: factors, passkeys,
	// linked identities, trusted browsers. See [Core.Disarm].
	OnDisarm func(tx *Tx, userID int64) error

	// Before is called where a Before hook of config.Hooks is, and may refuse.
	Before func(tx *Tx, e config.Event) error

	// After is called where the After hooks are, when the change is committed. An error is logged.
	After config.After
}

// An Identifier finds users by a credential of a feature's own, as the tokens of another program or a service key.
// It is asked before the library's credentials.
type Identifier struct {
	Name string // 1 to 16 characters: models.Session.Method of the requests

	// Ambient says that browsers send the credential by themselves, as they do with cookies and client
	// certificates. Unsafe requests from pages of other origins are then refused.
	Ambient bool

	// Find returns nil for a request without such a credential, and [ErrInvalidToken] for one that is not valid.
	Find func(*gin.Context) (*Credential, error)
}

// A Credential is what an Identifier found. A request with it is treated like one with a personal token: it
// may use the application's routes, within the scopes if there are any, but not change the account, and it is never
// a recent login. It is not valid for a user who is inactive, who deleted the account or who waits for a confirmation.
type Credential struct {
	UserID int64
	Scopes []string // of config.Token.Scopes; nil for all that the user may do, empty for nothing
}
