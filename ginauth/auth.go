package ginauth

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-gonic/gin"
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
	carriers    carriers // what carries the session cookie
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
	wake        chan struct{}             // a mail was written: RunOutbox need not wait
	worked      atomic.Bool               // a worker of this instance asked for mails, or warnIdle warned of none
	looked      atomic.Pointer[time.Time] // when warnIdle looked last
	base        string                    // path of the routes, known after Register
	cross       *http.CrossOriginProtection
	proxies     []netip.Prefix
	routes      []route
	registered  atomic.Bool
	origins     originLog
	noCORS      atomic.Bool // no CORS middleware is before the routes
	hasValues   atomic.Bool // the application asked for Sessions, to keep values of its own
}

// New completes and checks the configuration and returns an Auth on the database. It
// returns every mistake in the configuration at once, that of a setting a [config.Mistake]; it
// does not touch the database, and neither db nor cfg is changed.
func New(db *gorm.DB, cfg config.Config, features ...Feature) (*Auth, error) {
	a, err := open(db, cfg, features)
	if err != nil {
		return nil, fmt.Errorf("ginauth: %w", err)
	}
	return a, nil
}

// open makes an Auth or, with an error of all mistakes, as much of one as the others allow.
func open(db *gorm.DB, cfg config.Config, features []Feature) (*Auth, error) {
	cfg = cfg.WithDefaults()
	a := &Auth{
		wake: make(chan struct{}, 1),
		cfg:  cfg, cookieName: cfg.Cookie.FullName(), cross: http.NewCrossOriginProtection(),
		cookies: slices.Contains(cfg.Login, config.SessionCookie), tokens: slices.Contains(cfg.Login, config.OpaqueToken),
	}
	err := cfg.Validate()
	for _, part := range []struct {
		settings string // how the names of those begin that it depends on
		open     func() error
	}{
		{"Trusted", a.trust},
		{"NewUser", func() error { return a.openStore(db) }},
		{"Session", a.openCarriers},
		{"JWT", a.openKeys},
		{"Texts", a.openTexts},
		{"Hash", a.openHasher},
	} {
		if !names(err, part.settings) {
			err = errors.Join(err, part.open())
		}
	}
	a.routes = coreRoutes(&a.cfg)
	for _, feature := range features {
		if err == nil { // it may use all that is there
			err = feature(&Setup{a})
		}
	}
	return a, err
}

func (a *Auth) openStore(db *gorm.DB) (err error) {
	if db == nil {
		return errors.New("New needs a *gorm.DB, got nil")
	}
	if a.store, err = store.Open(db, a.cfg.NewUser); err != nil {
		return &config.Mistake{Setting: "NewUser", Err: err}
	}
	return nil
}

func (a *Auth) openHasher() (err error) {
	a.hasher, err = passhash.New(hashParams(a.cfg))
	return err
}

// openKeys makes the keys of tokens, links and mails.
func (a *Auth) openKeys() (err error) {
	if a.ring, err = openRing(&a.cfg, a.secrets()); err != nil {
		return err
	}
	return a.deriveKeys()
}

// trust reads the origins and proxies.
func (a *Auth) trust() error {
	for _, origin := range a.cfg.TrustedOrigins {
		if err := a.cross.AddTrustedOrigin(origin); err != nil {
			return &config.Mistake{Setting: "TrustedOrigins", Err: err}
		}
	}
	for _, proxy := range a.cfg.TrustedProxies {
		prefix, err := config.ParsePrefix(proxy)
		if err != nil {
			return &config.Mistake{Setting: "TrustedProxies", Err: err}
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
			return &config.Mistake{Setting: "Texts", Err: errors.New("has neither mail nor locales at its root; fs.Sub makes a folder the root")}
		}
	}
	if a.texts, err = locale.Open(a.cfg.Texts, a.cfg.DefaultLocale); err != nil {
		setting := "DefaultLocale"
		if a.cfg.Texts != nil {
			setting = "Texts"
		}
		return &config.Mistake{Setting: setting, Err: err}
	}
	if pinned := a.cfg.ResponseLocale; pinned != "" {
		var found bool
		if a.cfg.ResponseLocale, found = a.texts.Name(pinned); !found {
			return &config.Mistake{Setting: "ResponseLocale", Err: fmt.Errorf("%q is not among the languages %s; add locales/%s.json to Texts",
				pinned, strings.Join(a.texts.Languages(), ", "), pinned)}
		}
	}
	if a.cfg.Mail.Sender == nil {
		return nil
	}
	if a.mails, err = mailtext.Open(a.cfg.Texts, a.texts); err != nil {
		return &config.Mistake{Setting: "Texts", Err: err}
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

// openCarriers takes the application's session store, or the default one.
func (a *Auth) openCarriers() (err error) {
	if s := a.cfg.SessionStore; s != nil {
		if gin, ok := s.(ginsessions.Store); ok {
			gin.Options(a.ginCookieOptions()) // so that the store's own defaults never reach the wire
		}
		if !inCookie(reflect.ValueOf(s)) {
			s = timed(s, a.cfg.Timeout)
		}
		a.carriers = carriers{a, s}
		return nil
	}
	store, err := cookiestore.New(a.cookieName, a.secrets(), a.cfg.Session.Absolute)
	a.carriers = carriers{a, store}
	return err
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
// drops and renames nothing, and may be run at every start and by several instances at once.
// A column of the users' table that is there is left as it is: to change one of your own, use
// a migration of your own. Nor are constraints added to that table on SQLite, once it is there.
//
// Then users that another program or an older version wrote get the keys by which they are found at login, some at
// a time and without a lock that others wait for. Users can share an address. Where two share a name
// in its normal form, the older one has it, and the IDs of the others are logged: they log in by their address.
func (a *Auth) Migrate(ctx context.Context) error {
	left, err := a.store.Migrate(ctx)
	if err != nil {
		return fmt.Errorf("ginauth: %w", err)
	}
	if len(left) > 0 {
		a.cfg.Logger.LogAttrs(ctx, slog.LevelWarn,
			"ginauth: users share a name with an older one, or have one that is too long, and cannot log in by it; change it in these rows",
			slog.Any("ids", left))
	}
	return nil
}

// Sweep deletes what is over: sessions and tickets that have expired, traces of mails (two
// days after they were sent, 30 days after they were given up), and accounts whose
// Config.DeleteGrace is over. It returns how many sessions. Expired rows are harmless, they
// are never accepted; [Auth.Run] calls Sweep hourly to save the space. It is safe to run while
// requests are served. While another instance sweeps, Sweep does nothing and returns 0.
func (a *Auth) Sweep(ctx context.Context) (int64, error) {
	release, mine, err := a.claimSweep(ctx)
	if err != nil || !mine {
		return 0, err
	}
	defer release()
	now := a.now()
	n, err := a.store.Sweep(ctx, now, a.idleSince(now))
	if err == nil {
		err = a.store.SweepMails(ctx, now.Add(-keepSent), now.Add(-keepFailed))
	}
	if err == nil {
		err = a.sweepAccounts(ctx, now)
	}
	if err == nil {
		err = a.store.SweepOrphans(ctx)
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
	a.noCORS.Store(!answersCORS(group.Handlers))
	a.mount(group)
	return nil
}
