package mailer_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/mailer"
)

var long = strings.Repeat("0123456789", 120)

// parsed is a mail as the recipient's program sees it.
type parsed struct {
	header     mail.Header
	text, html string
	parts      []string // media types
}

func parse(t *testing.T, content string) parsed {
	t.Helper()
	checkLines(t, content)
	m, err := mail.ReadMessage(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	p := parsed{header: m.Header}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if kind == "text/plain" {
		p.parts, p.text = []string{kind}, decode(t, m.Body, m.Header.Get("Content-Transfer-Encoding"), params)
		return p
	}
	if kind != "multipart/alternative" {
		t.Fatalf("the content is %s", kind)
	}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return p
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		p.parts = append(p.parts, kind)
		body := decode(t, part, part.Header.Get("Content-Transfer-Encoding"), params)
		if kind == "text/html" {
			p.html = body
		} else {
			p.text = body
		}
	}
}

func checkLines(t *testing.T, content string) {
	t.Helper()
	for line := range strings.SplitSeq(content, "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("not a line of a mail: %.100q", line)
		}
	}
}

func decode(t *testing.T, r io.Reader, encoding string, params map[string]string) string {
	t.Helper()
	if encoding != "quoted-printable" || !strings.EqualFold(params["charset"], "utf-8") {
		t.Errorf("a part is %s in %s", encoding, params["charset"])
	}
	body, err := io.ReadAll(quotedprintable.NewReader(r))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(body), "\r\n", "\n")
}

// same compares a mail with the message it was made from.
func same(t *testing.T, p parsed, m config.Message) {
	t.Helper()
	words := new(mime.WordDecoder)
	if subject, err := words.DecodeHeader(p.header.Get("Subject")); err != nil || subject != m.Subject {
		t.Errorf("the subject is %q (%v), want %q", subject, err, m.Subject)
	}
	from, err := mail.ParseAddress(m.From)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"From": from.String(), "To": "<" + m.To + ">"} {
		if got, err := p.header.AddressList(name); err != nil || len(got) != 1 || got[0].String() != want {
			t.Errorf("%s is %v (%v), want %s", name, got, err, want)
		}
	}
	for name, want := range map[string]string{
		"Message-ID": "<" + m.ID + "@" + from.Address[strings.LastIndexByte(from.Address, '@')+1:] + ">", "Content-Language": m.Lang,
		"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "MIME-Version": "1.0",
	} {
		if got := p.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if date, err := p.header.Date(); err != nil || time.Since(date).Abs() > time.Minute {
		t.Errorf("the date is %v (%v)", date, err)
	}
	want := []string{"text/plain", "text/html"}
	if m.HTML == "" {
		want = want[:1]
	}
	if p.text != m.Text || p.html != m.HTML || !slices.Equal(p.parts, want) {
		t.Errorf("the parts are %s\nthe text is %q\nthe HTML is %q", p.parts, p.text, p.html)
	}
	const known = "Auto-Submitted Content-Language Content-Transfer-Encoding Content-Type Date From Message-Id Mime-Version Subject To X-Auto-Response-Suppress"
	for name, values := range p.header {
		if len(values) != 1 || !strings.Contains(" "+known+" ", " "+name+" ") {
			t.Errorf("there is a header %s: %q", name, values)
		}
	}
}

// written sends a message with Dir and returns the file.
func written(t *testing.T, m config.Message) string {
	t.Helper()
	dir := t.TempDir()
	if err := send(t, mailer.Dir(dir), m); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("there are %v (%v)", files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestCompose(t *testing.T) {
	t.Parallel()
	const word = "=?utf-8?q?=0D=0ABcc:_x@example.com?="
	for name, change := range map[string]func(*config.Message){
		"plain":               func(*config.Message) {},
		"no HTML":             func(m *config.Message) { m.HTML = "" },
		"bare sender":         func(m *config.Message) { m.From = "no-reply@acme.example" },
		"quoted sender":       func(m *config.Message) { m.From = `"Acme, \"Inc.\" <x>" <no-reply@acme.example>` },
		"long sender":         func(m *config.Message) { m.From = strings.Repeat("Ä b ", 60) + "<no-reply@acme.example>" },
		"encoded word":        func(m *config.Message) { m.Subject = "Hi " + word },
		"encoded word, mixed": func(m *config.Message) { m.Subject = "Hü " + word },
		"long word":           func(m *config.Message) { m.Subject = "to " + long },
		"long subject":        func(m *config.Message) { m.Subject = strings.Repeat("ab cde ", 300) + "x" },
		"spaces":              func(m *config.Message) { m.Subject = "a  b" + strings.Repeat("   c", 60) },
		"empty":               func(m *config.Message) { m.Subject, m.Text, m.HTML = "", "", "" },
		"headers in the text": func(m *config.Message) { m.Text = "\n\nBcc: x@example.com\n\n--\n.\nQUIT\n"; m.HTML = m.Text },
		"white space at ends": func(m *config.Message) { m.Text = " a \t\nb\t\n" },
		"NUL in the text":     func(m *config.Message) { m.Text = "a\x00b\x1b[1m" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := message()
			change(&m)
			same(t, parse(t, written(t, m)), m)
		})
	}
}

// TestMessageID: it is the same for every attempt, and any program can parse it.
func TestMessageID(t *testing.T) {
	t.Parallel()
	m := message()
	first, second := parse(t, written(t, m)).header.Get("Message-ID"), parse(t, written(t, m)).header.Get("Message-ID")
	if first == "" || first != second {
		t.Errorf("the ids are %s and %s", first, second)
	}
	m.From, m.ID = "no-reply@bücher.example", "../a b>"
	if got := parse(t, written(t, m)).header.Get("Message-ID"); got != "<=2E=2E=2Fa=20b=3E@xn--bcher-kva.example>" {
		t.Errorf("the id is %s", got)
	}
}

// TestInjection has control characters in each field that a header, an SMTP command or a
// file name is made of (T092).
func TestInjection(t *testing.T) {
	t.Parallel()
	f := &fake{answers: map[string]string{}}
	dir := t.TempDir()
	var log bytes.Buffer
	smtp := f.start(t)
	senders := map[string]config.Mailer{"SMTP": smtp, "Dir": mailer.Dir(dir), "InsecureLog": mailer.InsecureLog(&log)}
	fields := map[string]func(*config.Message) *string{
		"From": func(m *config.Message) *string { return &m.From }, "To": func(m *config.Message) *string { return &m.To },
		"Subject": func(m *config.Message) *string { return &m.Subject }, "ID": func(m *config.Message) *string { return &m.ID },
		"Kind": func(m *config.Message) *string { return &m.Kind }, "Lang": func(m *config.Message) *string { return &m.Lang },
	}
	const bcc = "Bcc: x@example.com"
	for name, sender := range senders {
		for field, of := range fields {
			for _, bad := range []string{"\r\n" + bcc, "\n" + bcc, "\r" + bcc, "\x00", "\x1b[2J", "\x7f", "\u0085" + bcc, "\u2028" + bcc, "\xff"} {
				m := message()
				m.From = "no-reply@acme.example"
				good := *of(&m)
				for _, *of(&m) = range []string{good + bad, bad + good, bad} {
					err := send(t, sender, m)
					if !config.IsPermanent(err) || !strings.Contains(err.Error(), field) || strings.Contains(err.Error(), "Bcc") {
						t.Errorf("%s: %s %q: %v", name, field, *of(&m), err)
					}
				}
			}
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) > 0 || log.Len() > 0 {
		t.Errorf("something was written: %v (%v), %q", files, err, log.String())
	}
	if err := send(t, smtp, message()); err != nil { // the one connection that the fake takes
		t.Fatal(err)
	}
	if heard := f.heard(t); strings.Contains(heard, "Bcc") || strings.Count(heard, "EHLO") != 1 {
		t.Errorf("the server heard %q", heard)
	}
}

// TestInvalidMessages: they are rejected, and the error does not repeat what is in them.
func TestInvalidMessages(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*config.Message){
		"no ID":                      func(m *config.Message) { m.ID = "" },
		"no receiver":                func(m *config.Message) { m.To = "" },
		"two receivers":              func(m *config.Message) { m.To = "max@example.com, bad@example.com" },
		"receiver with a name":       func(m *config.Message) { m.To = "Max <max@example.com>" },
		"receiver in brackets":       func(m *config.Message) { m.To = "<max@example.com>" },
		"receiver with a parameter":  func(m *config.Message) { m.To = "max@example.com> NOTIFY=NEVER" },
		"receiver with a comment":    func(m *config.Message) { m.To = "max@example.com (bad)" },
		"receiver is quoted":         func(m *config.Message) { m.To = `"max> bad"@example.com` },
		"no sender":                  func(m *config.Message) { m.From = "" },
		"sender without address":     func(m *config.Message) { m.From = "Acme" },
		"two senders":                func(m *config.Message) { m.From = "a@acme.example, b@acme.example" },
		"sender hides a line break":  func(m *config.Message) { m.From = "=?utf-8?q?=0D=0ABcc:_bad?= <no-reply@acme.example>" },
		"sender hides it in base 64": func(m *config.Message) { m.From = "=?utf-8?b?DQpCY2M6?= <no-reply@acme.example>" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := message()
			change(&m)
			err := send(t, mailer.Dir(t.TempDir()), m)
			if !config.IsPermanent(err) || strings.Contains(err.Error(), "bad") || strings.Contains(err.Error(), "max") {
				t.Errorf("the error is %v", err)
			}
		})
	}
}
