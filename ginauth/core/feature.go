package core

// Features: optional parts of the library, and the Setup they declare themselves with.

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

// A Feature is an optional part of the library, or of an application: a package that imports core. An
// application lists it in ginauth.New, so that it compiles only the parts it uses. It is called once,
// after the library's own flows, when the configuration is checked.
type Feature func(*Setup) error

// Setup is what a [Feature] may add to, until it returns. Its mistakes, and what it returns, are errors of New, which
// calls all features and returns all errors together. To declare something later panics; Core and Config may be used at any
// time.
type Setup struct {
	core       *Core
	name       string
	returned   bool  // the feature has
	failed     error // of what was declared
	migrations []store.Migration
	tables     []any
	checks     []check.Question
}

// Name names the feature, as "totp": its errors of New, its migrations and its findings have the name in front. It has
// letters, digits, _ and -, and no two features have the same. A feature that declares migrations needs one.
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

// Refuse reports a setting that is wrong: the feature's own, as "totp.Issuer", or one of config.Config. New returns it as a
// [config.Mistake], together with all others. err must not have a secret in it.
func (s *Setup) Refuse(setting string, err error) {
	s.fail(&config.Mistake{Setting: setting, Err: err})
}

// named puts the name of the feature in front of each error.
func (s *Setup) named(err error) error {
	if s.name == "" {
		return err
	}
	switch e := err.(type) { //nolint:errorlint // each is taken apart
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

// Core is the core that is being made. Its routes, texts and mails are complete when requests
// come in, and not while features are called.
func (s *Setup) Core() *Core { return s.core }

// Config is the completed and checked configuration.
func (s *Setup) Config() config.Config { return s.core.Config() }

func (s *Setup) fail(err error) { s.declaring().failed = errors.Join(s.failed, err) }

// declaring panics if the feature has returned: what it declares then would be lost.
func (s *Setup) declaring() *Setup {
	if s.returned {
		panic(fmt.Sprintf("ginauth: the feature %q used its Setup after it had returned; declare everything in the feature itself", s.name))
	}
	return s
}

// Sweep adds to what auth.Sweep does, for rows that expire. It is called with the time of the
// sweep, in one instance at a time. A nil function is an error of New.
func (s *Setup) Sweep(sweep func(ctx context.Context, now time.Time) error) {
	if sweep == nil {
		s.fail(errors.New("Sweep needs a function, got nil"))
		return
	}
	s.declaring().core.sweeps = append(s.core.sweeps, sweep)
}
