package mailtext

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/locale"
)

var update = flag.Bool("update", false, "write the golden files")

func open(t testing.TB) *Renderer {
	t.Helper()
	c, err := locale.Open(nil, "en", locale.Added{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(nil, c, Added{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sample returns the data of a typical mail.
func sample(kind, lang string) Data {
	d := Data{Kind: kind, Lang: lang, Site: "Acme", Code: "K7QM-4XRD", CodeLifetime: 10 * time.Minute}
	const secret = "rP3mW9s0QvY5tKc1xZ8LhN2aGfJ7eBdU4oViTqRw6Xk"
	switch kind {
	case "verify":
		d.Link, d.LinkLifetime = "https://app.acme.example/verify/"+secret, 24*time.Hour
		d.Opened = time.Date(2026, 3, 1, 11, 58, 0, 0, time.UTC)
	case "account_exists", "reset", "secured":
		d.Link, d.LinkLifetime = "https://app.acme.example/reset?uid=k3v9&token="+secret, 30*time.Minute
	case "login_code":
		d.Link, d.LinkLifetime = "https://app.acme.example/login/"+secret, 10*time.Minute
	default:
		d.Link, d.LinkLifetime = "https://app.acme.example/security/"+secret, 7*24*time.Hour
		d.Code, d.CodeLifetime = "", 0
		d.When, d.IP, d.Device = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), "203.0.113.24", "Firefox on Windows"
	}
	if kind == "account_banned" {
		d.Link, d.LinkLifetime, d.When, d.IP, d.Device = "", 0, time.Time{}, "", ""
		d.BannedUntil, d.Reason = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC), "You sent advertisements."
	}
	if kind == "account_deleted" {
		d.Link, d.LinkLifetime = "", 14*24*time.Hour
	}
	return d
}

func render(t testing.TB, r *Renderer, d Data) Mail {
	t.Helper()
	m, err := r.Render(d)
	if err != nil {
		t.Fatalf("%s in %s: %v", d.Kind, d.Lang, err)
	}
	return m
}

func TestGolden(t *testing.T) {
	t.Parallel()
	r := open(t)
	for _, lang := range []string{"en", "de"} {
		for _, kind := range Kinds() {
			m := render(t, r, sample(kind, lang))
			golden(t, kind+"."+lang+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
			golden(t, kind+"."+lang+".html", m.HTML)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update and look at the difference. It is now:\n%s", name, got)
	}
}

// page is the HTML as a mail program shows it.
type page struct {
	text  string // the visible text
	links []string
	tags  []string
}

func parsePage(t *testing.T, source string) page {
	t.Helper()
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	var p page
	for n := range root.Descendants() {
		switch {
		case n.Type == html.TextNode && n.Parent.Data != "style":
			p.text += n.Data
		case n.Type == html.ElementNode:
			p.tags = append(p.tags, n.Data)
			for _, a := range n.Attr {
				if a.Key == "href" {
					p.links = append(p.links, a.Val)
				}
			}
		}
	}
	return p
}

// TestEveryMail renders every mail in every language, with all fields and with few.
func TestEveryMail(t *testing.T) {
	t.Parallel()
	r := open(t)
	for _, lang := range r.catalogs.Languages() {
		for _, kind := range Kinds() {
			d := sample(kind, lang)
			checkMail(t, r, d)
			d.LinkLifetime, d.CodeLifetime, d.When, d.IP, d.Device = 0, 0, time.Time{}, "", ""
			checkMail(t, r, d)
			d.Link = ""
			checkMail(t, r, d)
			d.Code = ""
			checkMail(t, r, d)
		}
	}
}

var messageID = regexp.MustCompile(`\b(mail|unit|error|done)\.[a-z_]+`)

func checkMail(t *testing.T, r *Renderer, d Data) {
	t.Helper()
	m := render(t, r, d)
	p := parsePage(t, m.HTML)
	name := fmt.Sprintf("%s in %s", d.Kind, d.Lang)
	if !strings.HasPrefix(m.Subject, "[Acme] ") || strings.ContainsAny(m.Subject, "\r\n") {
		t.Errorf("%s: subject %q", name, m.Subject)
	}
	title := strings.TrimPrefix(m.Subject, "[Acme] ")
	for part, text := range map[string]string{"text": m.Text, "html": p.text} {
		for _, want := range []string{title, d.Link, d.Code, d.IP, d.Device, d.Reason, "Acme"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %s does not contain %q:\n%s", name, part, want, text)
			}
		}
		for _, bad := range []string{"<no value>", "{{", "}}", "%!", "&amp;", "&lt;", "&#", "ZgotmplZ"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: %s has %q:\n%s", name, part, bad, text)
			}
		}
		if id := messageID.FindString(text); id != "" {
			t.Errorf("%s: %s has %q", name, part, id)
		}
	}
	checkPage(t, name, d, p)
	if strings.Contains(m.HTML, "url(") || !strings.Contains(m.HTML, `<html lang="`+d.Lang+`" dir="ltr">`) {
		t.Errorf("%s: %s", name, m.HTML)
	}
	checkLines(t, name, m.Text)
}

// checkPage finds links that lead elsewhere, and anything that would make a request to another server.
func checkPage(t *testing.T, name string, d Data, p page) {
	t.Helper()
	for _, link := range p.links {
		if link != d.Link {
			t.Errorf("%s: a link leads to %q", name, link)
		}
	}
	if d.Link != "" && len(p.links) != 2 {
		t.Errorf("%s: %d links", name, len(p.links))
	}
	for _, tag := range p.tags {
		if slices.Contains([]string{"img", "link", "script", "iframe", "form", "object", "video"}, tag) {
			t.Errorf("%s: element %s", name, tag)
		}
	}
}

func checkLines(t *testing.T, name, text string) {
	t.Helper()
	if !strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\n\n") || strings.Contains(text, "\n\n\n") || strings.ContainsAny(text, "\r\t") {
		t.Errorf("%s: lines of %q", name, text)
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSuffix(line, "\n"); strings.HasSuffix(line, " ") || width(line) > columns && !strings.Contains(line, "https://") {
			t.Errorf("%s: line of %d columns %q", name, width(line), line)
		}
	}
}

func width(line string) int {
	n := 0
	for _, r := range line {
		n++
		if wide(r) {
			n++
		}
	}
	return n
}

func TestAccountDeleted(t *testing.T) {
	t.Parallel()
	r := open(t)
	d := Data{Kind: "account_deleted", Lang: "en", Site: "Acme"}
	if m := render(t, r, d); m.Subject != "[Acme] Your account was deleted" || strings.Contains(m.Text+m.HTML, "keep") {
		t.Errorf("deleted: %s", m.Text)
	}
	d.LinkLifetime = 14 * 24 * time.Hour
	m := render(t, r, d)
	if m.Subject != "[Acme] Your account will be deleted" || !strings.Contains(m.Text, "14 days") || !strings.Contains(m.HTML, "14 days") {
		t.Errorf("scheduled: %s", m.Text)
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	c := open(t).catalogs
	for d, want := range map[time.Duration]string{
		30 * time.Second: "1 minute", time.Minute: "1 minute", 90 * time.Second: "1 minute", 30 * time.Minute: "30 minutes",
		time.Hour: "1 hour", 90 * time.Minute: "90 minutes", 24 * time.Hour: "24 hours", 36 * time.Hour: "36 hours",
		48 * time.Hour: "2 days", 7 * 24 * time.Hour: "7 days", 49 * time.Hour: "49 hours",
	} {
		if got := duration(c, "en", d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
	if got := duration(c, "de", 24*time.Hour); got != "24 Stunden" {
		t.Errorf("in German: %q", got)
	}
}

func TestUnknown(t *testing.T) {
	t.Parallel()
	r := open(t)
	if _, err := r.Render(Data{Kind: "spam", Lang: "en", Site: "Acme"}); err == nil {
		t.Error("unknown kind")
	}
	for lang, want := range map[string]string{"de-AT": `lang="de"`, "xx": `lang="en"`, "": `lang="en"`, "\"><script>": `lang="en"`} {
		if m := render(t, r, sample("verify", lang)); !strings.Contains(m.HTML, want) {
			t.Errorf("%q: not %s", lang, want)
		}
	}
}

func TestConcurrently(t *testing.T) {
	t.Parallel()
	r := open(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, kind := range Kinds() {
				for _, lang := range r.catalogs.Languages() {
					if m, err := r.Render(sample(kind, lang)); err != nil || !strings.Contains(m.HTML, `lang="`+lang+`"`) {
						t.Errorf("%s in %s: %v", kind, lang, err)
					}
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkRender(b *testing.B) {
	r, d := open(b), sample("verify", "de")
	b.ReportAllocs()
	for b.Loop() {
		render(b, r, d)
	}
}

func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		open(b)
	}
}
