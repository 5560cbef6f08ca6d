// Package upkeep does the work outside of requests: it migrates, sends the mails of the outbox, deletes expired rows, and
// checks the database. Package ginauth documents its methods for applications.
package upkeep

// Upkeep: its fields, and Ping.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/outbox"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// Upkeep has the dependencies of this work. They are complete once all features are set up.
type Upkeep struct {
	Config     *config.Config
	Store      *store.Store
	Outbox     *outbox.Outbox
	Now        func() time.Time              // rounded as the database stores it
	IdleSince  func(now time.Time) time.Time // sessions that were not seen after it are deleted
	Migrations []store.Migration             // of features, as the next field
	Sweeps     []func(context.Context, time.Time) error
	Swept      func(ctx context.Context, took time.Duration, err error) // called after each sweep of this instance
	Queues     []*outbox.Queue                                          // of features
}

// ErrNoMailer is returned by calls that need config.Mail.Sender.
var ErrNoMailer = errors.New("ginauth: config.Mail.Sender is not set")

// Ping returns nil if the database answers a query on the library's tables.
func (u Upkeep) Ping(ctx context.Context) error {
	if err := u.Store.Ping(ctx); err != nil {
		return fmt.Errorf("ginauth: %w", err)
	}
	return nil
}
