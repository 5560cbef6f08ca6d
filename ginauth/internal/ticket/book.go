// Package ticket makes one-time tickets, finds them by the links and codes that clients send, and redeems them.
package ticket

// Book: its fields, and the errors of tickets.

import (
	"errors"
	"slices"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/authn"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// Book manages the tickets of one Auth. It is safe for concurrent use once its fields are set.
type Book struct {
	Config     *config.Config
	Store      *store.Store
	Users      *authn.Authenticator // knows which accounts can be used
	Now        func() time.Time     // rounded as the database stores it
	Kinds      map[string]Kind
	Keys       [][]byte        // of links and codes: the first one makes them, all verify
	Payloads   *secret.Keyring // of the payloads of Issue
	CounterKey []byte          // of the names of counters
}

// Err covers every invalid link or code: unknown, wrong, used, replaced or expired (T009).
var Err = errors.New("ginauth: no such ticket")

// IsErr reports whether an error is Err, or means that another request used the ticket first. Errors of the application's
// columns do not count.
func IsErr(err error) bool {
	is := func(lost error) bool { return errors.Is(err, lost) }
	return !is(store.ErrOwnExists) && slices.ContainsFunc([]error{Err, store.ErrNotFound, store.ErrExists, store.ErrChanged}, is)
}
