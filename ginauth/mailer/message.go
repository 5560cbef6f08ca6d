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

// message is a mail as it is sent: envelope and MIME content.
type message struct {
	from, to string // the envelope, as "<address>"
	content  []byte
}

// compose returns the MIME message. Its errors are permanent: the message itself is invalid, so another attempt
// would fail as well.
func compose(m config.Message, now time.Time) (*message, error) {
	from, err := validate(m)
	if err != nil {
		return nil, err
	}
	// Without WithNoDefaultUserAgent every recipient would see the version of go-mail.
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(from)
	to := netmail.Address{Address: m.To}
	msg.ToMailAddress(&to)
	msg.Subject(encodeSubject(m.Subject))
	msg.SetMessageIDWithValue(fileSafe(m.ID) + "@" + domain(from.Address))
	msg.SetDateWithValue(now.UTC())
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834, section 5
	msg.SetGenHeader(mail.HeaderXAutoResponseSuppress, "All")
	if m.Lang != "" {
		msg.SetGenHeader(mail.HeaderContentLang, m.Lang)
	}
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, m.HTML) // the preferred part comes last (RFC 2046, section 5.1.4)
	}
	var content bytes.Buffer
	if _, err := msg.WriteTo(&content); err != nil {
		return nil, config.Permanent(fmt.Errorf("mailer: the mail cannot be composed: %w", err))
	}
	sender := netmail.Address{Address: from.Address}
	return &message{from: sender.String(), to: to.String(), content: content.Bytes()}, nil
}

// validate returns the sender, or a permanent error for a message that must not be sent. No error contains
// a part of the message.
func validate(m config.Message) (*netmail.Address, error) {
	for _, field := range []struct{ name, value string }{
		{"From", m.From}, {"To", m.To}, {"Subject", m.Subject}, {"ID", m.ID}, {"Kind", m.Kind}, {"Lang", m.Lang},
	} {
		if !isLine(field.value) { // T092, ASVS 1.3.11
			return nil, config.Permanent(fmt.Errorf("mailer: Message.%s contains control characters or is not UTF-8", field.name))
		}
	}
	if m.ID == "" {
		return nil, config.Permanent(errors.New("mailer: Message.ID is missing"))
	}
	from, err := netmail.ParseAddress(m.From)
	if err != nil || !isLine(from.Name+from.Address) { // an encoded word can contain control characters
		return nil, config.Permanent(errors.New(`mailer: Message.From must be a sender like "Acme <no-reply@acme.example>"`))
	}
	at := strings.LastIndexByte(from.Address, '@') + 1
	if name, err := idna.Lookup.ToASCII(from.Address[at:]); err == nil {
		from.Address = from.Address[:at] + name
	}
	if to, err := netmail.ParseAddress(m.To); err != nil || to.Address != m.To {
		return nil, config.Permanent(errors.New("mailer: Message.To must be a bare address"))
	}
	return from, nil
}

// isLine reports whether s is valid UTF-8 without control characters and line breaks.
func isLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

func domain(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// fileSafe returns name in a form that is safe in file names and Message-IDs: every byte that is not an ASCII letter, digit,
// hyphen or underscore becomes =XX. Different names stay different, and none becomes "..".
func fileSafe(name string) string {
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

// maxWord is the longest word that a header can contain without encoding. Lines are limited to 998 characters
// (RFC 5322, section 2.1.1).
const maxWord = 500

// encodeSubject encodes ASCII subjects that go-mail would send unchanged and that would not arrive unchanged: "=?", which
// the recipient's program would decode, possibly to line breaks (T092), words too long for a line, and repeated
// spaces, where a line can be broken.
func encodeSubject(s string) string {
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
