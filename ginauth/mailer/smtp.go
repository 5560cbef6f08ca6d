package mailer

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
)

// TLSMode says when a connection is encrypted.
type TLSMode string

// The modes.
const (
	// TLSStart begins in plain text and changes to TLS by STARTTLS before anything is
	// told. A server that does not offer it gets no mail.
	TLSStart TLSMode = "starttls"
	// TLSImplicit is TLS from the first byte (RFC 8314, section 3.3).
	TLSImplicit TLSMode = "implicit"
	// TLSInsecureNone is plain text, for a relay on the same host. A Username is allowed
	// on loopback only.
	TLSInsecureNone TLSMode = "insecure-none"
)

// SMTP sends mails over SMTP, with a connection for each. Only Host is required. It is
// safe for concurrent use as long as nobody changes it.
type SMTP struct {
	// Host is the server's name or address, and what its certificate must be for.
	Host string
	// Port is the server's port. Default: 587, or 465 with TLSImplicit, or 25 with
	// TLSInsecureNone.
	Port int
	// Username and Password log in, by the best of SCRAM-SHA-256, SCRAM-SHA-1, PLAIN and
	// LOGIN that the server offers. Default: none, and no login.
	Username string
	Password config.Secret
	// TLS is when the connection is encrypted. Default: TLSStart, or TLSImplicit with
	// port 465.
	TLS TLSMode
	// Timeout ends connecting and each step of the talk. The answer to the content is
	// waited for until the context ends, if it has a deadline: who gives up there sends
	// twice (RFC 5321, section 4.5.3.2). Default 10 seconds.
	Timeout time.Duration
	// Helo is the name for EHLO. Default: the name of the host, or "localhost".
	Helo string
	// TLSConfig is for a private certificate authority (RootCAs) or a certificate of the
	// client. ServerName is Host unless set. Default: the system's authorities.
	TLSConfig *tls.Config
}

// Send delivers m, and gives up as soon as the context ends. See the package comment for
// which errors are permanent.
func (s SMTP) Send(ctx context.Context, m config.Message) error {
	s = s.withDefaults()
	if err := s.Validate(); err != nil {
		return err
	}
	l, err := compose(m, time.Now())
	if err != nil {
		return err
	}
	t := &talk{SMTP: s, ctx: ctx, letter: l, addr: net.JoinHostPort(s.Host, strconv.Itoa(s.Port))}
	dialer := net.Dialer{Timeout: s.Timeout}
	conn, err := dialer.DialContext(ctx, "tcp", t.addr)
	if err != nil {
		return t.failed("connecting", err)
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // wakes whatever reads or writes
	defer stop()
	t.conn = &bounded{Conn: conn, left: maxAnswers}
	return t.run()
}

func (s SMTP) withDefaults() SMTP {
	if s.TLS == "" && s.Port == 465 {
		s.TLS = TLSImplicit
	}
	s.TLS = cmp.Or(s.TLS, TLSStart)
	if s.Port == 0 {
		s.Port = map[TLSMode]int{TLSStart: 587, TLSImplicit: 465, TLSInsecureNone: 25}[s.TLS]
	}
	s.Timeout = cmp.Or(s.Timeout, 10*time.Second)
	if s.Helo == "" {
		s.Helo, _ = os.Hostname()
		if !oneWord(s.Helo) {
			s.Helo = "localhost"
		}
	}
	s.TLSConfig = s.TLSConfig.Clone()
	if s.TLSConfig == nil {
		s.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	s.TLSConfig.ServerName = cmp.Or(s.TLSConfig.ServerName, s.Host)
	return s
}

// Validate finds mistakes, without connecting; errors name a field as the URL has it. The
// library calls it at start.
func (s SMTP) Validate() error {
	s = s.withDefaults()
	for _, rule := range []struct {
		broken  bool
		problem string
	}{
		{!oneWord(s.Host), "the host is missing or has spaces in it; it is a name like mail.example.com"},
		{strings.Contains(s.Host, ":") && net.ParseIP(s.Host) == nil, "the host has a colon in it; put the port into Port"},
		{!slices.Contains([]TLSMode{TLSStart, TLSImplicit, TLSInsecureNone}, s.TLS), "tls must be starttls, implicit or insecure-none"},
		{s.Port < 1 || s.Port > 65535, "the port must be between 1 and 65535, or left out"},
		{s.Timeout < 0, "timeout must be a positive duration"},
		{!oneWord(s.Helo), "helo must be a name like app.example.com"},
		{(s.Username == "") != (s.Password == ""), "user and password must be there both, or neither"},
		{unfit(s.Username) || unfit(string(s.Password)), "user or password has control characters or is not UTF-8"},
		{
			s.Username != "" && s.TLS == TLSInsecureNone && !isLoopback(s.Host),
			"with tls=insecure-none everybody on the way could read the password; take tls=starttls or tls=implicit, or leave user and password out",
		},
	} {
		if rule.broken {
			return errors.New("mailer: " + rule.problem)
		}
	}
	return nil
}

func oneWord(s string) bool { return s != "" && !unfit(s) && !strings.ContainsAny(s, " <>") }

// Insecure says for auth.Check when mails go over a network in plain text; "" if they do not.
func (s SMTP) Insecure() string {
	if s = s.withDefaults(); s.TLS != TLSInsecureNone || isLoopback(s.Host) {
		return ""
	}
	return "sends in plain text: who reads on the way can confirm addresses, set passwords and log in"
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
