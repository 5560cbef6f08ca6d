package ginauth

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/cookiestore"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/jwt"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/locale"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// Auth is the plugin: made once by [New], mounted once by [Auth.Register], and safe
// for concurrent use. It starts no goroutine and holds nothing to close.
type Auth struct {
	cfg         config.Config
	store       *store.Store
	hasher      *passhash.Hasher
	carriers    sessions.Store // what carries the session cookie
	cookieName  string
	cookies     bool      // logins set the session cookie
	tokens      bool      // logins give opaque tokens, and users may make their own
	ring        *jwt.Ring // logins give JSON Web Tokens; nil where they do not
	refreshKeys [][]byte
	texts       *locale.Catalogs
	mails       *mailtext.Renderer // nil where there is no config.Mail.Sender
	ticketKeys  [][]byte
	outboxKeys  [][]byte
	deviceKeys  [][]byte
	wake        chan struct{} // a mail was written: RunOutbox need not wait
	base        string        // path of the routes, known after Register
	cross       *http.CrossOriginProtection
	proxies     []netip.Prefix
	routes      []route
	registered  atomic.Bool
}

// New completes and checks the configuration and returns an Auth on the database. It
// returns every mistake in the configuration at once, each named by its field; it
// does not touch the database, and neither db nor cfg is changed.
func New(db *gorm.DB, cfg config.Config, features ...Feature) (*Auth, error) {
	if db == nil {
		return nil, errors.New("ginauth: New needs a *gorm.DB, got nil")
	}
	cfg = cfg.WithDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("ginauth: %w", err)
	}
	a := &Auth{
		wake: make(chan struct{}, 1),
		cfg:  cfg, cookieName: cfg.Cookie.FullName(), cross: http.NewCrossOriginProtection(),
		cookies: slices.Contains(cfg.Login, config.SessionCookie), tokens: slices.Contains(cfg.Login, config.OpaqueToken),
	}
	var err error
	if err = a.trust(); err != nil {
		return nil, fmt.Errorf("ginauth: %w", err)
	}
	if a.store, err = store.Open(db, cfg.NewUser); err != nil {
		return nil, fmt.Errorf("ginauth: %w", err)
	}
	if a.carriers, err = a.openCarriers(); err != nil {
		return nil, fmt.Errorf("ginauth: %w", err)
	}
	if a.ring, err = openRing(&a.cfg, a.secrets()); err != nil {
		return nil, fmt.Errorf("ginauth: %w", err)
	}
	if err = a.deriveKeys(); err != nil {
		return nil, fmt.Errorf("ginauth: %w", err)
	}
	if err = a.openTexts(); err != nil {
		return nil, fmt.Errorf("ginauth: %w", err)
	}
	if a.hasher, err = passhash.New(hashParams(cfg)); err != nil {
		return nil, fmt.Errorf("ginauth: %w", err)
	}
	a.routes = coreRoutes(&a.cfg)
	for _, feature := range features {
		if err := feature(&Setup{a}); err != nil {
			return nil, fmt.Errorf("ginauth: %w", err)
		}
	}
	return a, nil
}

// trust reads the origins and proxies.
func (a *Auth) trust() error {
	for _, origin := range a.cfg.TrustedOrigins {
		if err := a.cross.AddTrustedOrigin(origin); err != nil {
			return fmt.Errorf("config: TrustedOrigins: %w", err)
		}
	}
	for _, proxy := range a.cfg.TrustedProxies {
		prefix, err := config.ParsePrefix(proxy)
		if err != nil {
			return fmt.Errorf("config: TrustedProxies: %w", err)
		}
		a.proxies = append(a.proxies, prefix)
	}
	return nil
}

// deriveKeys makes a key for each end, of each secret where former ones still count.
func (a *Auth) deriveKeys() (err error) {
	for purpose, keys := range map[string]*[][]byte{"refresh token": &a.refreshKeys, "ticket": &a.ticketKeys, "outbox": &a.outboxKeys, "device": &a.deviceKeys} {
		if *keys, err = secret.DeriveAll(a.secrets(), purpose, secret.SealKey); err != nil {
			return err
		}
	}
	return nil
}

// openTexts reads the texts of answers and, where mails are sent, of those.
func (a *Auth) openTexts() (err error) {
	if texts := a.cfg.Texts; texts != nil {
		_, noMail := fs.Stat(texts, "mail")
		if _, noLocales := fs.Stat(texts, "locales"); noMail != nil && noLocales != nil {
			return errors.New("config: Texts has neither mail nor locales at its root; fs.Sub makes a folder the root")
		}
	}
	if a.texts, err = locale.Open(a.cfg.Texts, a.cfg.DefaultLocale); err != nil {
		return fmt.Errorf("config: DefaultLocale or Texts: %w", err)
	}
	if a.cfg.Mail.Sender == nil {
		return nil
	}
	if a.mails, err = mailtext.Open(a.cfg.Texts, a.texts); err != nil {
		return fmt.Errorf("config: Texts: %w", err)
	}
	return nil
}

func hashParams(cfg config.Config) passhash.Params {
	h := cfg.Hash
	return passhash.Params{
		Algorithm: h.Algorithm, Memory: h.Memory, Time: h.Time, Threads: h.Threads, Cost: h.Cost,
		Parallel: h.Parallel, Wait: h.Wait, Rand: cfg.Rand,
	}
}

// openCarriers returns the application's session store, or the default one.
func (a *Auth) openCarriers() (sessions.Store, error) {
	if s := a.cfg.SessionStore; s != nil {
		if gin, ok := s.(ginsessions.Store); ok {
			gin.Options(a.ginCookieOptions()) // so that the store's own defaults never reach the wire
		}
		return s, nil
	}
	return cookiestore.New(a.secrets(), a.cfg.Session.Absolute)
}

// secrets returns the secret that makes, and those that only verify, each once.
func (a *Auth) secrets() []string {
	secrets := []string{string(a.cfg.Secret)}
	for _, old := range a.cfg.OldSecrets {
		if !slices.Contains(secrets, string(old)) {
			secrets = append(secrets, string(old))
		}
	}
	return secrets
}

// Migrate creates the tables, columns and indexes that are missing: auth_session,
// auth_email, auth_ticket, auth_outbox, auth_counter and the table of the user model. It
// drops and renames nothing, and may be run at every
// start and by several instances at once.
//
// Users that another program wrote get their keys, by which they are found at login.
// Where two share a name or an address in its normal form, the older one keeps it, and
// the IDs of the others are logged.
func (a *Auth) Migrate(ctx context.Context) error {
	left, err := a.store.Migrate(ctx)
	if err != nil {
		return fmt.Errorf("ginauth: %w", err)
	}
	if len(left) > 0 {
		a.cfg.Logger.LogAttrs(ctx, slog.LevelWarn,
			"ginauth: users share a name or an address with an older one, and cannot log in by it; change it in these rows",
			slog.Any("ids", left))
	}
	return nil
}

// Sweep deletes what is over: sessions and tickets that have expired, traces of mails (two
// days after they were sent, 30 days after they were given up), and accounts whose
// Config.DeleteGrace is over. It returns how many sessions. Expired rows are harmless, they
// are never accepted; call Sweep now and then to save the space. It is safe to run while
// requests are served, and on several instances.
func (a *Auth) Sweep(ctx context.Context) (int64, error) {
	now := a.now()
	n, err := a.store.Sweep(ctx, now, a.idleSince(now))
	if err == nil {
		err = a.store.SweepMails(ctx, now.Add(-keepSent), now.Add(-keepFailed))
	}
	if err == nil {
		err = a.sweepAccounts(ctx, now)
	}
	if err != nil {
		return n, fmt.Errorf("ginauth: sweep: %w", err)
	}
	return n, nil
}

const (
	keepSent   = 48 * time.Hour // longer than mails are counted and retried
	keepFailed = 30 * 24 * time.Hour
)

// now is the configured time as it is stored: UTC, cut to milliseconds, because
// databases differ below that.
func (a *Auth) now() time.Time { return a.cfg.Now().UTC().Truncate(time.Millisecond) }

// idleSince is the time a session must have been seen after, by whatever credential.
func (a *Auth) idleSince(now time.Time) time.Time {
	idle := a.cfg.Session.Idle
	if idle < 0 {
		return time.Unix(0, 0).UTC()
	}
	if a.ring != nil {
		idle = max(idle, a.cfg.JWT.RefreshLifetime)
	}
	return now.Add(-idle)
}

// Register mounts the routes on a router: on an engine below Config.BasePath or, if
// that is not set, below /auth; on a group directly, or below Config.BasePath in it.
// The routes bring what they need and use the middleware the router has by then.
//
// It returns an error when called twice, or when one of the paths is taken.
func (a *Auth) Register(router gin.IRouter) (err error) {
	if a.registered.Swap(true) {
		return errors.New("ginauth: Register was called before; make a second Auth with New")
	}
	base := a.cfg.BasePath
	if located, ok := router.(interface{ BasePath() string }); base == "" && (!ok || located.BasePath() == "/") {
		base = "/auth"
	}
	defer func() {
		if p := recover(); p != nil { // Gin panics on a path that is taken
			err = fmt.Errorf("ginauth: Register: %v", p)
		}
	}()
	group := router.Group(base)
	a.base = strings.TrimRight(group.BasePath(), "/")
	a.mount(group)
	return nil
}
