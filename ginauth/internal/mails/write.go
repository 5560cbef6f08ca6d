package mails

// Writing a mail: rendered with its ticket, encrypted and stored.

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/respond"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
	"github.com/ginauth/gin-rest-auth/models"
)

// Write writes a mail into the outbox, regardless of the limit. A mail to a user without ID is rendered, encrypted and
// stored like any other, and then not sent.
func (w *Writer) Write(r *http.Request, tx *store.Tx, m Mail) error {
	kind, declared := w.Kinds[m.Kind]
	if !declared {
		return respond.ErrInternal.Because(fmt.Errorf("the kind of mail %q is not declared; see Setup.Mail", m.Kind))
	}
	data := w.dataOf(r, m)
	row, err := w.newRow(m, data.Lang)
	if err != nil {
		return err
	}
	if kind.Ticket != "" {
		if row.Ticket, err = w.attachTicket(tx, m, &data); err != nil {
			return err
		}
	}
	rendered, err := w.Texts.Render(data)
	if err != nil {
		return respond.ErrInternal.Because(err)
	}
	if err := w.Outbox.Seal(row, rendered); err != nil {
		return respond.ErrInternal.Because(err)
	}
	return tx.CreateMail(row)
}

func (w *Writer) newRow(m Mail, lang string) (*models.OutboxMail, error) {
	id, err := secret.NewID(w.Config.Rand)
	if err != nil {
		return nil, respond.ErrInternal.Because(err)
	}
	row := &models.OutboxMail{
		MessageID: id, UserID: m.User.ID, Kind: m.Kind, Recipient: m.Address,
		Lang: lang, State: models.MailPending, CreatedAt: w.Now(), NextTryAt: w.Now(), Priority: w.priority(m),
	}
	if m.User.ID == 0 && m.Link == "" {
		row.State = models.MailVoid
	}
	return row, nil
}

// priority returns the priority of a mail. Those that strangers can cause in any number come last.
func (w *Writer) priority(m Mail) int16 {
	switch {
	case m.Last || w.toStranger(m):
		return models.MailLast
	case w.Kinds[m.Kind].Notice:
		return models.MailNormal
	}
	return models.MailUrgent
}

// attachTicket adds a ticket to a mail and returns its selector.
func (w *Writer) attachTicket(tx *store.Tx, m Mail, data *mailtext.Data) (string, error) {
	kind := w.Tickets.Kinds[w.Kinds[m.Kind].Ticket]
	row, err := w.Tickets.New(kind.Name, m.User, m.Address)
	if err != nil {
		return "", err
	}
	if m.Confirmed && kind.Name == ticket.Notice {
		row.State = ticket.ConfirmedState
	}
	fresh := row
	if m.Only {
		err = w.Tickets.Add(tx, fresh)
	} else {
		row, err = w.Tickets.Replace(tx, fresh)
	}
	if err != nil {
		return "", err
	}
	verifier, code, ok := ticket.Secrets(w.Tickets.Keys, row)
	if !ok { // Secret was changed in between, and the old one is not in OldSecrets
		row = fresh
		if err := w.Tickets.Add(tx, fresh); err != nil {
			return "", err
		}
		verifier, code, _ = ticket.Secrets(w.Tickets.Keys, fresh)
	}
	data.Link = strings.NewReplacer(
		"{key}", row.Selector+verifier, "{uid}", row.Selector, "{token}", verifier).Replace(kind.Page)
	data.LinkLifetime, data.CodeLifetime = kind.Lifetimes()
	if kind.Code != 0 {
		data.Code = ticket.Show(code)
	}
	return row.Selector, nil
}
