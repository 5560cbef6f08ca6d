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

// advice is an error of our own, whose text is fit for the operator.
type advice string

func (a advice) Error() string { return string(a) }

// failure has a text without secrets, and its cause for errors.Is.
type failure struct {
	text  string
	cause error
}

func (f *failure) Error() string { return f.text }

func (f *failure) Unwrap() error { return f.cause }

// failed judges the error of a step and says it in one short line, which can be stored.
func (t *talk) failed(step string, err error) error {
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		return t.refused(step, reply)
	}
	said, cause, hint := "the answer was not to be understood", error(nil), t.hint(step, err)
	if ended := t.ctx.Err(); ended != nil {
		said, cause, hint = "not done when the context ended: "+ended.Error(), ended, ""
	} else if own, ok := errors.AsType[advice](err); ok {
		said, cause = own.Error(), own
	} else if step == stepTLS || isNet(err) { // others may have what the server said, who has seen the password or the links
		said, cause = oneLine(err.Error()), err
	}
	out := error(&failure{fmt.Sprintf("mailer: %s with %s: %s%s", step, t.addr, said, hint), cause})
	if config.IsPermanent(err) {
		out = config.Permanent(out)
	}
	return out
}

// refused is for an answer with a code. 530 is for the sender's login (RFC 4954, section
// 6) and says nothing of the receiver.
func (t *talk) refused(step string, reply *textproto.Error) error {
	said := withoutAddresses(reply.Msg)
	if step == stepAuth || step == stepContent { // the server may repeat the password, or a link that it does not like
		said = enhanced.FindString(reply.Msg)
	}
	hint := ""
	switch {
	case reply.Code == 530:
		hint = "; the server wants a login: give user and password"
	case step == stepAuth && reply.Code/100 == 5:
		hint = "; check user and password"
	}
	said = strings.TrimSpace(fmt.Sprintf("%d %s", reply.Code, said))
	out := error(&failure{text: fmt.Sprintf("mailer: %s with %s: the server answered %q%s", step, t.addr, said, hint)})
	if reply.Code/100 == 5 && (step == stepContent || step == stepTo && reply.Code != 530) {
		out = config.Permanent(out)
	}
	return out
}

func (t *talk) hint(step string, err error) string {
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	_, badCert := errors.AsType[*tls.CertificateVerificationError](err)
	_, badName := errors.AsType[x509.HostnameError](err)
	switch {
	case badCert || badName:
		return "; the host must be a name in its certificate, made by an authority that the system or SMTP.TLSConfig trusts"
	case noTLS:
		return "; the server does not begin with TLS: take tls=starttls"
	case step == stepGreeting && t.TLS != TLSImplicit:
		return "; if the port is for TLS from the first byte, take tls=implicit"
	}
	return ""
}

func isNet(err error) bool {
	_, ok := errors.AsType[net.Error](err)
	return ok || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// enhanced is a status code of RFC 3463, at the start of any line of an answer.
var enhanced = regexp.MustCompile(`(?m)^[245]\.\d{1,3}\.\d{1,3}\b`)

// withoutAddresses is for answers to RCPT TO, which like to repeat it.
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
