// Package mails writes mails into the outbox: the ticket in each, its text and language, and how many go to an address.
package mails

// Writer: what it needs, and what is in a mail.

import (
	"net/http"
	"net/netip"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/authn"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/locale"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mailtext"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/outbox"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
)

// Writer is safe for concurrent use once its fields are set.
type Writer struct {
	Config    *config.Config
	Now       func() time.Time // as the database stores it
	Kinds     Kinds
	Tickets   *ticket.Book
	Users     *authn.Authenticator // says whom only a backend may log in
	Languages *locale.Catalogs
	Texts     *mailtext.Renderer // nil without a sender: no mail can be written
	Outbox    *outbox.Outbox
	Proxies   []netip.Prefix
}

// dataOf returns what the template of a mail sees, without the ticket. r is the request that asks for the mail.
func (w *Writer) dataOf(r *http.Request, m Mail) mailtext.Data {
	data := mailtext.Data{
		Kind: m.Kind, Lang: w.languageOf(r, m), Site: w.Config.Mail.Site, LinkLifetime: m.Grace, Managed: w.Users.Managed(m.User),
	}
	if m.Opened {
		data.Opened = m.User.DateJoined
	}
	if m.Confirmed {
		data.Username = m.User.Username
	}
	if w.Kinds[m.Kind].Notice {
		data.When, data.IP, data.Device = w.Now(), client.Address(r, w.Proxies), client.Device(r.UserAgent())
	}
	return data
}

// languageOf is the language of a mail: the user's own, else what the client prefers. The client
// behind a notice may be an intruder's, so a language that was set within Mail.NoticeLifetime does
// not count, whichever session set it: the notice is in the language that the user had before.
func (w *Writer) languageOf(r *http.Request, m Mail) string {
	own, client := m.User.Locale, r.Header.Get("Accept-Language")
	switch kind := w.Kinds[m.Kind]; {
	case kind.OwnerAsks:
		return w.Languages.Match(client, own)
	case !kind.Notice:
		return w.Languages.Match(own, client)
	}
	if at := m.User.LocaleChangedAt; at != nil && m.User.LocaleBefore != nil && at.After(w.Now().Add(-w.Config.Mail.NoticeLifetime)) {
		own = *m.User.LocaleBefore
	}
	return w.Languages.Match(own)
}
