package mailer

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"github.com/ginauth/gin-rest-auth/config"
)

// letter is a message as it is handed over.
type letter struct {
	from, to string // the envelope, as "<address>"
	content  []byte
}

// compose makes a MIME message. Its errors are permanent: what is wrong is in the
// message, and would be the next time.
func compose(m config.Message, now time.Time) (*letter, error) {
	from, err := check(m)
	if err != nil {
		return nil, err
	}
	// Without WithNoDefaultUserAgent the library would tell its version to everybody.
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(from)
	to := netmail.Address{Address: m.To}
	msg.ToMailAddress(&to)
	msg.Subject(subject(m.Subject))
	msg.SetMessageIDWithValue(plain(m.ID) + "@" + domain(from.Address))
	msg.SetDateWithValue(now.UTC())
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834, section 5
	msg.SetGenHeader(mail.HeaderXAutoResponseSuppress, "All")
	if m.Lang != "" {
		msg.SetGenHeader(mail.HeaderContentLang, m.Lang)
	}
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, m.HTML) // the better one is last (RFC 2046, section 5.1.4)
	}
	var content bytes.Buffer
	if _, err := msg.WriteTo(&content); err != nil {
		return nil, config.Permanent(fmt.Errorf("mailer: the mail cannot be composed: %w", err))
	}
	sender := netmail.Address{Address: from.Address}
	return &letter{from: sender.String(), to: to.String(), content: content.Bytes()}, nil
}

// check refuses what must not be sent, and returns the sender. No error repeats what is
// in the message.
func check(m config.Message) (*netmail.Address, error) {
	for _, field := range []struct{ name, value string }{
		{"From", m.From}, {"To", m.To}, {"Subject", m.Subject}, {"ID", m.ID}, {"Kind", m.Kind}, {"Lang", m.Lang},
	} {
		if unfit(field.value) { // T092, ASVS 1.3.11
			return nil, config.Permanent(fmt.Errorf("mailer: Message.%s has control characters or is not UTF-8", field.name))
		}
	}
	if m.ID == "" {
		return nil, config.Permanent(errors.New("mailer: Message.ID is missing"))
	}
	from, err := netmail.ParseAddress(m.From)
	if err != nil || unfit(from.Name+from.Address) { // an encoded word can hide anything
		return nil, config.Permanent(errors.New(`mailer: Message.From is not a sender like "Acme <no-reply@acme.example>"`))
	}
	at := strings.LastIndexByte(from.Address, '@') + 1
	if name, err := idna.Lookup.ToASCII(from.Address[at:]); err == nil {
		from.Address = from.Address[:at] + name
	}
	if to, err := netmail.ParseAddress(m.To); err != nil || to.Address != m.To {
		return nil, config.Permanent(errors.New("mailer: Message.To is not a bare address"))
	}
	return from, nil
}

// unfit reports what no line may have: control characters and broken UTF-8.
func unfit(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

func domain(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// plain makes a name for a file and for a Message-ID: what is no letter, digit, hyphen or underscore
// becomes =XX. Different names stay different, and none is "..".
func plain(name string) string {
	var b strings.Builder
	for i := range len(name) {
		if c := name[i]; c < utf8.RuneSelf && (unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)) || c == '-' || c == '_') {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return b.String()
}

// maxWord is the longest word that a header may have unbroken; lines end at 998
// (RFC 5322, section 2.1.1).
const maxWord = 500

// subject encodes ASCII that go-mail leaves alone though it would not arrive as it is:
// what a reader would decode, with line breaks in it if an attacker likes (T092), words
// too long for a line, and white space where a line may be broken.
func subject(s string) string {
	words := strings.Split(s, " ")
	odd := func(word string) bool { return word == "" || len(word) > maxWord }
	if !isASCII(s) || !strings.Contains(s, "=?") && !slices.ContainsFunc(words, odd) {
		return s
	}
	words = nil
	for chunk := range slices.Chunk([]byte(s), 45) { // 75 characters encoded (RFC 2047, section 2)
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString(chunk)+"?=")
	}
	return strings.Join(words, " ")
}
