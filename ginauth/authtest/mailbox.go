package authtest

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ginauth/gin-rest-auth/config"
)

// Site is the front end to which links in mails lead if you use [Mailbox.Configure].
const Site = "https://app.example.com"

// Mailbox is a config.Mailer that keeps mails for the test. It is safe for concurrent use.
//
//	box := &authtest.Mailbox{}
//	app := authtest.New(t, db, box.Configure)
//	app.Client(t).Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
//	key := app.Mails(t, box)[0].Key(t)
type Mailbox struct {
	mu     sync.Mutex
	mails  []Mail
	broken bool
}

// Configure sets everything that mails need. Pass it to [New] or memory.New. All URLs are below [Site].
func (b *Mailbox) Configure(cfg *config.Config) {
	cfg.Mail.Sender, cfg.Mail.From = b, "Example <no-reply@example.com>"
	cfg.Mail.URLs = config.MailURLs{
		Verify: Site + "/verify/{key}", Reset: Site + "/reset/{uid}/{token}", Login: Site + "/login/{key}", Notice: Site + "/notice/{key}",
	}
}

// Send implements config.Mailer.
func (b *Mailbox) Send(_ context.Context, m config.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken {
		return errors.New("the mailbox is broken")
	}
	b.mails = append(b.mails, Mail{m})
	return nil
}

// Break makes Send fail if broken is true, and work again if it is false.
func (b *Mailbox) Break(broken bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken = broken
}

// Empty returns the mails in the order they arrived, and removes them from the mailbox.
func (b *Mailbox) Empty() []Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	mails := b.mails
	b.mails = nil
	return mails
}

// Mails sends the outbox and returns the mails that arrived since the last call. The outbox sends login codes and links before notices,
// and several at a time, so their order is not that in which they were written: use [Find] for one of several.
func (a *App) Mails(t testing.TB, box *Mailbox) []Mail {
	t.Helper()
	if _, err := a.Auth.SendOutbox(t.Context()); err != nil {
		t.Fatal(err)
	}
	return box.Empty()
}

// Find returns the last mail of a kind, such as "reset". It ends the test if no mail has the kind.
func Find(t testing.TB, mails []Mail, kind string) Mail {
	t.Helper()
	var kinds []string
	for _, m := range slices.Backward(mails) {
		if m.Kind == kind {
			return m
		}
		kinds = append(kinds, m.Kind)
	}
	t.Fatalf("no mail of kind %q among %q", kind, kinds)
	return Mail{}
}

// Mail is a mail in a [Mailbox]. Kind says which one it is, such as "verify" or "reset".
type Mail struct{ config.Message }

var (
	linkForm = regexp.MustCompile(regexp.QuoteMeta(Site) + `[^\s]*`)
	codeForm = regexp.MustCompile(`\b[2-9B-Z]{4}-[2-9B-Z]{4}\b`)
)

// Link returns the link in the mail. It ends the test if the mail has no link to [Site].
func (m Mail) Link(t testing.TB) string {
	t.Helper()
	link := linkForm.FindString(m.Text)
	if link == "" {
		t.Fatalf("no link in %q", m.Text)
	}
	return link
}

// Key returns the last part of the link: the key, or the token in a mail to reset a password.
func (m Mail) Key(t testing.TB) string {
	t.Helper()
	link := m.Link(t)
	return link[strings.LastIndexByte(link, '/')+1:]
}

// UID returns the uid in the link of a mail to reset a password.
func (m Mail) UID(t testing.TB) string {
	t.Helper()
	parts := strings.Split(m.Link(t), "/")
	return parts[len(parts)-2]
}

// Code returns the code in the mail. It ends the test if the mail has no code.
func (m Mail) Code(t testing.TB) string {
	t.Helper()
	code := codeForm.FindString(m.Text)
	if code == "" {
		t.Fatalf("no code in %q", m.Text)
	}
	return code
}
