package core

// Features: optional parts of the library, and the Setup they declare themselves with.

import (
	"context"
	"errors"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
)

// A Feature is an optional part of the library, or of an application: a package that imports core. An
// application lists it in ginauth.New, so that it compiles only the parts it uses. It is called once,
// after the library's own flows, when the configuration is checked.
type Feature func(*Setup) error

// Setup is what a [Feature] may add to.
type Setup struct {
	core   *Core
	failed error // of what was declared
}

// Core is the core that is being made. Its routes, texts and mails are complete when requests
// come in, and not while features are called.
func (s *Setup) Core() *Core { return s.core }

// Config is the completed and checked configuration.
func (s *Setup) Config() config.Config { return s.core.Config() }

func (s *Setup) fail(err error) { s.failed = errors.Join(s.failed, err) }

// Sweep adds to what [Core.Sweep] does, for rows that expire. It is called with the time of the
// sweep, in one instance at a time.
func (s *Setup) Sweep(sweep func(ctx context.Context, now time.Time) error) {
	s.core.sweeps = append(s.core.sweeps, sweep)
}
