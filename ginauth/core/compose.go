package core

// New: checks the configuration and creates the parts of a Core.

import (
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/authn"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/check"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/clone"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/cookies"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/livecache"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mails"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/origin"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/outbox"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/tokens"
)

// New completes and checks the configuration and returns a Core on the database. It returns every mistake at once;
// a mistake in a setting is a [config.Mistake]. It does not access the database, and changes neither db nor cfg.
// With an error it returns as much of a Core as the mistakes allow; use that for [Core.Check] only.
func New(db *gorm.DB, cfg config.Config, features ...Feature) (*Core, error) {
	cfg = cfg.WithDefaults()
	c := &Core{
		cfg: cfg, tokens: slices.Contains(cfg.Login, config.OpaqueToken), names: map[string]bool{}, facts: map[string]any{}, events: map[config.EventName]eventKind{}, turns: newTurns(), turnsOfNext: newTurns(),
	}
	c.origins, c.cookies, c.responses = origin.New(&c.cfg), cookies.New(&c.cfg), respond.Writer{Config: &c.cfg, Account: accountOf, Actor: actorID}
	c.authn = &authn.Authenticator{Config: &c.cfg, Now: c.Now}
	c.tickets = &ticket.Book{Config: &c.cfg, Now: c.Now, Users: c.authn, Kinds: map[string]ticket.Kind{}}
	c.mails = &mails.Writer{Config: &c.cfg, Now: c.Now, Users: c.authn, Tickets: c.tickets, Kinds: mails.Kinds{}}
	c.declareOwn()
	err := cfg.Validate()
	for _, part := range []struct {
		settings string // the part depends on settings whose names begin with this
		open     func() error
	}{
		{"Trusted", c.trust},
		{"NewUser", func() error { return c.openStore(db) }},
		{"Limits", c.openLimits},
		{"Audit", c.openAudit},
		{"Session", func() error { return c.cookies.Open(c.secrets()) }},
		{"JWT", c.openKeys},
		{"Mail", c.openOutbox},
		{"Hash", c.authn.OpenHasher},
		{"Codes", c.declareOwnCodes},
		{"", func() error { return c.setUp(features) }}, // a feature can use all parts
		{"", c.openInvitations},
		{"Captcha", c.openCaptcha},
		{"Texts", c.openTexts},
		{"", c.openObservers},
	} {
		if part.settings == "" && err == nil || part.settings != "" && !check.Concerns(err, part.settings) {
			err = errors.Join(err, part.open())
		}
	}
	return c, errors.Join(err, c.mails.Kinds.Check(c.tickets.Kinds))
}

// trust reads the trusted origins and proxies.
func (c *Core) trust() error {
	if err := c.origins.Trust(); err != nil {
		return err
	}
	var err error
	c.proxies, err = prefixes("TrustedProxies", c.cfg.TrustedProxies)
	c.mails.Proxies = c.proxies
	return err
}

func (c *Core) openStore(db *gorm.DB) (err error) {
	if db == nil {
		return errors.New("New needs a *gorm.DB, got nil")
	}
	if c.store, err = store.Open(db, c.cfg.NewUser); err != nil {
		return &config.Mistake{Setting: "NewUser", Err: err}
	}
	c.authn.Store, c.tickets.Store = c.store, c.store
	return c.openCache()
}

// openCache creates the cache of sessions, if Session.CacheFor is set.
func (c *Core) openCache() (err error) {
	keep := c.cfg.Session.CacheFor
	if keep == 0 {
		return nil
	}
	user := c.cfg.NewUser()
	if field := clone.Shared(user); field != "" {
		return &config.Mistake{Setting: "Session.CacheFor", Err: fmt.Errorf(
			"concurrent requests would share, and could change, what %T%s refers to; export the field, move it out of the user, or leave CacheFor at 0", user, field)}
	}
	if c.cache, err = livecache.New(keep); err == nil {
		c.store.OnChange(c.cache.Forget)
	}
	return err
}

// openKeys creates the keys of tokens and links.
func (c *Core) openKeys() (err error) {
	if c.jwt, err = tokens.Open(&c.cfg, c.secrets()); err != nil {
		return err
	}
	if c.jwt != nil {
		c.jwt.AMR, c.jwt.ACR = c.AMR, ACR
	}
	return c.deriveKeys()
}

// secrets returns Secret and then OldSecrets, each once.
func (c *Core) secrets() []string {
	secrets := []string{string(c.cfg.Secret)}
	for _, old := range c.cfg.OldSecrets {
		if !slices.Contains(secrets, string(old)) {
			secrets = append(secrets, string(old))
		}
	}
	return secrets
}

// deriveKeys derives the keys of each purpose, one from each secret.
func (c *Core) deriveKeys() (err error) {
	for purpose, keys := range map[string]*[][]byte{"ticket": &c.tickets.Keys, "device": &c.cookies.DeviceKeys} {
		if *keys, err = secret.DeriveAll(c.secrets(), purpose, secret.SealKey); err != nil {
			return err
		}
	}
	c.tickets.CounterKey = c.cookies.DeviceKeys[0]
	c.tickets.Payloads, err = secret.NewKeyring(c.secrets(), "ticket payload", c.cfg.Rand)
	return err
}

// Keys returns the keyring of a purpose, such as "secrets". Each feature has its own keys for each purpose. They
// depend on the feature's name, so call [Setup.Name] before.
func (s *Setup) Keys(purpose string) *Keyring {
	c := s.declaring().core
	ring, err := secret.NewKeyring(c.secrets(), "feature "+s.name+": "+purpose, c.cfg.Rand)
	if s.name == "" {
		err = errors.New("Keys needs the name of the feature; call Name before it")
	}
	if err != nil {
		s.fail(err)
	}
	return &Keyring{ring}
}

// openTexts reads the texts of responses and, if mails are sent, of mails.
func (c *Core) openTexts() (err error) {
	if err = c.responses.Open(c.added, c.codeTexts(), !c.isSetUp); err != nil {
		return err
	}
	c.mails.Languages = c.responses.Texts
	if c.cfg.Mail.Sender == nil {
		return nil
	}
	added := mailtext.Added{Texts: c.added, Kinds: c.mails.Kinds.Added(), Partial: !c.isSetUp}
	if c.mails.Texts, err = mailtext.Open(c.cfg.Texts, c.responses.Texts, added); err != nil {
		return &config.Mistake{Setting: "Texts", Err: err}
	}
	return nil
}

// setUp calls the features.
func (c *Core) setUp(features []Feature) (err error) {
	for _, feature := range features {
		err = errors.Join(err, c.declare(feature))
	}
	c.isSetUp = err == nil
	return err
}

func (c *Core) openOutbox() error {
	keys, err := secret.DeriveAll(c.secrets(), "outbox", secret.SealKey)
	if err != nil {
		return err
	}
	c.mails.Outbox = outbox.New(outbox.Options{
		Store: c.store, Mail: c.cfg.Mail, Logger: c.cfg.Logger, Now: c.Now, Rand: c.cfg.Rand, Keys: keys,
		Ticket: func(kind string) outbox.Ticket { return c.mails.Kinds.TicketIn(kind, c.tickets.Kinds) },
	})
	return nil
}
