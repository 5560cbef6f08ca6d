package mails

// Kinds of mails, and a request for one mail.

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/outbox"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
	"github.com/ginauth/gin-rest-auth/models"
)

// AccountBanned is the mail that has the ban of its user.
const AccountBanned = "account_banned"

// Kind is core.MailKind, which documents it.
type Kind struct {
	Name      string
	Ticket    string
	Link      bool
	Notice    bool
	Limit     string
	Limited   bool
	OwnerAsks bool
}

// Mail is core.Mail, which documents it.
type Mail struct {
	Kind    string
	User    *models.User
	Address string
	Asked   bool
	Only    bool
	Last    bool

	Confirmed bool
	Opened    bool
	Grace     time.Duration
	Link      string

	Actor string
	Until time.Time
}

// Kinds are all kinds of one Auth, by name.
type Kinds map[string]Kind

// Check returns an error for each mail whose ticket has no kind.
func (k Kinds) Check(tickets map[string]ticket.Kind) (err error) {
	for _, kind := range k {
		if _, declared := tickets[kind.Ticket]; !declared && kind.Ticket != "" {
			err = errors.Join(err, fmt.Errorf("the kind of mail %q has a ticket of the kind %q, which no feature declares", kind.Name, kind.Ticket))
		}
	}
	return err
}

// Added returns the kinds without templates in the library.
func (k Kinds) Added() (added []mailtext.Kind) {
	for _, name := range slices.Sorted(maps.Keys(k)) {
		if kind := k[name]; !slices.Contains(mailtext.Kinds(), name) {
			added = append(added, mailtext.Kind{Name: name, Link: kind.Ticket != "" || kind.Link, Notice: kind.Notice})
		}
	}
	return added
}

// TicketIn describes the ticket in a mail for the outbox. A security notice is still informative
// when its link is dead; any other mail is not.
func (k Kinds) TicketIn(mail string, tickets map[string]ticket.Kind) outbox.Ticket {
	link, code := tickets[k[mail].Ticket].Lifetimes()
	return outbox.Ticket{Link: link, Code: code, Voids: !k[mail].Notice}
}
