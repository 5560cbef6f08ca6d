package mailer_test

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/mailer"
)

const (
	username = "app@example.com"
	password = "p%ss:w@rd/1" // has characters with a meaning in URLs
)

// server is a real SMTP server that keeps the mails it gets.
type server struct {
	implicit, noTLS, utf8 bool
	certFor               string // default: 127.0.0.1
	mechanisms            []string
	refuse                map[string]error // of "MAIL", "RCPT" and "DATA"

	mu     sync.Mutex
	mails  []received
	logins int // attempts
}

type received struct {
	from, to, login, content string
	encrypted, utf8          bool
}

// start runs the server and returns a sender that trusts its certificate.
func (s *server) start(t *testing.T) mailer.SMTP {
	t.Helper()
	cert, roots := certificate(t, cmp.Or(s.certFor, "127.0.0.1"))
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, conn: c}, nil
	}))
	srv.Domain = "mail.example.com"
	srv.AllowInsecureAuth = true
	srv.EnableSMTPUTF8 = s.utf8
	srv.ErrorLog = log.New(io.Discard, "", 0)
	out := mailer.SMTP{Host: "127.0.0.1", TLSConfig: &tls.Config{RootCAs: roots}}
	l := listen(t)
	out.Port = l.Addr().(*net.TCPAddr).Port
	switch {
	case s.noTLS:
		out.TLS = mailer.TLSInsecureNone
	case s.implicit:
		out.TLS = mailer.TLSImplicit
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}})
	default:
		srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return out
}

func (s *server) all() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

func (s *server) tries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

type session struct {
	server *server
	conn   *smtp.Conn
	got    received
}

func (s *session) AuthMechanisms() []string { return s.server.mechanisms }

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	s.server.mu.Lock()
	s.server.logins++
	s.server.mu.Unlock()
	done := func(user, pass string) error {
		if user != username || pass != password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: strings.ReplaceAll(pass, "@", " ") + " is wrong"}
		}
		s.got.login = mechanism
		return nil
	}
	switch mechanism {
	case "PLAIN":
		return sasl.NewPlainServer(func(_, user, pass string) error { return done(user, pass) }), nil
	case "LOGIN":
		return &loginServer{done: done}, nil
	case "SCRAM-SHA-256":
		return &scramServer{done: done}, nil
	}
	return nil, errors.New("no such mechanism")
}

func (s *session) Mail(from string, options *smtp.MailOptions) error {
	s.got.from, s.got.utf8 = from, options.UTF8
	return s.server.refuse["MAIL"]
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.got.to = to
	return s.server.refuse["RCPT"]
}

func (s *session) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.server.refuse["DATA"]; err != nil {
		return err
	}
	s.got.content = string(content)
	_, s.got.encrypted = s.conn.TLSConnectionState()
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.mails = append(s.server.mails, s.got)
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// certificate makes a self-signed certificate for a name or an IP address.
func certificate(t *testing.T, host string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func message() config.Message {
	return config.Message{
		ID: "k3j5h2g6f4d7s8a9", Kind: "verify", Lang: "de", From: "Käse & Co <no-reply@acme.example>", To: "max@example.com",
		Subject: "Bestätigen: grüße, 您好, a long subject that does not fit in a single line of a header",
		Text:    "Hallo Jörg 您好\n\n.\n..two\n.leading dot\n" + long + "\nhttps://app.example.com/verify/s3cr3t-key?a=b=3D\n",
		HTML:    "<p>Hällo &amp; 您好</p>\n.\n<p>" + long + "</p>\n",
	}
}
