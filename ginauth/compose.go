package ginauth

// New: checks the configuration and makes the parts of an Auth.

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	ginsessions "github.com/gin-contrib/sessions"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/check"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/cookiestore"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/locale"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/outbox"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/sessionstore"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

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
		cfg: cfg, cookieName: cfg.Cookie.FullName(), cross: http.NewCrossOriginProtection(),
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
		{"Mail", a.openOutbox},
		{"Hash", a.openHasher},
	} {
		if !check.Concerns(err, part.settings) {
			err = errors.Join(err, part.open())
		}
	}
	for _, feature := range append([]Feature{a.addFlows}, features...) {
		if err == nil { // it may use all that is there
			s := &Setup{auth: a}
			err = errors.Join(feature(s), s.failed)
		}
	}
	return a, err
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

func (a *Auth) openStore(db *gorm.DB) (err error) {
	if db == nil {
		return errors.New("New needs a *gorm.DB, got nil")
	}
	if a.store, err = store.Open(db, a.cfg.NewUser); err != nil {
		return &config.Mistake{Setting: "NewUser", Err: err}
	}
	return nil
}

// openCarriers takes the application's session store, or the default one.
func (a *Auth) openCarriers() (err error) {
	if s := a.cfg.SessionStore; s != nil {
		if gin, ok := s.(ginsessions.Store); ok {
			gin.Options(a.ginCookieOptions()) // so that the store's own defaults never reach the wire
		}
		if !sessionstore.InCookie(s) {
			s = sessionstore.Timed(s, a.cfg.Timeout)
		}
		a.carriers = carriers{a, s}
		return nil
	}
	store, err := cookiestore.New(a.cookieName, a.secrets(), a.cfg.Session.Absolute)
	a.carriers = carriers{a, store}
	return err
}

// openKeys makes the keys of tokens and links.
func (a *Auth) openKeys() (err error) {
	if a.ring, err = openRing(&a.cfg, a.secrets()); err != nil {
		return err
	}
	return a.deriveKeys()
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

// deriveKeys makes a key for each end, of each secret where former ones still count.
func (a *Auth) deriveKeys() (err error) {
	for purpose, keys := range map[string]*[][]byte{"refresh token": &a.refreshKeys, "ticket": &a.ticketKeys, "device": &a.deviceKeys} {
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

func (a *Auth) openOutbox() error {
	keys, err := secret.DeriveAll(a.secrets(), "outbox", secret.SealKey)
	if err != nil {
		return err
	}
	a.outbox = outbox.New(outbox.Options{
		Store: a.store, Mail: a.cfg.Mail, Logger: a.cfg.Logger, Now: a.now, Rand: a.cfg.Rand, Keys: keys, Ticket: a.ticketIn,
	})
	return nil
}

// ticketIn describes the ticket in a mail for the outbox. A security notice is still informative
// when its link is dead; any other mail is not.
func (a *Auth) ticketIn(kind string) outbox.Ticket {
	p := purposeOf(kind)
	link, code := a.lifetimes(p)
	return outbox.Ticket{Link: link, Code: code, Voids: p != forNotice}
}

func (a *Auth) openHasher() (err error) {
	a.hasher, err = passhash.New(hashParams(a.cfg))
	return err
}

func hashParams(cfg config.Config) passhash.Params {
	h := cfg.Hash
	return passhash.Params{
		Algorithm: h.Algorithm, Memory: h.Memory, Time: h.Time, Threads: h.Threads, Cost: h.Cost,
		Parallel: h.Parallel, Wait: h.Wait, Rand: cfg.Rand,
	}
}
