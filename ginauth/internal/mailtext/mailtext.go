// Package mailtext renders the mails: subject, text and HTML, from templates that the application can replace one by one. It
// sends nothing and knows nothing about accounts.
package mailtext

import (
	"errors"
	"fmt"
	"html"
	htmltemplate "html/template"
	"io/fs"
	"strings"
	"sync"
	texttemplate "text/template"
	"time"
	"unicode"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/locale"
)

// Data is the data of a template. Only Username is typed by a user. The README lists the fields for applications.
type Data struct {
	Kind string // one of Kinds
	Lang string
	// Username is the user's name. It is "" if a stranger may have chosen it, because the user has not confirmed the address
	// that the mail goes to (T093). The embedded templates do not show it.
	Username string
	Site     string // the name of the application
	Link     string // where the button leads, http or https; "" for none
	Code     string // "ABCD-EFGH"; "" for none
	// LinkLifetime and CodeLifetime are how long the link and the code are valid; with 0, the mail does not mention it. In
	// account_deleted, LinkLifetime is how long a login can still keep the account.
	LinkLifetime, CodeLifetime time.Duration
	When                       time.Time // of the event, in notices
	IP, Device                 string    // in notices; words chosen by the library, or ""
	Opened                     time.Time // when the account was created, if other accounts may have the same address; else zero
	BannedUntil                time.Time // in account_banned; zero for a ban without end
	Reason                     string    // in account_banned; words of the operator, or ""
	Actor                      string    // the operator who did it, in notices of what operators do
	Until                      time.Time // when it ends by itself, in such notices, or when a recovery can be completed; else zero
	Managed                    bool      // the link of a notice sends no mail for a new password, because a backend manages it
}

// Mail is a mail in one language.
type Mail struct{ Subject, Text, HTML string }

// Kinds lists every mail that mailkind.go of package core and the features declare.
func Kinds() []string {
	return []string{
		"verify", "account_exists", "reset", "login_code", "secured", // with a link and a code
		"password_changed", "email_added", "email_changed", "email_removed", "token_created", "new_device", "account_deleted", // notices
		"account_banned",
	}
}

// A Kind is a mail that a feature adds.
type Kind struct {
	Name   string
	Link   bool // it must contain a link, or a code instead
	Notice bool // it reports an event: when, from where and on which device
}

// Added is what features add to the library's mails: kinds, and file systems with their templates.
type Added struct {
	Kinds   []Kind
	Texts   []fs.FS
	Partial bool // some features are missing, so unknown files are allowed
}

// Renderer renders mails. It is safe for concurrent use.
type Renderer struct {
	catalogs *locale.Catalogs
	added    []Kind
	mails    map[mailKey]func() (templates, error)
}

type mailKey struct{ kind, lang string }

// templates are the templates of one mail in one language, and the files they came from.
type templates struct {
	text               *texttemplate.Template
	html               *htmltemplate.Template
	textFile, htmlFile string
}

// Open parses the embedded templates and the overrides (may be nil): files "mail/<name>" with the names of the embedded
// ones, and "mail/<kind>.<lang>.html" or .txt for one language. It executes every template of the application or a feature
// once, so that a broken template, or one that uses a missing message, is an error at start. The error names the file.
// Nothing stays parsed, since most mails are never sent: the first mail of a kind in a language parses its templates, in
// half a millisecond.
func Open(overrides fs.FS, catalogs *locale.Catalogs, added Added) (*Renderer, error) {
	languages, first := catalogs.Languages(), catalogs.Match() // the default language
	s, err := readSources(overrides, languages, added)
	if err != nil {
		return nil, err
	}
	r := &Renderer{catalogs: catalogs, added: added.Kinds, mails: map[mailKey]func() (templates, error){}}
	for _, lang := range languages {
		funcs := functions(catalogs, lang)
		for _, kind := range r.kinds() {
			parse := func() (templates, error) { return s.parse(kind, lang, funcs) }
			r.mails[mailKey{kind, lang}] = sync.OnceValues(parse)
			if overrides == nil && r.kind(kind) == nil {
				continue // only the library's own files and messages, which are covered by its tests
			}
			if lang != first && !s.special(kind, lang) && !s.special(kind, first) {
				continue // the same files as in the default language, and this language has all of its messages
			}
			if err := r.probe(kind, lang); err != nil {
				return nil, fmt.Errorf("mail %s in %s: %w", kind, lang, err) // only the first error: it may be the same in all languages
			}
			r.mails[mailKey{kind, lang}] = sync.OnceValues(parse) // drops what the probe parsed
		}
	}
	return r, nil
}

// kinds lists every mail. Mails of features come last.
func (r *Renderer) kinds() []string { return append(Kinds(), namesOf(r.added)...) }

// kind returns the kind of a mail that a feature adds, or nil for the library's mails.
func (r *Renderer) kind(name string) *Kind {
	for i := range r.added {
		if r.added[i].Name == name {
			return &r.added[i]
		}
	}
	return nil
}

// probe renders the mail with all fields, also for a user of a backend, and without all optional fields.
func (r *Renderer) probe(kind, lang string) error {
	managed := r.full(kind, lang)
	managed.Managed = true
	for _, d := range []Data{r.full(kind, lang), managed, {Kind: kind, Lang: lang, Site: "Example"}} {
		m, err := r.Render(d)
		if err != nil {
			return err
		}
		if err := r.shows(m, d); err != nil {
			return err
		}
	}
	return nil
}

// shows returns an error unless a mail contains its link or, in a login mail, at least the code.
func (r *Renderer) shows(m Mail, d Data) error {
	t, err := r.mails[mailKey{d.Kind, d.Lang}]()
	if err != nil || d.Link == "" || d.Kind == "account_deleted" || d.Kind == "account_banned" {
		return err
	}
	for file, part := range map[string]string{t.textFile: m.Text, t.htmlFile: html.UnescapeString(m.HTML)} {
		if !strings.Contains(part, d.Link) && (d.Kind != "login_code" && r.kind(d.Kind) == nil || !strings.Contains(part, d.Code)) {
			return fmt.Errorf("%s: it has no {{.Link}} in it; a file that only defines blocks is rendered inside the layout, any other file is the complete part", file)
		}
	}
	return nil
}

// Render renders a mail. A Lang that is not among the catalogs is replaced with the best match. A Link that is not http or
// https is an error, because mail programs do not open it.
func (r *Renderer) Render(d Data) (Mail, error) {
	d.Lang = r.catalogs.Match(d.Lang)
	parsed, found := r.mails[mailKey{d.Kind, d.Lang}]
	if !found {
		return Mail{}, fmt.Errorf("there is no mail %q", d.Kind)
	}
	if d.Link != "" && !isLink(d.Link) {
		return Mail{}, errors.New("the link in a mail must begin with https:// or http:// and have no spaces")
	}
	t, err := parsed()
	if err != nil {
		return Mail{}, err
	}
	d.Site, d.Code, d.Username = oneLine(d.Site, maxSite), oneLine(d.Code, maxWords), oneLine(d.Username, maxWords)
	d.Reason = oneLine(d.Reason, maxReason)
	d.IP, d.Device = oneLine(d.IP, maxWords), oneLine(d.Device, maxWords)
	return t.render(d)
}

// The maximum number of characters that are shown of a text.
const (
	maxSite    = 60
	maxWords   = 100
	maxSubject = 200
	maxReason  = 255
)

// isLink reports whether s is a URL that a mail can link to, without characters that would end it early.
func isLink(s string) bool {
	odd := func(r rune) bool { return r <= ' ' || unicode.IsControl(r) || unicode.IsSpace(r) }
	return (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) && !strings.ContainsFunc(s, odd)
}

func (t templates) render(d Data) (Mail, error) {
	var subject, text, page strings.Builder
	if err := t.text.ExecuteTemplate(&subject, "subject", d); err != nil {
		return Mail{}, fmt.Errorf("%s: %w", t.textFile, err)
	}
	if err := t.text.Execute(&text, d); err != nil {
		return Mail{}, fmt.Errorf("%s: %w", t.textFile, err)
	}
	if err := t.html.Execute(&page, d); err != nil {
		return Mail{}, fmt.Errorf("%s: %w", t.htmlFile, err)
	}
	return Mail{Subject: oneLine(subject.String(), maxSubject), Text: plain(text.String()), HTML: page.String()}, nil
}
