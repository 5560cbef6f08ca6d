package dbtest_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"

	"github.com/emersion/go-smtp"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/mailer"
	"github.com/ginauth/gin-rest-auth/models"
)

// inbox is the mailbox of an SMTP server.
type inbox struct {
	mails  chan *mail.Message
	refuse error // for receivers
}

func (b inbox) NewSession(*smtp.Conn) (smtp.Session, error) { return b, nil }
func (inbox) Reset()                                        {}
func (inbox) Logout() error                                 { return nil }
func (inbox) Mail(string, *smtp.MailOptions) error          { return nil }
func (b inbox) Rcpt(string, *smtp.RcptOptions) error        { return b.refuse }
func (b inbox) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	if _, err = io.Copy(io.Discard, m.Body); err == nil { // all of it came
		b.mails <- m
	}
	return err
}

// server returns an SMTP server with the mailbox, for listen.
func (b inbox) server(t *testing.T) func(net.Listener) {
	s := smtp.NewServer(b)
	s.Domain = "localhost"
	t.Cleanup(func() { _ = s.Close() })
	return func(l net.Listener) { _ = s.Serve(l) }
}

// listen runs a server until the test ends and returns its port.
func listen(t *testing.T, serve func(net.Listener)) (port int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go serve(listener)
	return listener.Addr().(*net.TCPAddr).Port
}

// refusing returns a port that refuses connections. It is the client's end of a connection, so no other program gets it.
func refusing(t *testing.T) (port int) {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", listen(t, silent)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.LocalAddr().(*net.TCPAddr).Port
}

// silent accepts connections and sends nothing.
func silent(listener net.Listener) {
	for {
		if _, err := listener.Accept(); err != nil {
			return
		}
	}
}

// dropping closes the connection in the middle of the content.
func dropping(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		lines := bufio.NewReader(conn)
		_, _ = io.WriteString(conn, "220 localhost\r\n")
		for {
			line, err := lines.ReadString('\n')
			if err != nil || strings.HasPrefix(line, "Subject:") {
				break
			}
			if strings.HasPrefix(line, "DATA") {
				_, _ = io.WriteString(conn, "354 go on\r\n")
			} else if strings.HasPrefix(line, "EHLO") || strings.HasPrefix(line, "MAIL") || strings.HasPrefix(line, "RCPT") {
				_, _ = io.WriteString(conn, "250 fine\r\n")
			}
		}
		_ = conn.Close()
	}
}

// TestOutboxOverSMTP covers T211 from sign-up to mailbox: whatever the server does, the sign-up succeeds at once. When
// the server is back, the mail arrives once.
func TestOutboxOverSMTP(t *testing.T) {
	t.Parallel()
	port := refusing(t)
	box := &authtest.Mailbox{}
	db := testdb.SQLite(t)
	app := authtest.New(t, db, box.Configure, func(cfg *config.Config) {
		cfg.Mail.Timeout = time.Second
		cfg.Mail.Sender = config.MailerFunc(func(ctx context.Context, m config.Message) error {
			return mailer.SMTP{Host: "127.0.0.1", Port: port, TLS: mailer.TLSInsecureNone}.Send(ctx, m)
		})
	})
	browsers(t, app)().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	send := func() (sent int, row models.OutboxMail) {
		t.Helper()
		app.Clock.Advance(6 * time.Hour)
		sent, err := app.Auth.SendOutbox(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := db.First(&row).Error; err != nil {
			t.Fatal(err)
		}
		return sent, row
	}
	good := inbox{mails: make(chan *mail.Message, 5)}
	busy := inbox{mails: good.mails, refuse: &smtp.SMTPError{Code: 451, Message: "try later"}}
	server := func(b inbox) func(net.Listener) { return b.server(t) }
	for i, trouble := range []struct {
		what  string
		serve func(net.Listener)
	}{
		{"refused", nil}, {"no answer", silent}, {"dropped in mid-DATA", dropping}, {"451", server(busy)},
	} {
		if trouble.serve != nil {
			port = listen(t, trouble.serve)
		}
		sent, row := send()
		if sent != 0 || row.State != models.MailPending || row.Tries != i+1 || row.Reason == "" {
			t.Errorf("%s: %d sent, %s after %d tries: %q", trouble.what, sent, row.State, row.Tries, row.Reason)
		}
	}
	port = listen(t, server(good))
	app.Auth = authtest.New(t, db, box.Configure, func(cfg *config.Config) { // with enough time for a busy machine
		cfg.Now, cfg.Mail.Sender = app.Clock.Now, mailer.SMTP{Host: "127.0.0.1", Port: port, TLS: mailer.TLSInsecureNone}
	}).Auth
	if sent, row := send(); sent != 1 || row.State != models.MailSent {
		t.Fatalf("%d sent, %s: %q", sent, row.State, row.Reason)
	}
	if sent, _ := send(); sent != 0 {
		t.Errorf("%d sent again", sent)
	}
	m := <-good.mails
	if to, subject := m.Header.Get("To"), m.Header.Get("Subject"); to != "<ann@example.com>" || !strings.Contains(subject, "Confirm") || len(good.mails) > 0 {
		t.Errorf("to %s: %s, and %d more", to, subject, len(good.mails))
	}
}
