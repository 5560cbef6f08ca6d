package mailer_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/mailer"
)

func TestDelivery(t *testing.T) {
	t.Parallel()
	all := []string{"CRAM-MD5", "LOGIN", "PLAIN", "SCRAM-SHA-256"}
	for _, c := range []struct {
		name  string
		s     *server
		login string // the mechanism, or none
	}{
		{"STARTTLS", &server{mechanisms: all}, ""},
		{"STARTTLS, PLAIN", &server{mechanisms: []string{"LOGIN", "PLAIN"}}, "PLAIN"},
		{"STARTTLS, LOGIN", &server{mechanisms: []string{"CRAM-MD5", "LOGIN"}}, "LOGIN"},
		{"STARTTLS, SCRAM", &server{mechanisms: all}, "SCRAM-SHA-256"},
		{"implicit", &server{implicit: true}, ""},
		{"implicit, PLAIN", &server{implicit: true, mechanisms: []string{"PLAIN"}}, "PLAIN"},
		{"none", &server{noTLS: true, mechanisms: all}, ""},
		{"none, PLAIN", &server{noTLS: true, mechanisms: []string{"PLAIN"}}, "PLAIN"},
		{"none, LOGIN", &server{noTLS: true, mechanisms: []string{"LOGIN"}}, "LOGIN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sender, m := c.s.start(t), message()
			if c.login != "" {
				sender.Username, sender.Password = username, password
			}
			arrives(t, c.s, sender, m, c.login)
		})
	}
}

// arrives sends a mail twice and checks what the server got.
func arrives(t *testing.T, s *server, sender config.Mailer, m config.Message, login string) {
	t.Helper()
	for range 2 {
		if err := send(t, sender, m); err != nil {
			t.Fatal(err)
		}
	}
	mails := s.all()
	if len(mails) != 2 {
		t.Fatalf("%d mails arrived", len(mails))
	}
	for _, got := range mails {
		same(t, parse(t, got.content), m)
		got.content = ""
		if want := (received{from: "no-reply@acme.example", to: m.To, login: login, encrypted: !s.noTLS}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if login == "" && s.tries() > 0 {
		t.Error("it logged in without credentials")
	}
}

// TestRejections: which responses that reject a mail are permanent, and what the error contains.
func TestRejections(t *testing.T) {
	t.Parallel()
	m := message()
	for _, c := range []struct {
		step      string
		code      int
		text      string
		permanent bool
		says      string
	}{
		{"RCPT", 550, "<max@example.com>: no such user\x1b[2J", true, "(address) no such user"},
		{"RCPT", 551, "moved", true, "moved"},
		{"RCPT", 451, "greylisted", false, "greylisted"},
		{"RCPT", 421, "too many connections", false, "421"},
		{"RCPT", 530, "authentication required", false, "user and password"},
		{"MAIL", 550, "no such sender", false, "no such sender"},
		{"MAIL", 552, strings.Repeat("too long ", 300), false, "too long too long"},
		{"MAIL", 530, "authentication required", false, "user and password"},
		{"DATA", 554, "no link to https://app.example.com/verify/s3cr3t-key", true, "554"},
		{"DATA", 552, "too big: " + m.Text, true, "552"},
		{"DATA", 451, "later: https://app.example.com/verify/s3cr3t-key", false, "451"},
	} {
		t.Run(fmt.Sprint(c.step, c.code), func(t *testing.T) {
			t.Parallel()
			s := server{refuse: map[string]error{c.step: &smtp.SMTPError{Code: c.code, EnhancedCode: smtp.EnhancedCode{c.code / 100, 7, 1}, Message: c.text}}}
			err := send(t, s.start(t), m)
			if err == nil || config.IsPermanent(err) != c.permanent {
				t.Fatalf("permanent is %v: %v", config.IsPermanent(err), err)
			}
			if !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), fmt.Sprintf("%d %d.7.1", c.code, c.code/100)) {
				t.Errorf("the error says %v", err)
			}
			tellsNothing(t, err)
			if len(s.all()) > 0 {
				t.Error("the mail was taken")
			}
		})
	}
}

// tellsNothing checks that an error contains no secret.
func tellsNothing(t *testing.T, err error) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		for _, secret := range []string{password, username, "max@", "s3cr3t", "Hallo", "\x1b", "\n"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error has %q: %v", secret, err)
			}
		}
		if len(err.Error()) > 500 {
			t.Errorf("the error has %d bytes", len(err.Error()))
		}
	}
}

func TestWrongPassword(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []string{"PLAIN", "LOGIN", "SCRAM-SHA-256"} {
		t.Run(mechanism, func(t *testing.T) {
			t.Parallel()
			s := server{mechanisms: []string{mechanism}}
			sender := s.start(t)
			sender.Username, sender.Password = username, "s3cr3t-"+password
			err := send(t, sender, message())
			if err == nil || config.IsPermanent(err) || !strings.Contains(err.Error(), "AUTH") {
				t.Errorf("the error is %v", err)
			}
			tellsNothing(t, err)
			if s.tries() != 1 || len(s.all()) > 0 {
				t.Errorf("%d tries, %d mails", s.tries(), len(s.all()))
			}
		})
	}
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	for _, implicit := range []bool{false, true} {
		s := server{implicit: implicit, mechanisms: []string{"PLAIN"}}
		sender := s.start(t)
		sender.Username, sender.Password = username, password
		unknown, wrong := sender, sender
		unknown.TLSConfig = nil
		wrong.TLSConfig = &tls.Config{RootCAs: sender.TLSConfig.RootCAs, ServerName: "mail.example.com"}
		for name, bad := range map[string]mailer.SMTP{"authority": unknown, "name": wrong} {
			err := send(t, bad, message())
			if err == nil || config.IsPermanent(err) || !strings.Contains(err.Error(), "certificate") || !strings.Contains(err.Error(), "SMTP.TLSConfig") {
				t.Errorf("implicit %v, another %s: %v", implicit, name, err)
			}
			tellsNothing(t, err)
		}
		if s.tries() > 0 || len(s.all()) > 0 {
			t.Errorf("implicit %v: %d logins, %d mails", implicit, s.tries(), len(s.all()))
		}
		if err := send(t, sender, message()); err != nil { // the server itself works
			t.Error(err)
		}
		if sender.TLSConfig.ServerName != "" {
			t.Error("it changed what it was given")
		}
	}
}

// TestHostileCertificate: the certificate's name contains terminal control characters, which must not reach
// the log. The name is read before the certificate is verified.
func TestHostileCertificate(t *testing.T) {
	t.Parallel()
	s := server{implicit: true, certFor: "hostile\x1b[2J\n"}
	sender := s.start(t)
	sender.TLSConfig = &tls.Config{ServerName: "mail.example.com"}
	err := send(t, sender, message())
	if err == nil || !strings.Contains(err.Error(), "hostile") || strings.ContainsAny(err.Error(), "\x1b\n") {
		t.Errorf("the error is %v", err)
	}
}

// TestWrongPort: if the ports of the two kinds of TLS are mixed up, the error says so.
func TestWrongPort(t *testing.T) {
	t.Parallel()
	plain, encrypted := server{}, server{implicit: true}
	a, b := plain.start(t), encrypted.start(t)
	a.TLS, b.TLS = mailer.TLSImplicit, mailer.TLSStart
	b.Timeout = 2 * time.Second
	if err := send(t, a, message()); err == nil || !strings.Contains(err.Error(), "tls=starttls") {
		t.Errorf("the error is %v", err)
	}
	if err := send(t, b, message()); err == nil || !strings.Contains(err.Error(), "tls=implicit") {
		t.Errorf("the error is %v", err)
	}
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	conn, err := net.Dial("tcp", listen(t).Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	port := conn.LocalAddr().(*net.TCPAddr).Port // in use by a client, so it refuses connections and no other program gets it
	err = send(t, mailer.SMTP{Host: "127.0.0.1", Port: port, Username: username, Password: password}, message())
	if err == nil || config.IsPermanent(err) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("the error is %v", err)
	}
	tellsNothing(t, err)
}

func TestNoLoginOffered(t *testing.T) {
	t.Parallel()
	s := server{mechanisms: []string{"CRAM-MD5"}}
	sender := s.start(t)
	sender.Username, sender.Password = username, password
	err := send(t, sender, message())
	if err == nil || config.IsPermanent(err) || !strings.Contains(err.Error(), "port for submission") || s.tries() > 0 {
		t.Errorf("%d logins: %v", s.tries(), err)
	}
}

// TestInternationalAddress: it is sent if the server supports it, else the error is permanent.
func TestInternationalAddress(t *testing.T) {
	t.Parallel()
	m := message()
	m.To = "jörg@example.com"
	able, unable := server{utf8: true}, server{}
	sender := able.start(t)
	for _, to := range []string{m.To, message().To} {
		m.To = to
		if err := send(t, sender, m); err != nil {
			t.Fatal(err)
		}
	}
	for i, got := range able.all() {
		if got.utf8 != (i == 0) {
			t.Errorf("SMTPUTF8 is %v for %s", got.utf8, got.to)
		}
	}
	m.To = "jörg@example.com"
	if err := send(t, unable.start(t), m); !config.IsPermanent(err) || strings.Contains(err.Error(), "jörg") || len(unable.all()) > 0 {
		t.Errorf("the error is %v", err)
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s    mailer.SMTP
		port int
		tls  mailer.TLSMode
	}{
		{mailer.SMTP{}, 587, mailer.TLSStart},
		{mailer.SMTP{Port: 25}, 25, mailer.TLSStart},
		{mailer.SMTP{Port: 465}, 465, mailer.TLSImplicit},
		{mailer.SMTP{Port: 465, TLS: mailer.TLSStart}, 465, mailer.TLSStart},
		{mailer.SMTP{TLS: mailer.TLSImplicit}, 465, mailer.TLSImplicit},
		{mailer.SMTP{TLS: mailer.TLSInsecureNone}, 25, mailer.TLSInsecureNone},
	} {
		c.s.Host = "mail.example.com"
		got := mailer.WithDefaults(c.s)
		if got.Port != c.port || got.TLS != c.tls || got.Timeout != 10*time.Second || got.Helo == "" {
			t.Errorf("%+v becomes %+v", c.s, got)
		}
		if got.TLSConfig.ServerName != "mail.example.com" || got.TLSConfig.InsecureSkipVerify || got.TLSConfig.MinVersion < tls.VersionTLS12 {
			t.Errorf("%+v checks the name %q", c.s, got.TLSConfig.ServerName)
		}
	}
}

// TestSettings: settings are checked before connecting, and no error contains the password.
func TestSettings(t *testing.T) {
	t.Parallel()
	for says, s := range map[string]mailer.SMTP{
		"host":              {},
		"tls":               {Host: "127.0.0.1", TLS: "none"},
		"port":              {Host: "127.0.0.1", Port: 70000},
		"timeout":           {Host: "127.0.0.1", Timeout: -1},
		"helo":              {Host: "127.0.0.1", Helo: "a\r\nMAIL"},
		"both":              {Host: "127.0.0.1", Username: username},
		"control":           {Host: "127.0.0.1", Username: username, Password: "a\x00" + password},
		"anyone":            {Host: "192.0.2.1", TLS: mailer.TLSInsecureNone, Username: username, Password: password},
		"user and password": {Host: "127.0.0.1", Password: password},
	} {
		err := send(t, s, message())
		if err == nil || config.IsPermanent(err) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
		tellsNothing(t, err)
		if shown := fmt.Sprintf("%v %+v %#v", s, s, s); strings.Contains(shown, password) {
			t.Errorf("it prints its password: %s", shown)
		}
	}
}

func TestInsecure(t *testing.T) {
	t.Parallel()
	for s, insecure := range map[*mailer.SMTP]bool{
		{Host: "mail.example.com"}:                               false,
		{Host: "mail.example.com", TLS: mailer.TLSInsecureNone}:  true,
		{Host: "127.0.0.1", TLS: mailer.TLSInsecureNone}:         false,
		{Host: "localhost", TLS: mailer.TLSInsecureNone}:         false,
		{Host: "localhost.example", TLS: mailer.TLSInsecureNone}: true,
	} {
		if why := s.Insecure(); why != "" != insecure {
			t.Errorf("%s %s: %q", s.Host, s.TLS, why)
		}
	}
}
