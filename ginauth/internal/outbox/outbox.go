// Package outbox sends what waits in a table: the mails in auth_outbox, and the deliveries of features in auth_delivery. Its
// worker claims due rows, sends several at once, retries those that fail, and records the result. The package also encrypts
// the bodies of mails. It does not decide when a row is written, nor what is in it.
package outbox

// Outbox: the queue of mails, its options, and the jobs that send them. Bodies of mails are encrypted.

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// Options are the settings of an Outbox. All fields are required.
type Options struct {
	Store  *store.Store
	Mail   config.Mail
	Logger *slog.Logger
	Now    func() time.Time         // as the database stores it: UTC, cut to milliseconds
	Rand   io.Reader                // for the nonces of Seal
	Keys   [][]byte                 // the first one seals; each of them opens
	Ticket func(kind string) Ticket // called for mails that have a ticket
}

// Ticket says how the ticket in a mail behaves. Its lifetimes start when the mail is sent.
type Ticket struct {
	Link, Code time.Duration // how long the link and the code are valid
	Voids      bool          // the mail is not sent if its ticket was used or replaced
}

// Outbox is the queue of mails. Make one with [New] for each process.
type Outbox struct {
	*Queue
	Options
	looked  atomic.Pointer[time.Time] // when WarnIdle last queried
	batches atomic.Int64              // that were read
}

// New returns an Outbox. It starts nothing.
func New(o Options) *Outbox {
	out := &Outbox{Options: o}
	out.Queue = NewQueue(QueueOptions{
		Rows: o.Store.Mails(), Noun: "mail", Sender: "the mailer", Logger: o.Logger, Now: o.Now, Parallel: o.Mail.Parallel,
		Timeout: o.Mail.Timeout, ShutdownTimeout: o.Mail.ShutdownTimeout, Poll: o.Mail.Poll, Due: out.due, Tidy: o.Store.EmptyVoid,
	})
	return out
}

// Seal encrypts a mail into the body of its row, because its link and code give access to an account. The body is bound to
// the row's MessageID.
func (o *Outbox) Seal(row *models.OutboxMail, mail mailtext.Mail) error {
	body, err := json.Marshal(mail)
	if err != nil {
		return err
	}
	row.Body, err = secret.Seal(o.Rand, o.Keys[0], body, row.MessageID)
	return err
}

func (o *Outbox) unseal(m *models.OutboxMail) (config.Message, error) {
	body, err := secret.Open(o.Keys, m.Body, m.MessageID)
	if err != nil { // another instance may have the key, if it has the new Secret already
		return config.Message{}, err
	}
	var text mailtext.Mail
	if err := json.Unmarshal(body, &text); err != nil {
		return config.Message{}, config.Permanent(err)
	}
	return config.Message{
		ID: m.MessageID, Kind: m.Kind, Lang: m.Lang, From: o.Mail.From, To: m.Recipient,
		Subject: text.Subject, Text: text.Text, HTML: text.HTML,
	}, nil
}

// byAge is how often a batch has the mails that wait longest, whatever their priority, so that no mail waits forever. Between
// a mail of the highest priority and its turn are at most the mails in flight, the batch that was read before it was written,
// and one batch by age: 3 times config.Mail.Parallel, for each instance.
const byAge = 4

// due returns the jobs of due mails.
func (o *Outbox) due(ctx context.Context, now time.Time, most int, _ []string) ([]Job, error) {
	rows, err := o.Store.DueMails(ctx, now, o.batches.Add(1)%byAge != 0, most)
	jobs := make([]Job, len(rows))
	for i := range rows {
		m := &rows[i]
		jobs[i] = Job{Attempt: store.Attempt{ID: m.ID, Tries: m.Tries}, Kind: m.Kind, Send: func(ctx context.Context) error {
			message, err := o.unseal(m)
			if err != nil {
				return err
			}
			return o.Mail.Sender.Send(ctx, message)
		}}
		if m.Ticket != "" {
			jobs[i].Void = func(ctx context.Context) (string, error) { return o.prolong(ctx, m) }
		}
	}
	return jobs, err
}

// prolong starts the lifetime of the ticket in a mail. It returns a reason if the mail is not to be sent.
func (o *Outbox) prolong(ctx context.Context, m *models.OutboxMail) (string, error) {
	now, ticket := o.Now(), o.Ticket(m.Kind)
	valid, err := o.Store.ProlongTicket(ctx, m.Ticket, now.Add(ticket.Link), now.Add(ticket.Code))
	if err == nil && !valid && ticket.Voids {
		return "the link in it was used or replaced", nil
	}
	return "", err
}
