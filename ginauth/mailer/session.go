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

// maxResponseBytes limits what a server can send in one connection. Package textproto reads lines of any length, so a
// server could fill the memory otherwise.
const maxResponseBytes = 1 << 20

type limitedConn struct {
	net.Conn
	remaining int
}

func (b *limitedConn) Read(p []byte) (int, error) {
	if b.remaining <= 0 {
		return 0, operatorError("the server sends more than 1 MiB")
	}
	n, err := b.Conn.Read(p[:min(len(p), b.remaining)])
	b.remaining -= n
	return n, err
}

// session is one SMTP session. It performs the same steps as go-mail's own client, which is not used because
// it ignores the context once connected, leaves connections open after errors, and
// reports a mail as failed if the server accepted it and only QUIT failed.
type session struct {
	SMTP
	*message
	ctx    context.Context
	addr   string
	conn   net.Conn
	client *smtp.Client
	data   io.WriteCloser
}

// The steps that wrap and wrapReply distinguish.
const (
	stepGreeting = "the greeting"
	stepTLS      = "TLS"
	stepAuth     = "AUTH"
	stepTo       = "RCPT TO"
	stepContent  = "the content"
)

func (s *session) run() error {
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{stepTLS, s.implicitTLS},
		{stepGreeting, s.greeting},
		{"EHLO", func() error { return s.client.Hello(s.Helo) }},
		{stepTLS, s.startTLS},
		{stepAuth, s.login},
		{"MAIL FROM", s.mailFrom},
		{stepTo, s.rcptTo},
		{"DATA", func() (err error) { s.data, err = s.client.Data(); return err }},
		{stepContent, s.sendContent},
	} {
		_ = s.conn.SetDeadline(time.Now().Add(s.Timeout)) // if the connection is closed, the step fails
		if err := step.do(); err != nil {
			if _, replied := errors.AsType[*textproto.Error](err); replied {
				s.quit()
			}
			return s.wrap(step.name, err)
		}
	}
	s.quit()
	return nil
}

// quit sends QUIT and ignores errors: once the server has accepted the mail, an error here must not cause
// a second attempt.
func (s *session) quit() {
	if s.client != nil && s.client.HasConnection() {
		_ = s.conn.SetDeadline(time.Now().Add(min(s.Timeout, time.Second)))
		_ = s.client.Quit()
	}
}

func (s *session) implicitTLS() error {
	if s.TLS != TLSImplicit {
		return nil
	}
	conn := tls.Client(s.conn, s.TLSConfig)
	s.conn = conn
	return conn.HandshakeContext(s.ctx)
}

func (s *session) greeting() (err error) {
	s.client, err = smtp.NewClient(s.conn, s.Host)
	return err
}

func (s *session) startTLS() error {
	if s.TLS != TLSStart {
		return nil
	}
	if ok, _ := s.client.Extension("STARTTLS"); !ok {
		return operatorError("the server offers no STARTTLS; use tls=implicit if the port expects TLS from the first byte, " +
			"or tls=insecure-none if it is a relay on the same host")
	}
	return s.client.StartTLS(s.TLSConfig)
}

// login uses the strongest mechanism that the server offers. It does not use CRAM-MD5 and NTLM, which go-mail also
// supports, because they are based on MD5 and MD4.
func (s *session) login() error {
	if s.Username == "" {
		return nil
	}
	_, list := s.client.Extension("AUTH")
	offered := strings.Fields(strings.ToUpper(list))
	user, pass := s.Username, string(s.Password)
	state, err := s.client.GetTLSConnectionState()
	encrypted := err == nil               // a login can be bound to the TLS connection
	plaintext := s.TLS == TLSInsecureNone // Validate ensures a loopback address
	for _, mechanism := range []struct {
		name string
		ok   bool
		auth smtp.Auth
	}{
		{"SCRAM-SHA-256-PLUS", encrypted, smtp.ScramSHA256PlusAuth(user, pass, state)},
		{"SCRAM-SHA-256", true, smtp.ScramSHA256Auth(user, pass)},
		{"SCRAM-SHA-1-PLUS", encrypted, smtp.ScramSHA1PlusAuth(user, pass, state)},
		{"SCRAM-SHA-1", true, smtp.ScramSHA1Auth(user, pass)},
		{"PLAIN", encrypted || plaintext, smtp.PlainAuth("", user, pass, s.Host, plaintext)},
		{"LOGIN", encrypted || plaintext, smtp.LoginAuth(user, pass, s.Host, plaintext)},
	} {
		if mechanism.ok && slices.Contains(offered, mechanism.name) {
			return s.client.Auth(mechanism.auth)
		}
	}
	return operatorError("the server offers no login by SCRAM, PLAIN or LOGIN; use its port for submission (587 or 465), " +
		"or remove user and password")
}

func (s *session) mailFrom() error {
	s.client.SkipSMTPUTF8(isASCII(s.from + s.to)) // not every server accepts a mail that asks for it (RFC 6531)
	return s.client.Mail(s.from)
}

func (s *session) rcptTo() error {
	if ok, _ := s.client.Extension("SMTPUTF8"); !ok && !isASCII(s.to) {
		return config.Permanent(operatorError("the server accepts only ASCII characters before the @ of an address"))
	}
	return s.client.Rcpt(s.to)
}

// sendContent ends the content only after all of it is written: a server discards a mail that breaks off before
// the final dot.
func (s *session) sendContent() error {
	if _, ok := s.ctx.Deadline(); ok {
		_ = s.conn.SetDeadline(time.Time{}) // the context closes the connection
	}
	if _, err := s.data.Write(s.content); err != nil {
		return err
	}
	return s.data.Close()
}
