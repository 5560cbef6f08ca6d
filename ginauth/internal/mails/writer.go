// Package mails writes mails into the outbox. It decides the ticket, text and language of each, and limits how many go to an
// address.
package mails

// Writer: its fields, and the data of a mail.

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
	Now       func() time.Time // rounded as the database stores it
	Kinds     Kinds
	Tickets   *ticket.Book
	Users     *authn.Authenticator // knows which users only a backend may log in
	Languages *locale.Catalogs
	Texts     *mailtext.Renderer // nil without a sender: no mail can be written
	Outbox    *outbox.Outbox
	Proxies   []netip.Prefix
}

// dataOf returns the data for the template of a mail, without the ticket. r is the request that triggers the mail.
func (w *Writer) dataOf(r *http.Request, m Mail) mailtext.Data {
	data := mailtext.Data{
		Kind: m.Kind, Lang: w.languageOf(r, m), Site: w.Config.Mail.Site, LinkLifetime: m.Grace, Managed: w.Users.Managed(m.User), Actor: m.Actor, Until: m.Until,
	}
	data.Link = m.Link
	if m.Opened {
		data.Opened = m.User.DateJoined
	}
	if m.Confirmed {
		data.Username = m.User.Username
	}
	if m.Kind == AccountBanned {
		if until := m.User.BannedUntil; until != nil {
			data.BannedUntil = *until
		}
		if w.Config.Mail.BanNotice == config.BanNoticeReason {
			data.Reason = m.User.BanReason
		}
	}
	if w.Kinds[m.Kind].Notice {
		data.When = w.Now()
		if m.Actor == "" {
			data.IP, data.Device = client.Address(r, w.Proxies), client.Device(r.UserAgent())
		}
	}
	return data
}

// languageOf returns the language of a mail: the user's own, else the client's preference. The client that triggers a notice
// may be an intruder, so a language that was set within Mail.NoticeLifetime does not count: the notice is in the language
// that the user had before.
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
