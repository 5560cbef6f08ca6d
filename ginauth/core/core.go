package core

// Core, the transaction type Tx, and the types with which features listen and identify users.

import (
	"context"
	"encoding/json"
	"io/fs"
	"net/netip"
	"reflect"
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
	"github.com/ginauth/gin-rest-auth/ginauth/internal/limit"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/livecache"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mails"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/origin"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/outbox"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/tokens"
	"github.com/ginauth/gin-rest-auth/models"
)

// Core is the shared part of all flows and features: store, sessions, credentials, tickets, mails and routes. [New]
// creates it, [Core.Register] mounts it. It is safe for concurrent use, starts no goroutine, and has nothing to
// close.
type Core struct {
	cfg         config.Config
	store       *store.Store
	cache       *livecache.Cache // nil unless Session.CacheFor is set
	authn       *authn.Authenticator
	cookies     *cookies.Jar
	tokens      bool           // logins give opaque tokens, and users can create personal ones
	jwt         *tokens.Issuer // nil if logins give no JSON Web Tokens
	tickets     *ticket.Book
	mails       *mails.Writer
	responses   respond.Writer
	origins     *origin.Checker
	limits      limit.Limiter
	refusals    limit.Refusals
	turns       passhash.Turns
	turnsOfNext passhash.Turns // of logins that have a place among the next to hash
	proxyWarned atomic.Bool    // that requests come through a proxy which is not trusted
	captchaLog  atomic.Int64   // when a failure of the captcha verifier is logged again
	auditFails  atomic.Bool    // the last event without a transaction was not stored
	proxies     []netip.Prefix
	routes      []row
	codes       []binding.CodeDoc // of the application and of features
	added       []fs.FS           // texts of features
	isSetUp     bool              // all features were called without an error
	listeners   []Listener
	events      map[config.EventName]eventKind
	webHooks    bool // a feature sends web-hooks
	ownHookData bool // the application changes what they have
	observers   []Observer
	finish      []func() error // of features; see Finish
	waysIn      []func(*Tx, int64) (bool, error)
	laters      map[string]func(*gin.Context, *Tx, *models.User, string) error // by name; see Setup.Later
	identifiers []Identifier
	gates       []func(*gin.Context, *Route) error
	factors     []string
	fallbacks   []fallback
	mailFactors []string // those of factors that a mail proves
	factorCodes []FactorCode
	musts       []func(models.Account) bool // of policies that require a factor
	excuses     []func(*gin.Context, *models.User) (func(*Tx) error, error)
	invitations *Invitations                      // nil if no feature declares them
	rights      *RightsSource                     // nil if no feature declares it
	actAs       string                            // the permission of operators who act in the place of users; see ActAs
	actingEnded func(*Tx, []models.Session) error // see ActAs; nil without it
	amr         map[string][]string               // of methods and factors of features
	provided    map[reflect.Type]any
	sweeps      []func(context.Context, time.Time) error
	migrated    []func(context.Context) error // what features do after migrations
	exporters   []exporter                    // of features
	commands    []Command                     // of features
	queues      []*outbox.Queue               // of features
	names       map[string]bool               // of features
	facts       map[string]any                // of features, encoded; see Facts
	wellKnown   map[string]json.RawMessage    // documents of features
	migrations  []store.Migration
	tables      []any // of features
	checks      []check.Question
	registered  atomic.Bool
	hasValues   atomic.Bool // the application called Sessions, to store its own values
	unlisted    sync.Map    // names of factors that were logged as missing
}

// fallback is a name that passes a challenge besides factors; see Setup.FallbackFactorIf.
type fallback struct {
	name string
	has  func(tx *Tx, userID int64) (bool, error)
}

// exporter is what a feature has about users; see Setup.Export.
type exporter struct {
	name string
	read func(tx *Tx, userID int64) (any, error)
}

// Config returns the completed and checked configuration, including secrets. Changing the result has no effect.
func (c *Core) Config() config.Config { return c.cfg.WithDefaults() }

// Now returns the configured time as it is stored: in UTC and cut to milliseconds, because databases differ below
// that.
func (c *Core) Now() time.Time { return c.cfg.Now().UTC().Truncate(time.Millisecond) }

// Base returns the path of the routes, such as "/auth". It is empty before Register.
func (c *Core) Base() string { return c.responses.Base }

// Tx is a transaction. Use its GORM handle for the tables of a feature or of the application. Use its methods for
// the library's tables: they keep the rules of these.
type Tx struct {
	*gorm.DB
	rows *store.Tx
	core *Core

	wake    []func() // called when it is committed
	lowered bool     // the user can prove no second factor any more

	events  []config.EventName      // for observers
	reports []func(context.Context) // called when it is committed
}

// Invitations is what a feature knows about invitations; see [Setup.Invitations].
type Invitations struct {
	Only bool // no user signs up without one

	// Find returns the invitation of a key, or [ErrNoRow] if the key is not valid now. again is the user of a sign-up that begins again, or 0:
	// what they used counts as not used.
	Find func(ctx context.Context, key string, again int64) (Invitation, error)

	// Use counts one use by a new user, in the transaction that has stored the user, and returns [ErrNoRow] if the invitation is not
	// valid any more.
	Use func(tx *Tx, id int64, user *models.User) error
}

// Invitation is a valid invitation.
type Invitation struct {
	ID      int64
	Address string // that the key was mailed to, so the one who has it owns the address; empty for none
}

// A Command changes something about one user from a terminal; see [Setup.Command].
type Command struct {
	Name string // such as "resetfactors": 2 to 32 lower-case letters and digits
	Args string // what follows the user, for the usage, such as "PERMISSION..."; "" for nothing
	Doc  string // one sentence: what it does

	// Run makes the change. args has at least one element if Args is set, and none otherwise. It returns what was done in a
	// sentence. An error from [binding.Invalid] is shown with its field.
	Run func(ctx context.Context, userID int64, args []string) (done string, err error)
}

// RightsSource is what a feature knows about rights; see [Setup.Rights].
type RightsSource struct {
	// Of returns the rights of a user who need not exist. db is a handle for reading, or a transaction.
	Of func(db *gorm.DB, userID int64) (Rights, error)
	// OfGroups returns the permissions of groups, sorted, or [ErrNoRow] if one of them does not exist. It locks the groups
	// until the transaction ends, so that they stay what they are.
	OfGroups func(tx *Tx, groups []string) (permissions []string, err error)
	// Join makes a user a member of groups, besides those that the user is in, and records it. It returns [ErrNoRow] if a
	// group does not exist. The user is locked.
	Join func(tx *Tx, userID int64, groups []string) error
	// Permission returns the name under which the source knows a permission of [Route.Permission]: with a user model of its own,
	// "auth.view_user" is "accounts.view_member". Default: the same name.
	Permission func(name string) string
}

// A Listener has functions that are called when something happens to users. Fields can be nil. Functions that get a
// transaction run inside it, and again if it is retried; an error rolls it back, and a *binding.Error is the
// response. Their context is tx.Statement.Context. Listeners are called in the order of the features, before the
// application's hooks.
type Listener struct {
	// OnDelete deletes the feature's rows about a user, before the user is deleted. It is called for every user: by
	// user/delete/, DeleteUser and Sweep, also for sign-ups that were never confirmed.
	OnDelete func(tx *Tx, userID int64) error

	// OnDisarm deletes what a stranger may have set up in an account before its owner came: factors, passkeys,
	// linked identities, trusted browsers. See [Core.Disarm].
	OnDisarm func(tx *Tx, userID int64) error

	// OnReclaim deletes what of OnDisarm was set up before a time: then someone who was not logged in confirmed the user's address, and
	// now the owner of the address takes the account over by a password reset. It removes factors with [Tx.SetFactor]. See
	// [Tx.Reclaim].
	OnReclaim func(tx *Tx, userID int64, before time.Time) error

	// OnNotMe runs when a user opens the link "it was not me" of a notice. It deletes what OnDisarm would delete, but only what was set up at
	// or after since. Older rows stay, so that someone who only reads the mails cannot remove them. It removes factors with [Tx.SetFactor].
	// Default: OnDisarm, and then all factors of the feature end. See [Core.DisarmSince].
	OnNotMe func(tx *Tx, userID int64, since time.Time) error

	// OnFactorsReset deletes the second factors of a user who lost them. See [Tx.ResetFactors].
	OnFactorsReset func(tx *Tx, userID int64) error

	// AfterFactorsReset records the reset of [Core.ResetFactors], and mails the user. It is called last in the transaction.
	AfterFactorsReset func(g *gin.Context, tx *Tx, user *models.User) error

	// OnNoFactors deletes what counts only besides a second factor, such as recovery codes. [Tx.SetFactor] calls it when the user's
	// last factor ends, and once more when a first one is set: store what belongs to the new factor after that call.
	OnNoFactors func(tx *Tx, userID int64) error

	// OnDistrust deletes the browsers that a user trusted; see [Setup.Excuse]. It is called when a factor changes, and when the
	// user's other sessions end without a new models.User.SessionEpoch. Bind the rows to the epoch for all other cases.
	OnDistrust func(tx *Tx, userID int64) error

	// Before is called when a Before hook of config.Hooks is, and can refuse the change.
	Before func(tx *Tx, e config.Event) error

	// Record is called for the events of the audit trail, in the transaction that writes them, whether or not the audit trail
	// is on; e.Name says which event it is. It is not called for failed logins and limits, which strangers can cause at will.
	// Events without a transaction, such as a logout, get one after the change; if that fails, it is logged. e.User has all
	// columns.
	Record func(tx *Tx, e config.Event) error

	// After is called when the After hooks are, after the change was committed. An error is logged.
	After config.After
}

// An Identifier finds users by a credential of a feature, such as a service key. It is asked before the library's
// own credentials.
type Identifier struct {
	Name string // models.Session.Method of the requests; 1 to 16 characters

	// Ambient says that browsers send the credential automatically, as they do with cookies and client
	// certificates. Unsafe requests from pages of other origins are then refused.
	Ambient bool

	// Find returns nil for a request without such a credential, and [ErrInvalidToken] for one that is not valid.
	Find func(*gin.Context) (*Credential, error)
}

// A Credential is the result of an Identifier. A request with it is treated like one with a personal token: it can
// use the application's routes, within the scopes if there are any, but it cannot change the account, and it is
// never a recent login. It is not valid for a user who is inactive, who deleted the account, or whose sign-up is
// pending.
type Credential struct {
	UserID int64
	Scopes []string // of config.Token.Scopes; nil allows all that the user may do, an empty list nothing
}

// A FactorCode verifies a code that a user types, for a second factor of a feature. See [Setup.FactorCode].
type FactorCode struct {
	Factor string // the factor that the user must have; "" for one that counts only besides others, such as recovery codes
	Proof  string // the name in models.Session.Proofs, such as "totp"

	// Matches reports whether the code has the form of this factor. It must not use the database.
	Matches func(code string) bool
	// Spend returns nil if the code is right, after it has used it up in the transaction, and a *binding.Error if it is
	// wrong. g can be used for notices.
	Spend func(g *gin.Context, tx *Tx, user *models.User, code string) error
}
