// Package locale has the texts of responses and mails in several languages, and chooses the
// language. It knows nothing of HTTP or of the mails.
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
	byName    map[string]func() *catalog // each makes its catalog once, when it is needed
	languages []string                   // sorted
	fallback  string
	matcher   language.Matcher
	matches   []string // the languages in the order of the matcher
	unfilled  func(file, id string, err error)
}

// catalog has the messages of one language. Each has a bundle of its own: one bundle for
// all would match the language anew for every message, and "en" may then become "en-US".
type catalog struct {
	localizer *i18n.Localizer
	messages  messages
}

// newCatalog reads a file of the library's (may be "") and puts other messages over it.
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

// Added is what there is besides the library's own messages.
type Added struct {
	Texts   []fs.FS  // of features; overrides come over them
	Codes   []string // messages that the application may add although their names are the library's: "error.captcha_failed"
	Partial bool     // features are missing here, so a name that nothing knows is no mistake

	Unfilled func(file, id string, err error) // is told, if not nil, of each message that is asked for and that params do not fill
}

// Open finds the embedded catalogs, which are read when they are needed, and reads over them those in overrides (may be nil), whose
// files are "locales/<BCP 47 tag>.json": single messages of ours can be replaced, messages
// of the application's own and whole languages added. What does not end in .json is left
// alone. fallback is the default language; it must be among the catalogs. The error has
// all mistakes, each with its file.
func Open(overrides fs.FS, fallback string, added Added) (*Catalogs, error) {
	s, err := readSources(overrides, added)
	if err != nil {
		return nil, err
	}
	c := &Catalogs{byName: map[string]func() *catalog{}, unfilled: added.Unfilled}
	for tag, over := range s.messages {
		file := s.embedded[tag]
		if file == "" { // has no rule for plurals, perhaps
			if _, err := newCatalog(tag, file, nil); err != nil {
				return nil, fmt.Errorf("locales/%s.json: %w", tag, err)
			}
		}
		c.byName[tag.String()] = sync.OnceValue(func() *catalog {
			made, err := newCatalog(tag, file, over)
			if err != nil {
				panic(err) // it is a file of the library's, which tests have read
			}
			return made
		})
	}
	c.languages = slices.Sorted(maps.Keys(c.byName))
	var found bool
	if c.fallback, found = c.Name(fallback); !found {
		return nil, fmt.Errorf("the default language %q is not among the catalogs: %s; add locales/%s.json to Texts", fallback, strings.Join(c.languages, ", "), fallback)
	}
	c.matches = append([]string{c.fallback}, c.languages...) // of equals, the first wins
	tags := make([]language.Tag, len(c.matches))
	for i, name := range c.matches {
		tags[i] = language.Make(name)
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

// Languages returns the languages, sorted.
func (c *Catalogs) Languages() []string { return slices.Clone(c.languages) }

// Name returns the name of a language as the catalogs have it; false where none is for exactly that.
func (c *Catalogs) Name(lang string) (string, bool) {
	tag, err := language.Parse(lang)
	return tag.String(), err == nil && c.byName[tag.String()] != nil
}

// Has reports whether the English catalog has the id.
func (c *Catalogs) Has(id string) bool { return c.byName["en"]().messages[id] != nil }

// Text returns a message; params fill its placeholders, and a whole number Count or Limit among them
// chooses the plural form. A message that lang does not have, or that params do not fill,
// is the one of the default language, else the English one, else the id itself. A lang
// that is not among the catalogs is the one that fits best. In each language a narrower message
// comes first: that of the id, a dot and one of narrower, in their order.
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

// DateTime returns a time in UTC as readers of lang write it: the message "unit.datetime" is a
// layout of package time, with numbers only where the names of months are not English.
func (c *Catalogs) DateTime(lang string, t time.Time) string {
	return t.UTC().Format(c.Text(lang, dateTime, nil))
}

// textIn returns "" for a message that the language does not have or that params do not fill.
func (c *Catalogs) textIn(lang, id string, params map[string]any) string {
	spoken := c.byName[lang]()
	if spoken.messages[id] == nil {
		return ""
	}
	lookup := i18n.LocalizeConfig{MessageID: id, TemplateData: params, TemplateParser: strict, PluralCount: pluralCount(params)}
	// A message that lacks the form for this count comes in the form "other" and with an
	// error, which is no reason not to show it.
	text, err := spoken.localizer.Localize(&lookup)
	if text == "" && err != nil && c.unfilled != nil {
		c.unfilled("locales/"+lang+".json", id, err)
	}
	return text
}

// pluralCount returns the whole number that chooses the plural form: Count, else Limit, which validators give as a
// string; nil if there is none.
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
