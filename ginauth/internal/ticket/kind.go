package ticket

// Kinds of tickets, and the state that their tickets are bound to.

import (
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// Notice is the kind of the tickets in notices: "it was not me".
const Notice = "notice"

// ConfirmedState is the state of a Notice to an address that its user had confirmed before.
const ConfirmedState = "confirmed"

// Kind is core.TicketKind, which documents it.
type Kind struct {
	Name       string
	Link, Code time.Duration
	Page       string
	LogsIn     bool
	Binds      func(*models.User) []string
	Anonymous  bool
}

// Lifetimes returns how long a link and its code are valid.
func (k Kind) Lifetimes() (link, code time.Duration) { return k.Link, min(k.Link, k.Code) }

// isBound reports whether a ticket depends on its user.
func (k Kind) isBound() bool { return k.LogsIn || k.Binds != nil }

// state returns the state that a ticket is bound to, in addition to its user and address.
func (k Kind) state(u *models.User) string {
	if !k.isBound() {
		return ""
	}
	var all []string
	if k.LogsIn {
		all = logins(u)
	}
	if k.Binds != nil {
		all = append(all, k.Binds(u)...)
	}
	return secret.Hash(strings.Join(all, " "))
}

// logins returns a state that changes when the user's sessions are ended, for example by a new password, at a login, and
// with the primary address (T103).
func logins(u *models.User) []string {
	state := []string{fmt.Sprint(u.IsActive), fmt.Sprint(u.SessionEpoch)}
	if u.LastLogin != nil {
		state = append(state, fmt.Sprint(u.LastLogin.UnixMilli()))
	}
	return append(state, string(models.EmailKey(u.Email)))
}

// InUse is the Kind.Binds of tickets that become void when the user is deactivated.
func InUse(u *models.User) []string { return []string{fmt.Sprint(u.IsActive)} }

// SameFactors is the Kind.Binds of tickets that also become void when the user's sessions are ended, or a second factor is
// set or removed.
func SameFactors(u *models.User) []string {
	return []string{fmt.Sprint(u.IsActive), fmt.Sprint(u.SessionEpoch), u.Factors}
}
