package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"github.com/ginauth/gin-rest-auth/config"
)

// maxAnswers is how many bytes a server may say in one connection. It could fill the
// memory otherwise, as package textproto reads lines of any length.
const maxAnswers = 1 << 20

type bounded struct {
	net.Conn
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, advice("the server talks without end")
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// talk is one connection. It has the steps of go-mail's own client, which cannot be used:
// it ignores the context once connected, leaves connections open after errors, and
// reports a mail as failed that the server took when only the goodbye went wrong.
type talk struct {
	SMTP
	*letter
	ctx    context.Context
	addr   string
	conn   net.Conn
	client *smtp.Client
	data   io.WriteCloser
}

// The steps that errors are judged by.
const (
	stepGreeting = "the greeting"
	stepTLS      = "TLS"
	stepAuth     = "AUTH"
	stepTo       = "RCPT TO"
	stepContent  = "the content"
)

func (t *talk) run() error {
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{stepTLS, t.implicitTLS},
		{stepGreeting, t.greeting},
		{"EHLO", func() error { return t.client.Hello(t.Helo) }},
		{stepTLS, t.startTLS},
		{stepAuth, t.login},
		{"MAIL FROM", t.mailFrom},
		{stepTo, t.rcptTo},
		{"DATA", func() (err error) { t.data, err = t.client.Data(); return err }},
		{stepContent, t.sendContent},
	} {
		_ = t.conn.SetDeadline(time.Now().Add(t.Timeout)) // fails on a closed connection, and the step with it
		if err := step.do(); err != nil {
			if _, refused := errors.AsType[*textproto.Error](err); refused {
				t.quit()
			}
			return t.failed(step.name, err)
		}
	}
	t.quit()
	return nil
}

// quit says goodbye and ignores what comes of it: when the server has the mail, nothing
// may make it be sent twice.
func (t *talk) quit() {
	if t.client != nil && t.client.HasConnection() {
		_ = t.conn.SetDeadline(time.Now().Add(min(t.Timeout, time.Second)))
		_ = t.client.Quit()
	}
}

func (t *talk) implicitTLS() error {
	if t.TLS != TLSImplicit {
		return nil
	}
	conn := tls.Client(t.conn, t.TLSConfig)
	t.conn = conn
	return conn.HandshakeContext(t.ctx)
}

func (t *talk) greeting() (err error) {
	t.client, err = smtp.NewClient(t.conn, t.Host)
	return err
}

func (t *talk) startTLS() error {
	if t.TLS != TLSStart {
		return nil
	}
	if ok, _ := t.client.Extension("STARTTLS"); !ok {
		return advice("the server offers no STARTTLS; take tls=implicit if the port is for TLS from the first byte, " +
			"or tls=insecure-none if it is a relay on the same host")
	}
	return t.client.StartTLS(t.TLSConfig)
}

// login takes the best way that the server offers. CRAM-MD5 and NTLM, which go-mail would
// find too, rest on MD5 and MD4.
func (t *talk) login() error {
	if t.Username == "" {
		return nil
	}
	_, list := t.client.Extension("AUTH")
	offered := strings.Fields(strings.ToUpper(list))
	user, pass := t.Username, string(t.Password)
	state, err := t.client.GetTLSConnectionState()
	bound := err == nil              // else there is no TLS that a login could be bound to
	open := t.TLS == TLSInsecureNone // check has seen that it is loopback
	for _, way := range []struct {
		name string
		ok   bool
		auth smtp.Auth
	}{
		{"SCRAM-SHA-256-PLUS", bound, smtp.ScramSHA256PlusAuth(user, pass, state)},
		{"SCRAM-SHA-256", true, smtp.ScramSHA256Auth(user, pass)},
		{"SCRAM-SHA-1-PLUS", bound, smtp.ScramSHA1PlusAuth(user, pass, state)},
		{"SCRAM-SHA-1", true, smtp.ScramSHA1Auth(user, pass)},
		{"PLAIN", bound || open, smtp.PlainAuth("", user, pass, t.Host, open)},
		{"LOGIN", bound || open, smtp.LoginAuth(user, pass, t.Host, open)},
	} {
		if way.ok && slices.Contains(offered, way.name) {
			return t.client.Auth(way.auth)
		}
	}
	return advice("the server offers no login by SCRAM, PLAIN or LOGIN; take its port for submission (587 or 465), " +
		"or leave user and password out")
}

func (t *talk) mailFrom() error {
	t.client.SkipSMTPUTF8(isASCII(t.from + t.to)) // a mail that asks for it cannot go everywhere (RFC 6531)
	return t.client.Mail(t.from)
}

func (t *talk) rcptTo() error {
	if ok, _ := t.client.Extension("SMTPUTF8"); !ok && !isASCII(t.to) {
		return config.Permanent(advice("the server takes no address with letters beyond ASCII before the @"))
	}
	return t.client.Rcpt(t.to)
}

// sendContent ends the content only when all of it is written: what breaks off before the
// final dot is no mail.
func (t *talk) sendContent() error {
	if _, ok := t.ctx.Deadline(); ok {
		_ = t.conn.SetDeadline(time.Time{}) // the context closes the connection
	}
	if _, err := t.data.Write(t.content); err != nil {
		return err
	}
	return t.data.Close()
}
