// Package ticket makes one-time tickets, finds them by what a client sends of their links and codes, and redeems them.
package ticket

// Book: what it needs, and the errors of tickets.

import (
	"errors"
	"slices"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/authn"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// Book keeps the tickets of one Auth. It is safe for concurrent use once its fields are set.
type Book struct {
	Config     *config.Config
	Store      *store.Store
	Users      *authn.Authenticator // says which accounts can be used
	Now        func() time.Time     // as the database stores it
	Kinds      map[string]Kind
	Keys       [][]byte        // of links and codes: the first one makes, all are accepted
	Payloads   *secret.Keyring // of the payloads of Issue
	CounterKey []byte          // of the names of counters
}

// Err covers every invalid link or code: unknown, wrong, used, replaced or expired (T009).
var Err = errors.New("ginauth: no such ticket")

// IsErr reports whether an error is Err, or the losing of a race for a ticket. What is wrong with a column of the
// application's is not the ticket's fault.
func IsErr(err error) bool {
	is := func(lost error) bool { return errors.Is(err, lost) }
	return !is(store.ErrOwnExists) && slices.ContainsFunc([]error{Err, store.ErrNotFound, store.ErrExists, store.ErrChanged}, is)
}
