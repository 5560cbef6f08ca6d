package core

// Features, and the Setup with which they declare what they add.

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/check"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// A Feature is an optional part of the library or of an application, usually a package that imports core. An
// application lists it in ginauth.New, and so compiles only the features it uses. New calls it once, after the
// library's own flows.
type Feature func(*Setup) error

// Setup collects what a [Feature] declares. New calls all features and returns all of their errors together:
// mistakes in declarations, and what the features return. After the feature has returned, declaring something
// panics; Core and Config can be used at any time.
type Setup struct {
	core       *Core
	name       string
	returned   bool  // the feature has
	failed     error // mistakes in what was declared
	migrations []store.Migration
	tables     []any
	factors    []string // that this feature declared
	checks     []check.Question
}

// Name sets the name of the feature, such as "totp". It precedes the feature's errors of New, its migrations and
// its findings. It has 1 to 64 letters, digits, _ and -. Two features with the same name are an error of New, and
// so is a migration without a name.
func (s *Setup) Name(name string) {
	s.declaring()
	switch {
	case !featureName.MatchString(name):
		s.fail(fmt.Errorf("the name %q of a feature must be 1 to 64 letters, digits, _ or -", name))
	case s.core.names[name]:
		s.fail(fmt.Errorf("two features have the name %q", name))
	case s.name != "":
		s.fail(fmt.Errorf("the feature names itself %q and %q", s.name, name))
	default:
		s.name, s.core.names[name] = name, true
	}
}

var featureName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Refuse reports an invalid setting: the feature's own, such as "totp.Issuer", or one of config.Config. New returns
// it as a [config.Mistake], together with all others. err must not contain a secret.
func (s *Setup) Refuse(setting string, err error) {
	s.fail(&config.Mistake{Setting: setting, Err: err})
}

// named puts the name of the feature in front of each error.
func (s *Setup) named(err error) error {
	if s.name == "" {
		return err
	}
	switch e := err.(type) { //nolint:errorlint // each is unwrapped
	case *config.Mistake:
		return &config.Mistake{Setting: e.Setting, Err: s.named(e.Err)}
	case interface{ Unwrap() []error }:
		var all error
		for _, one := range e.Unwrap() {
			all = errors.Join(all, s.named(one))
		}
		return all
	}
	return fmt.Errorf("%s: %w", s.name, err)
}

// Core returns the core that New is creating. Its routes, texts and mails are complete when requests arrive, but
// not while features are called.
func (s *Setup) Core() *Core { return s.core }

// Config returns the completed and checked configuration.
func (s *Setup) Config() config.Config { return s.core.Config() }

// Finish adds a function that New calls last, and only if there is no mistake. Use it for what reaches beyond the Auth, such as
// registering metrics. The function ginauth.Check, which creates an Auth and discards it, does not call it. An error of it is
// an error of New.
func (s *Setup) Finish(finish func() error) {
	if finish == nil {
		s.fail(errors.New("Finish needs a function, got nil"))
		return
	}
	c := s.declaring().core
	c.finish = append(c.finish, func() error {
		if err := finish(); err != nil {
			return s.named(err)
		}
		return nil
	})
}

// Finish calls the functions of [Setup.Finish] until one fails. ginauth.New calls it.
func (c *Core) Finish() error {
	for _, finish := range c.finish {
		if err := finish(); err != nil {
			return err
		}
	}
	return nil
}

func (s *Setup) fail(err error) { s.declaring().failed = errors.Join(s.failed, err) }

// declaring panics if the feature has returned, because later declarations would be lost.
func (s *Setup) declaring() *Setup {
	if s.returned {
		panic(fmt.Sprintf("ginauth: the feature %q used its Setup after it had returned; declare everything in the feature itself", s.name))
	}
	return s
}

// Sweep adds a function to auth.Sweep, for rows that expire. It gets the time of the sweep, and runs in one
// instance at a time. A nil function is an error of New.
func (s *Setup) Sweep(sweep func(ctx context.Context, now time.Time) error) {
	if sweep == nil {
		s.fail(errors.New("Sweep needs a function, got nil"))
		return
	}
	s.declaring().core.sweeps = append(s.core.sweeps, sweep)
}
