// Package locale holds the texts of responses and mails in several languages, and chooses the language. It knows nothing
// about HTTP or mails.
package locale

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Catalogs has the messages of all languages. It is safe for concurrent use.
type Catalogs struct {
	byName    map[string]func() *catalog // each builds its catalog once, on first use
	languages []string                   // sorted
	fallback  string
	matcher   language.Matcher
	matches   []string // the languages in the order of the matcher
	unfilled  func(file, id string, err error)
}

// catalog has the messages of one language. Each has its own bundle: a shared bundle would match the language again for
// every message, and could turn "en" into "en-US".
type catalog struct {
	localizer *i18n.Localizer
	messages  messages
}

// newCatalog reads one of the library's files (may be "") and lets other messages replace its messages.
func newCatalog(tag language.Tag, file string, over messages) (*catalog, error) {
	all, err := readEmbedded(file)
	if err != nil {
		return nil, err
	}
	maps.Copy(all, over)
	bundle := i18n.NewBundle(tag)
	err = bundle.AddMessages(tag, slices.Collect(maps.Values(all))...)
	return &catalog{i18n.NewLocalizer(bundle), all}, err
}

// Added describes the messages in addition to the library's own.
type Added struct {
	Texts   []fs.FS  // of features; overrides replace them
	Codes   []string // messages that the application may add under the library's prefixes: "error.invitation_unknown"
	Partial bool     // some features are missing, so unknown names are allowed

	Unfilled func(file, id string, err error) // if not nil, called for each requested message that params do not fill
}

// Open finds the embedded catalogs, which are read on first use, and reads the overrides (may be nil), whose files are
// "locales/<BCP 47 tag>.json". Overrides can replace single messages of the library, and add the application's messages and
// whole languages. Files that do not end in .json are ignored. fallback is the default language; it must be among the
// catalogs. The error lists all mistakes, each with its file.
func Open(overrides fs.FS, fallback string, added Added) (*Catalogs, error) {
	s, err := readSources(overrides, added)
	if err != nil {
		return nil, err
	}
	c := &Catalogs{byName: map[string]func() *catalog{}, unfilled: added.Unfilled}
	for tag, over := range s.messages {
		file := s.embedded[tag]
		if file == "" { // this language may have no plural rule
			if _, err := newCatalog(tag, file, nil); err != nil {
				return nil, fmt.Errorf("locales/%s.json: %w", tag, err)
			}
		}
		c.byName[tag.String()] = sync.OnceValue(func() *catalog {
			made, err := newCatalog(tag, file, over)
			if err != nil {
				panic(err) // tests have read the library's files
			}
			return made
		})
	}
	c.languages = slices.Sorted(maps.Keys(c.byName))
	var found bool
	if c.fallback, found = c.Name(fallback); !found {
		return nil, fmt.Errorf("the default language %q is not among the catalogs: %s; add locales/%s.json to Texts", fallback, strings.Join(c.languages, ", "), fallback)
	}
	c.matches = append([]string{c.fallback}, c.languages...) // the first of equal matches wins
	tags := make([]language.Tag, len(c.matches))
	for i, name := range c.matches {
		tags[i] = language.Make(name)
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

// Languages returns the languages, sorted.
func (c *Catalogs) Languages() []string { return slices.Clone(c.languages) }

// Name returns the catalogs' name of a language, or false if no catalog is for exactly this language.
func (c *Catalogs) Name(lang string) (string, bool) {
	tag, err := language.Parse(lang)
	return tag.String(), err == nil && c.byName[tag.String()] != nil
}

// Has reports whether the English catalog has the id.
func (c *Catalogs) Has(id string) bool { return c.byName["en"]().messages[id] != nil }

// Text returns a message. params fill its placeholders; a whole number Count or Limit among them chooses the plural form. If
// lang does not have the message, or params do not fill it, Text uses the default language, then English, then the id
// itself. A lang that is not among the catalogs is replaced with the best match. In each language, narrower messages come
// first: the id, a dot, and an element of narrower, in order.
func (c *Catalogs) Text(lang, id string, params map[string]any, narrower ...string) string {
	if c.byName[lang] == nil {
		lang = c.Match(lang)
	}
	for _, name := range [...]string{lang, c.fallback, "en"} {
		for _, n := range narrower {
			if text := c.textIn(name, id+"."+n, params); text != "" {
				return text
			}
		}
		if text := c.textIn(name, id, params); text != "" {
			return text
		}
	}
	return id
}

// DateTime returns a time in UTC in the form that readers of lang use. The message "unit.datetime" is a layout of package
// time, without the names of months except in English.
func (c *Catalogs) DateTime(lang string, t time.Time) string {
	return t.UTC().Format(c.Text(lang, dateTime, nil))
}

// textIn returns a message in one language, or "" if the language does not have it or params do not fill it.
func (c *Catalogs) textIn(lang, id string, params map[string]any) string {
	spoken := c.byName[lang]()
	if spoken.messages[id] == nil {
		return ""
	}
	lookup := i18n.LocalizeConfig{MessageID: id, TemplateData: params, TemplateParser: strict, PluralCount: pluralCount(params)}
	// A message without the form for this count is returned in the form "other" and with an error, which is ignored here.
	text, err := spoken.localizer.Localize(&lookup)
	if text == "" && err != nil && c.unfilled != nil {
		c.unfilled("locales/"+lang+".json", id, err)
	}
	return text
}

// pluralCount returns the whole number that chooses the plural form: Count, else Limit, which validators give as a string.
// Without such a number it returns nil.
func pluralCount(params map[string]any) any {
	count, found := params["Count"]
	if !found {
		count = params["Limit"]
	}
	switch n := count.(type) {
	case int, int8, int16, int32, int64:
		return n
	case string:
		if whole, err := strconv.Atoi(n); err == nil {
			return whole
		}
	}
	return nil
}
