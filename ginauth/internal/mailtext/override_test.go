package mailtext

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/locale"
)

// openWith opens the catalogs and the templates over the same files, as the library does.
func openWith(files map[string]string) (*Renderer, error) {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	c, err := locale.Open(fsys, "en", locale.Added{})
	if err != nil {
		return nil, err
	}
	return Open(fsys, c, Added{})
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, file, text string
		lang             string
		want             string // in subject, text or HTML
		not              string // in other languages
	}{
		{"the text of a mail", "mail/verify.txt", `{{define "title"}}Hello{{end}}{{define "body"}}Open {{.Link}} and type {{.Code}}{{end}}`, "de", "[Acme] Hello", ""},
		{"the HTML of a mail", "mail/verify.html", "{{define \"title\"}}Hello{{end}}\r\n{{define \"intro\"}}{{end}}{{define \"body\"}}<b>{{.Code}}</b> {{.Link}}{{end}}", "de", "<b>K7QM-4XRD</b>", ""},
		{"one language", "mail/verify.de.txt", `{{define "title"}}Moin{{end}}{{define "body"}}{{.Link}}{{end}}`, "de", "[Acme] Moin", "Moin"},
		{"the layout", "mail/layout.html", `<html lang="{{.Lang}}"><p>Our own {{.Link}}{{template "intro" .}}{{template "outro" .}}{{define "small"}}{{.}}{{end}}{{define "lead"}}{{end}}{{define "text"}}{{end}}{{block "outro" .}}{{end}}{{define "notice"}}{{end}}{{define "event"}}{{end}}{{define "code"}}{{end}}{{define "link"}}{{end}}{{define "end"}}{{end}}`, "de", "<p>Our own", ""},
		{"a message", "locales/de.json", `{"mail.verify.intro": "Nur noch ein Klick."}`, "de", "Nur noch ein Klick.", "Klick"},
		{"a new language", "locales/it.json", `{"mail.verify.title": "Conferma il tuo indirizzo"}`, "it", "[Acme] Conferma il tuo indirizzo", "Conferma"},
		{"a new language from right to left", "locales/ar.json", `{"mail.verify.title": "أكد عنوانك"}`, "ar", `<html lang="ar" dir="rtl">`, "rtl"},
	} {
		r, err := openWith(map[string]string{tc.file: tc.text})
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		m := render(t, r, sample("verify", tc.lang))
		if all := m.Subject + "\n" + m.Text + m.HTML; !strings.Contains(all, tc.want) {
			t.Errorf("%s: no %q in %s", tc.name, tc.want, all)
		}
		m = render(t, r, sample("verify", "en"))
		if all := m.Subject + "\n" + m.Text + m.HTML; tc.not != "" && strings.Contains(all, tc.not) {
			t.Errorf("%s: %q is also in English", tc.name, tc.not)
		}
		render(t, r, sample("new_device", tc.lang))
	}
}

// TestOwnMessages checks that the application's templates can use its own messages.
func TestOwnMessages(t *testing.T) {
	t.Parallel()
	r, err := openWith(map[string]string{
		"locales/en.json": `{"app.hello": "Hello from {{.Name}}"}`,
		"locales/de.json": `{"app.hello": "Gruß von {{.Name}}"}`,
		"mail/reset.txt":  `{{define "title"}}{{t "app.hello" "Name" .Site}}{{end}}{{define "body"}}{{.Link}}{{end}}`,
		"mail/notes.md":   "left alone",
		"mail/old/x.html": "left alone",
	})
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{"en": "[Acme] Hello from Acme", "de": "[Acme] Gruß von Acme", "fr": "[Acme] Hello from Acme"} {
		if m := render(t, r, sample("reset", lang)); m.Subject != want {
			t.Errorf("%s: %q", lang, m.Subject)
		}
	}
}

// TestWholeFile checks that a file with more than blocks is the complete part, and that blocks missing in a file come from
// the library.
func TestWholeFile(t *testing.T) {
	t.Parallel()
	r, err := openWith(map[string]string{
		"mail/verify.txt": "Open {{.Link}}", "mail/verify.html": "<p>Open <a href=\"{{.Link}}\">this</a>", "mail/reset.txt": `{{define "intro"}}Ours{{end}}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]Mail{
		"verify": {Subject: "[Acme] Confirm your e-mail address", Text: "Open https://a.example/x\n", HTML: `<p>Open <a href="https://a.example/x">this</a>`},
		"reset":  {Subject: "[Acme] Choose a new password"},
	} {
		got, err := r.Render(Data{Kind: kind, Lang: "en", Site: "Acme", Link: "https://a.example/x"})
		if kind == "reset" && strings.Contains(got.Text, "Ours") {
			got.Text, got.HTML = "", ""
		}
		if err != nil || got != want {
			t.Errorf("%s: %q, %v", kind, got, err)
		}
	}
}

// TestMissing checks that an application's mail without a protective field is found, whether a template, the layout or a
// message is the cause.
func TestMissing(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		files map[string]string
		want  string
	}{
		{nil, "[]"},
		{map[string]string{"mail/verify.html": `{{define "title"}}Hello{{end}}`, "locales/de.json": `{"mail.verify.title": "Moin"}`}, "[]"},
		{map[string]string{"mail/verify.txt": "Open {{.Link}}"}, "[{Opened [mail/verify.txt]}]"},
		{map[string]string{"mail/reset.ja.html": `<a href="{{.Link}}">x</a>`}, "[{Opened [mail/reset.ja.html]}]"},
		{map[string]string{"mail/new_device.txt": "{{.Link}} {{.IP}} {{datetime .When}}"}, "[{Device [mail/new_device.txt]}]"},
		{map[string]string{"mail/email_added.txt": "{{.Link}}", "mail/account_deleted.html": "<p>{{.IP}}"},
			"[{When [mail/account_deleted.html mail/email_added.txt]} {IP [mail/email_added.txt]} {Device [mail/account_deleted.html mail/email_added.txt]}]"},
		{map[string]string{"mail/layout.txt": "{{define \"subject\"}}x{{end}}{{.Link}} {{.Device}} {{.IP}} {{datetime .When}}"},
			"[{Opened [mail/login_code.txt mail/reset.txt mail/verify.txt]}]"},
		{map[string]string{"locales/fr.json": `{"mail.opened": "Il s’agit de votre compte."}`},
			"[{Opened [mail/login_code.html mail/login_code.txt mail/reset.html mail/reset.txt mail/verify.html mail/verify.txt]}]"},
	} {
		r, err := openWith(tc.files)
		if err != nil {
			t.Errorf("%v: %v", tc.files, err)
			continue
		}
		if gaps, err := r.Missing(); err != nil || fmt.Sprint(gaps) != tc.want {
			t.Errorf("%v: %v, %v, want %s", tc.files, gaps, err, tc.want)
		}
	}
}

// TestReadmeNamesTheData checks that the README lists every field that a template can show.
func TestReadmeNamesTheData(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../mailer/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| Data of a mail |")
	table, _, _ = strings.Cut(table, "\n\n")
	var want, got []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Data]()) {
		want = append(want, "`."+field.Name+"`")
	}
	for line := range strings.Lines(table) {
		if _, names, found := strings.Cut(line, "| `."); found {
			names, _, _ = strings.Cut(names, " |")
			got = append(got, strings.Split("`."+names, ", ")...)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the README has %q, want %q", got, want)
	}
}

// TestReadmeTemplates checks that the template and the language in the README work, and show every protective field.
func TestReadmeTemplates(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../mailer/README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := func(pattern string) string {
		found := regexp.MustCompile("(?s)```[a-z]*\n(" + pattern + ".*?)```").FindStringSubmatch(string(text))
		if found == nil {
			t.Fatalf("the README has no block that begins with %s", pattern)
		}
		return found[1]
	}
	r, err := openWith(map[string]string{
		"mail/verify.html": block(`{{define "title"`), "mail/verify.txt": block(`{{define "title"[^\n]*\n{{define "subject"`), "locales/it.json": block(`{\n  "mail\.`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if gaps, err := r.Missing(); err != nil || len(gaps) > 0 {
		t.Errorf("%v, %v", gaps, err)
	}
	m := render(t, r, sample("verify", "it"))
	if m.Subject != "Please confirm your address" || !strings.Contains(m.HTML, "Confirm my address") || !strings.Contains(m.Text, "Conferma:") {
		t.Errorf("%s\n%s\n%s", m.Subject, m.Text, m.HTML)
	}
}

// TestUsername checks that the application's templates can show the user's name, on one line.
func TestUsername(t *testing.T) {
	t.Parallel()
	r, err := openWith(map[string]string{
		"mail/reset.txt":  `{{define "intro"}}Dear {{.Username}}.{{end}}`,
		"mail/reset.html": `{{define "intro"}}{{with .Username}}Dear {{.}}.{{else}}Hello.{{end}}{{end}}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	d := sample("reset", "en")
	d.Username = "<b>\nann\u2028b"
	if m := render(t, r, d); !strings.Contains(m.Text, "Dear <b> ann b.") || !strings.Contains(m.HTML, "Dear &lt;b&gt; ann b.") {
		t.Errorf("%s%s", m.Text, m.HTML)
	}
	d.Username = ""
	if m := render(t, r, d); !strings.Contains(m.HTML, "Hello.") {
		t.Error(m.HTML)
	}
}

func TestBrokenOverrides(t *testing.T) {
	t.Parallel()
	const title = `{{define "title"}}x{{end}}`
	for _, tc := range []struct{ file, text, want string }{
		{"mail/verify.txt", `{{define "title"}}`, "unexpected EOF"},
		{"mail/verify.txt", title + `{{define "body"}}{{.Lnk}}{{end}}`, "Lnk"},
		{"mail/verify.txt", title + `{{define "body"}}{{translate "x"}}{{end}}`, "translate"},
		{"mail/verify.txt", title + `{{define "body"}}{{t "mail.nothing"}}{{end}}`, "mail.nothing"},
		{"mail/verify.txt", title + `{{define "body"}}{{t "mail.footer"}}{{end}}`, "mail.footer"},
		{"mail/verify.txt", title + `{{define "body"}}{{t "mail.footer" "Site"}}{{end}}`, "pairs"},
		{"mail/verify.txt", title + `{{define "body"}}{{.Link}}{{if not .Link}}{{.Oops}}{{end}}{{end}}`, "Oops"},
		{"mail/verify.html", title + `{{define "intro"}}x{{end}}{{define "body"}}<a href="{{.Link}}{{end}}`, "mail/verify.html"},
		{"mail/verify.html", title + `{{define "intro"}}x{{end}}{{define "body"}}{{template "nowhere"}}{{end}}`, "nowhere"},
		{"mail/login_code.ja.html", title + `{{define "intro"}}{{end}}{{define "body"}}{{.Oops}}{{end}}`, "Oops"},
		{"mail/new_device.pt.txt", `{{`, "unclosed action"},
		{"mail/layout.txt", `{{define "subject"}}{{.Site}}{{end}}{{.Oops}}`, "Oops"},
		{"mail/layout.html", `<p>{{template "titel" .}}`, "titel"},
		{"mail/verify.txt", "hello", "no {{.Link}}"},
		{"mail/verify.html", "<!-- mine -->{{define \"title\"}}x{{end}}", "no {{.Link}}"},
		{"mail/layout.html", "<p>hello</p>", "no {{.Link}}"},
		{"mail/reset.txt", `{{define "titel"}}x{{end}}`, `nothing uses the block "titel"`},
		{"mail/welcome.html", "x", "no mail or no language"},
		{"mail/verify.xx.html", "x", "no mail or no language"},
		{"mail/layout.de.html", "x", "no mail or no language"},
	} {
		_, err := openWith(map[string]string{tc.file: tc.text})
		file := strings.Replace(tc.file, "layout", "verify", 1) // the first mail that uses it
		if err == nil || !strings.Contains(err.Error(), tc.file) && !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s %s: %v", tc.file, tc.text, err)
		}
	}
}

// TestHiddenMistake checks that mistakes are found in a file that the default language does not use, and in a message that
// only some languages have.
func TestHiddenMistake(t *testing.T) {
	t.Parallel()
	const good = `{{define "title"}}x{{end}}{{define "body"}}{{.Link}}{{end}}`
	for name, files := range map[string]map[string]string{
		"mail/verify.txt": {"mail/verify.en.txt": good, "mail/verify.txt": `{{define "title"}}{{.Oops}}{{end}}`},
		"mail/reset.txt": {
			"locales/de.json": `{"app.german": "Nur hier"}`, "mail/reset.en.txt": good,
			"mail/reset.txt": `{{define "title"}}{{t "app.german"}}{{end}}{{define "body"}}{{end}}`,
		},
	} {
		if _, err := openWith(files); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
