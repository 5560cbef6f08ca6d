package mailer

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"strings"
	"unicode"

	"github.com/ginauth/gin-rest-auth/config"
)

// operatorError is an error of this package. Its text is written for the operator and contains no secret.
type operatorError string

func (e operatorError) Error() string { return string(e) }

// failure has a text without secrets. It keeps its cause for errors.Is.
type failure struct {
	text  string
	cause error
}

func (f *failure) Error() string { return f.text }

func (f *failure) Unwrap() error { return f.cause }

// wrap returns the error of a step with a text of one short line, which can be stored, and marks it if it is
// permanent.
func (s *session) wrap(step string, err error) error {
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		return s.wrapReply(step, reply)
	}
	text, cause, hint := "the response is invalid", error(nil), s.hint(step, err)
	if ended := s.ctx.Err(); ended != nil {
		text, cause, hint = "not finished when the context ended: "+ended.Error(), ended, ""
	} else if own, ok := errors.AsType[operatorError](err); ok {
		text, cause = own.Error(), own
	} else if step == stepTLS || isNet(err) { // other errors may quote the server, which has seen the password or the links
		text, cause = oneLine(err.Error()), err
	}
	out := error(&failure{fmt.Sprintf("mailer: %s: %s: %s%s", s.addr, step, text, hint), cause})
	if config.IsPermanent(err) {
		out = config.Permanent(out)
	}
	return out
}

// wrapReply is wrap for a response with a status code. 530 asks the sender to log in (RFC 4954, section 6) and says
// nothing about the recipient.
func (s *session) wrapReply(step string, reply *textproto.Error) error {
	text := withoutAddresses(reply.Msg)
	if step == stepAuth || step == stepContent { // the server may repeat the password, or a link that it rejects
		text = enhanced.FindString(reply.Msg)
	}
	hint := ""
	switch {
	case reply.Code == 530:
		hint = "; the server requires a login: set user and password"
	case step == stepAuth && reply.Code/100 == 5:
		hint = "; check user and password"
	}
	text = strings.TrimSpace(fmt.Sprintf("%d %s", reply.Code, text))
	out := error(&failure{text: fmt.Sprintf("mailer: %s: %s: the server answered %q%s", s.addr, step, text, hint)})
	if reply.Code/100 == 5 && (step == stepContent || step == stepTo && reply.Code != 530) {
		out = config.Permanent(out)
	}
	return out
}

func (s *session) hint(step string, err error) string {
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	_, badCert := errors.AsType[*tls.CertificateVerificationError](err)
	_, badName := errors.AsType[x509.HostnameError](err)
	switch {
	case badCert || badName:
		return "; the host must be a name in its certificate, issued by an authority that the system or SMTP.TLSConfig trusts"
	case noTLS:
		return "; the server does not start with TLS: use tls=starttls"
	case step == stepGreeting && s.TLS != TLSImplicit:
		return "; if the port expects TLS from the first byte, use tls=implicit"
	}
	return ""
}

func isNet(err error) bool {
	_, ok := errors.AsType[net.Error](err)
	return ok || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// enhanced matches a status code of RFC 3463 at the start of a line.
var enhanced = regexp.MustCompile(`(?m)^[245]\.\d{1,3}\.\d{1,3}\b`)

// withoutAddresses replaces mail addresses, which servers often repeat in a response to RCPT TO.
func withoutAddresses(s string) string {
	words := strings.Fields(s)
	for i, word := range words {
		if strings.Contains(word, "@") {
			words[i] = "(address)"
		}
	}
	return oneLine(strings.Join(words, " "))
}

func oneLine(s string) string {
	line := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?")))
	return string(line[:min(len(line), 200)])
}
