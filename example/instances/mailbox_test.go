//go:build unix

package instances

import (
	"fmt"
	"io"
	"net"
	"net/mail"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// mailbox is an SMTP server that notes the Message-IDs of each recipient.
type mailbox struct {
	mu   sync.Mutex
	got  map[string]map[string]int // recipient, Message-ID, copies
	addr string
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := &mailbox{got: map[string]map[string]int{}, addr: listener.Addr().String()}
	server := smtp.NewServer(box)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return box
}

func (b *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return delivery{b}, nil }

func (b *mailbox) url() string { return fmt.Sprintf("smtp://%s?tls=insecure-none", b.addr) }

// of returns how many different mails a recipient got, and the largest number of copies of one.
func (b *mailbox) of(recipient string) (mails, copies int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.got[recipient] {
		copies = max(copies, n)
	}
	return len(b.got[recipient]), copies
}

type delivery struct{ *mailbox }

func (delivery) Reset()                               {}
func (delivery) Logout() error                        { return nil }
func (delivery) Mail(string, *smtp.MailOptions) error { return nil }
func (delivery) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (d delivery) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	to, err := m.Header.AddressList("To")
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, m.Body); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range to {
		if d.got[a.Address] == nil {
			d.got[a.Address] = map[string]int{}
		}
		d.got[a.Address][m.Header.Get("Message-ID")]++
	}
	return nil
}
