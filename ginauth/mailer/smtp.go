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

// TLSMode says whether and when a connection is encrypted.
type TLSMode string

// The modes.
const (
	// TLSStart connects in plain text and switches to TLS with STARTTLS before it sends credentials or mail. If the server
	// does not offer STARTTLS, Send fails.
	TLSStart TLSMode = "starttls"
	// TLSImplicit is TLS from the first byte (RFC 8314, section 3.3).
	TLSImplicit TLSMode = "implicit"
	// TLSInsecureNone is plain text, for a relay on the same host. With a Username, Host must be a loopback
	// address.
	TLSInsecureNone TLSMode = "insecure-none"
)

// SMTP sends mails over SMTP and opens a connection for each. Only Host is required. It is safe for concurrent
// use as long as its fields do not change.
type SMTP struct {
	// Host is the server's name or address. The certificate must be valid for it.
	Host string
	// Port is the server's port. Default: 587, or 465 with TLSImplicit, or 25 with
	// TLSInsecureNone.
	Port int
	// Username and Password are the credentials. Send uses the first of SCRAM-SHA-256, SCRAM-SHA-1, PLAIN and
	// LOGIN that the server offers. Default: no login.
	Username string
	Password config.Secret
	// TLS says when the connection is encrypted. Default: TLSStart, or TLSImplicit with
	// port 465.
	TLS TLSMode
	// Timeout limits connecting and each SMTP command. If the context has a deadline, sending the content and waiting for
	// the response to it is limited by that deadline instead: a sender that gives up there sends the mail
	// twice (RFC 5321, section 4.5.3.2). Default 10 seconds.
	Timeout time.Duration
	// Helo is the name to send with EHLO. Default: the name of the host, or "localhost".
	Helo string
	// TLSConfig is for a private certificate authority (RootCAs) or a client certificate. ServerName is Host unless
	// set. Default: the certificate authorities of the system.
	TLSConfig *tls.Config
}

// Send delivers m to the server. It returns as soon as the context ends. The package documentation says
// which errors are permanent.
func (s SMTP) Send(ctx context.Context, m config.Message) error {
	s = s.withDefaults()
	if err := s.Validate(); err != nil {
		return err
	}
	out, err := compose(m, time.Now())
	if err != nil {
		return err
	}
	c := &session{SMTP: s, ctx: ctx, message: out, addr: net.JoinHostPort(s.Host, strconv.Itoa(s.Port))}
	dialer := net.Dialer{Timeout: s.Timeout}
	conn, err := dialer.DialContext(ctx, "tcp", c.addr)
	if err != nil {
		return c.wrap("connecting", err)
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // ends a read or write that is blocked
	defer stop()
	c.conn = &limitedConn{Conn: conn, remaining: maxResponseBytes}
	return c.run()
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

// Validate returns an error if a field is invalid. It does not connect. Errors name fields as the parameters of a URL
// do. ginauth.New calls it.
func (s SMTP) Validate() error {
	s = s.withDefaults()
	for _, rule := range []struct {
		broken  bool
		problem string
	}{
		{!oneWord(s.Host), "the host is missing or contains spaces; set a name like mail.example.com"},
		{strings.Contains(s.Host, ":") && net.ParseIP(s.Host) == nil, "the host contains a colon; put the port into Port"},
		{!slices.Contains([]TLSMode{TLSStart, TLSImplicit, TLSInsecureNone}, s.TLS), "tls must be starttls, implicit or insecure-none"},
		{s.Port < 1 || s.Port > 65535, "the port must be between 1 and 65535; remove it for the default"},
		{s.Timeout < 0, "timeout must be a positive duration"},
		{!oneWord(s.Helo), "helo must be a name like app.example.com"},
		{(s.Username == "") != (s.Password == ""), "set both user and password, or neither"},
		{!isLine(s.Username) || !isLine(string(s.Password)), "user or password contains control characters or is not UTF-8"},
		{
			s.Username != "" && s.TLS == TLSInsecureNone && !isLoopback(s.Host),
			"with tls=insecure-none anyone on the network could read the password; use tls=starttls or tls=implicit, or remove user and password",
		},
	} {
		if rule.broken {
			return errors.New("mailer: " + rule.problem)
		}
	}
	return nil
}

func oneWord(s string) bool { return s != "" && isLine(s) && !strings.ContainsAny(s, " <>") }

// Insecure returns the warning that auth.Check shows if mails cross a network in plain text, else "".
func (s SMTP) Insecure() string {
	if s = s.withDefaults(); s.TLS != TLSInsecureNone || isLoopback(s.Host) {
		return ""
	}
	return "sends in plain text: anyone who reads the network traffic can confirm addresses, set passwords and log in"
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
