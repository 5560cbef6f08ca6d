package locale

import (
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
)

//go:embed locales/*.json
var embedded embed.FS

// sources has the messages of features and the application, where later ones replace earlier ones, and the names of the
// library's files, which are read when their languages are needed.
type sources struct {
	embedded map[language.Tag]string // the library's files
	messages map[language.Tag]messages
	english  messages                  // of the library's
	ours     map[string]map[string]any // by id of the library or a feature: a value for each placeholder
	codes    map[string]bool           // by id: of error codes that are declared
	whole    map[language.Tag]bool     // languages that the library or the application has
	partial  bool
}

// messages has the messages of one language, by id.
type messages map[string]*i18n.Message

// A layer says whose messages are read.
type layer int

const (
	feature layer = iota
	application
)

// readSources reads the catalogs of features, and then the overrides.
func readSources(overrides fs.FS, added Added) (*sources, error) {
	s := &sources{
		embedded: map[language.Tag]string{}, messages: map[language.Tag]messages{},
		ours: map[string]map[string]any{}, codes: map[string]bool{}, whole: map[language.Tag]bool{}, partial: added.Partial,
	}
	if err := s.readEmbedded(); err != nil {
		return nil, err
	}
	var all []error
	for _, fsys := range added.Texts {
		all = append(all, s.read(fsys, feature))
	}
	for _, id := range added.Codes {
		s.codes[id] = true
	}
	if overrides != nil {
		all = append(all, s.read(overrides, application))
	}
	maps.DeleteFunc(s.messages, func(tag language.Tag, _ messages) bool { return !s.whole[tag] })
	return s, errors.Join(all...)
}

// readEmbedded records the library's languages, and reads its English messages, which define what others may replace.
func (s *sources) readEmbedded() error {
	files, err := embedded.ReadDir("locales")
	if err != nil {
		return err
	}
	for _, f := range files {
		tag := language.Make(strings.TrimSuffix(f.Name(), ".json"))
		s.embedded[tag], s.messages[tag], s.whole[tag] = path.Join("locales", f.Name()), messages{}, true
	}
	s.english, err = readEmbedded(s.embedded[language.English])
	for id, m := range s.english {
		s.ours[id] = placeholders(m)
	}
	return err
}

// readEmbedded reads one of the library's files, or returns no messages for "". Tests check the content of the files.
func readEmbedded(file string) (messages, error) {
	byID := messages{}
	if file == "" {
		return byID, nil
	}
	b, err := embedded.ReadFile(file)
	if err != nil {
		return nil, err
	}
	all, err := i18n.ParseMessageBytes(b, json.Unmarshal)
	for _, m := range all {
		byID[m.ID] = m
	}
	return byID, err
}

// read adds the catalogs of one file system, the English one first.
func (s *sources) read(fsys fs.FS, of layer) error {
	files, err := fs.ReadDir(fsys, "locales")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("locales: %w", err)
	}
	if i := slices.IndexFunc(files, func(f fs.DirEntry) bool { return f.Name() == "en.json" }); i > 0 {
		files[0], files[i] = files[i], files[0]
	}
	var all []error
	for _, f := range files {
		name, found := strings.CutSuffix(f.Name(), ".json")
		if !found {
			continue
		}
		file := path.Join("locales", f.Name())
		if err := s.readFile(fsys, file, name, of); err != nil {
			all = append(all, fmt.Errorf("%s: %w", file, err))
		}
	}
	return errors.Join(all...)
}

func (s *sources) readFile(fsys fs.FS, file, name string, of layer) error {
	tag, err := language.Parse(name)
	if err != nil || tag.IsRoot() {
		return fmt.Errorf("%q is not a BCP 47 language tag", name)
	}
	b, err := fs.ReadFile(fsys, file)
	if err != nil {
		return err
	}
	read, err := i18n.ParseMessageBytes(b, json.Unmarshal)
	if err != nil {
		if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
			return fmt.Errorf("line %d: %w", 1+strings.Count(string(b[:min(int(wrong.Offset), len(b))]), "\n"), err)
		}
		return err
	}
	if len(read) == 0 {
		return errors.New("there are no messages in it")
	}
	slices.SortFunc(read, func(a, b *i18n.Message) int { return cmp.Compare(a.ID, b.ID) })
	s.whole[tag] = s.whole[tag] || of != feature
	if s.messages[tag] == nil {
		s.messages[tag] = messages{}
	}
	var all []error
	for _, m := range read {
		err := s.check(m, of)
		if of == feature && err == nil {
			err = s.claim(m, tag)
		}
		if err != nil {
			all = append(all, fmt.Errorf("%s: %w", m.ID, err))
		}
		s.messages[tag][m.ID] = m
	}
	return errors.Join(all...)
}

// check rejects a message that could not be shown later: one without text, with a broken template, or with a placeholder
// that the library's English message does not have. Messages of responses may be for one field or route:
// "error.taken.email".
func (s *sources) check(m *i18n.Message, of layer) error {
	if m.Other == "" {
		return errors.New(`there is no text, or no plural form "other"`)
	}
	values, ours := s.ours[m.ID]
	declared := s.codes[m.ID]
	for id := m.ID; !ours && !declared && narrow.MatchString(id); values, ours = s.ours[id] {
		id = id[:strings.LastIndexByte(id, '.')]
		declared = s.codes[id]
	}
	if !ours && !declared && of == application && !s.partial && prefixes.MatchString(m.ID) {
		return errors.New("there is no such message; names that begin like this are the library's own, and those of the codes in Config.Codes")
	}
	if m.ID == dateTime && !isLayout(m.Other) {
		return errors.New(`must be a Go time layout with a date, a time and "UTC": "2006-01-02 15:04 UTC"`)
	}
	for _, text := range forms(m) {
		t, err := strict.Parse(text, m.LeftDelim, m.RightDelim)
		if err != nil {
			return err
		}
		if !ours {
			continue
		}
		if _, err := t.Execute(values); err != nil {
			return err
		}
	}
	return nil
}

// claim records that a message belongs to a feature, by its English text.
func (s *sources) claim(m *i18n.Message, tag language.Tag) error {
	if s.messages[tag][m.ID] != nil || s.embedded[tag] != "" && s.english[m.ID] != nil {
		return errors.New("the library or another feature has this message; the application can replace it, a feature cannot")
	}
	if tag == language.English {
		s.ours[m.ID] = placeholders(m)
	}
	if s.ours[m.ID] == nil {
		return errors.New("there is no English text, in the feature's locales/en.json")
	}
	return nil
}

// dateTime is the message that is a layout; see Catalogs.DateTime.
const dateTime = "unit.datetime"

// isLayout reports whether a layout shows the day, the month, the year, the minute and the zone.
func isLayout(layout string) bool {
	at := time.Date(2031, 11, 28, 21, 47, 0, 0, time.UTC)
	parsed, err := time.Parse(layout, at.Format(layout))
	return err == nil && parsed.Equal(at) && strings.Contains(layout, "UTC")
}

// prefixes are the prefixes of the library's messages; the application's own messages begin with something else.
var prefixes = regexp.MustCompile(`^(error|done|mail|unit)\.`)

// narrow matches the id of a message for one field or route: "error.taken.email".
var narrow = regexp.MustCompile(`^(error|done)\.\w+(\.[^.]+)+$`)

// strict makes a placeholder without a value an error instead of "<no value>". It is never modified.
var strict = &template.TextParser{Option: "missingkey=error"}

var placeholder = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

// placeholders returns a value for each placeholder in a message.
func placeholders(m *i18n.Message) map[string]any {
	values := map[string]any{}
	for _, text := range forms(m) {
		for _, match := range placeholder.FindAllStringSubmatch(text, -1) {
			values[match[1]] = 1
		}
	}
	return values
}

func forms(m *i18n.Message) []string {
	return slices.DeleteFunc([]string{m.Zero, m.One, m.Two, m.Few, m.Many, m.Other}, func(s string) bool { return s == "" })
}
