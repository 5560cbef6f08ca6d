package mailtext

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestHostileWords checks that values from outside become plain text on one line, with a maximum length (T092).
func TestHostileWords(t *testing.T) {
	t.Parallel()
	r := open(t)
	for _, word := range []string{
		"<script>alert(1)</script>", "\r\nBcc: x@y.z\r\n\r\nbody", "a\u2028b\u2029c\u0085d\x00e\x7f", `"><a href="https://evil.example">`,
		"{{.Link}}", "\u202eevil\u2066", "\xff\xfe", "' onload='x", "</title><style>*{}</style>", strings.Repeat("long ", 10000), strings.Repeat("x", 10000),
		"-->\n\n--\nSigned: me", "",
	} {
		for _, kind := range Kinds() {
			d := sample(kind, "en")
			d.Device, d.IP = "x", "x"
			harmless := parsePage(t, render(t, r, d).HTML)
			d.Site, d.Device, d.IP, d.Username = word, word, word, word
			if d.Reason != "" && word != "" {
				d.Reason = word
			}
			if d.Code != "" {
				d.Code = word
			}
			m := render(t, r, d)
			if strings.ContainsAny(m.Subject, "\r\n\x00\x7f\u2028\u2029\u0085\u202e\u2066") || utf8.RuneCountInString(m.Subject) > maxSubject || !utf8.ValidString(m.Subject) {
				t.Errorf("%s %.40q: subject %q", kind, word, m.Subject)
			}
			if len(m.Text) > 4000 || len(m.HTML) > 16000 || !utf8.ValidString(m.Text) || !utf8.ValidString(m.HTML) {
				t.Errorf("%s %.40q: %d and %d bytes", kind, word, len(m.Text), len(m.HTML))
			}
			for line := range strings.Lines(m.Text) {
				if strings.HasPrefix(line, "Bcc:") || strings.HasPrefix(line, "Signed:") || strings.ContainsAny(line, "\r\x00") {
					t.Errorf("%s: line %q", kind, line)
				}
			}
			if p := parsePage(t, m.HTML); word != "" && strings.Join(p.tags, " ") != strings.Join(harmless.tags, " ") {
				t.Errorf("%s %.40q: elements %q", kind, word, p.tags)
			}
		}
	}
}

// TestEscapedOnce checks that characters with a meaning in HTML are escaped exactly once.
func TestEscapedOnce(t *testing.T) {
	t.Parallel()
	r := open(t)
	d := sample("new_device", "fr")
	d.Site, d.Device = `Müller & Söhne <"Ä">`, "Müller's + <Phone>"
	m := render(t, r, d)
	p := parsePage(t, m.HTML)
	for _, want := range []string{d.Site, d.Device} {
		if !strings.Contains(p.text, want) || !strings.Contains(m.Text, want) {
			t.Errorf("%q is missing in %s and %s", want, p.text, m.Text)
		}
	}
	if m.Subject != "["+d.Site+"] Nouvelle connexion à votre compte" {
		t.Errorf("subject %q", m.Subject)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	r := open(t)
	d := sample("reset", "en")
	for _, link := range []string{
		"javascript:alert(1)", "data:text/html,x", "//evil.example", "/reset", "https://a.example/ x", "https://a.example/\r\nBcc: x@y.z", "https://a.example/\u2028", "mailto:x@y.z",
	} {
		d.Link = link
		if m, err := r.Render(d); err == nil {
			t.Errorf("%q: %s", link, m.Text)
		}
	}
	for _, link := range []string{
		"http://localhost:3000/reset/#/a", "https://a.example/?a=b&c=%20d+e&amp;f=~_-.", "https://a.example/" + strings.Repeat("x", 500), "https://bücher.example/ü",
	} {
		d.Link = link
		m := render(t, r, d)
		p := parsePage(t, m.HTML)
		if !strings.Contains(m.Text, "\n"+link+"\n") || !strings.Contains(p.text, link) {
			t.Errorf("%q is not there unchanged: %s", link, m.Text)
		}
	}
}

func TestOneLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", " a \t\r\n b\u00a0c ": "a b c", "\x00": "", "a\u202eb": "a b", "می\u200cخواهم": "می\u200cخواهم", "👩\u200d💻": "👩\u200d💻",
		"12345678901": "123456789…", "äöüäöüäöüä": "äöüäöüäöüä", "\xff": "\uFFFD", "12345678 01": "12345678…",
	} {
		if got := oneLine(in, 10); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	x := strings.Repeat("x", 77)
	link := "https://" + strings.Repeat("a", 90)
	for in, want := range map[string]string{
		"\n\n a\n\n\n\nb  \n\n":        " a\n\nb\n",
		"":                             "\n",
		x + "x":                        x + "x\n",
		x + "x x":                      x + "x\nx\n",
		x + " x y":                     x + "\nx y\n",
		x + "xx":                       x + "xx\n",
		"see " + link + " now":         "see\n" + link + "\nnow\n",
		"    " + link:                  "    " + link + "\n",
		strings.Repeat("字", 40):        strings.Repeat("字", 39) + "\n字\n",
		strings.Repeat("字", 39) + "。":  strings.Repeat("字", 38) + "\n字。\n",
		link + strings.Repeat("字", 40): link + strings.Repeat("字", 40) + "\n", // may belong to the link
		strings.Repeat("가", 50):        strings.Repeat("가", 50) + "\n",        // Korean breaks at spaces
	} {
		if got := plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
