package locale

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
	"unicode"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

func open(t testing.TB, fallback string, files map[string]string) *Catalogs {
	t.Helper()
	c, err := Open(mapFS(files), fallback, Added{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mapFS(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// pluralForms are the CLDR plural forms of each language for whole numbers.
var pluralForms = map[string][]string{
	"en": {"one", "other"}, "de": {"one", "other"},
	"fr": {"one", "many", "other"}, "es": {"one", "many", "other"}, "pt": {"one", "many", "other"},
	"zh": {"other"}, "ja": {"other"},
}

func formNames(m *i18n.Message) []string {
	all := []struct{ name, text string }{
		{"zero", m.Zero}, {"one", m.One}, {"two", m.Two}, {"few", m.Few}, {"many", m.Many}, {"other", m.Other},
	}
	var names []string
	for _, f := range all {
		if f.text != "" {
			names = append(names, f.name)
		}
	}
	return names
}

func TestCatalogsAreComplete(t *testing.T) {
	t.Parallel()
	c := open(t, "en", nil)
	if got, want := c.Languages(), slices.Sorted(maps.Keys(pluralForms)); !slices.Equal(got, want) {
		t.Fatalf("languages %q, want %q", got, want)
	}
	english := c.byName["en"]().messages
	for _, lang := range c.Languages() {
		messages := c.byName[lang]().messages
		for id := range messages {
			if english[id] == nil {
				t.Errorf("%s: %s is not in English", lang, id)
			}
		}
		for id, en := range english {
			m := messages[id]
			if m == nil {
				t.Errorf("%s: %s is missing", lang, id)
				continue
			}
			if want, got := slices.Sorted(maps.Keys(placeholders(en))), slices.Sorted(maps.Keys(placeholders(m))); !slices.Equal(want, got) {
				t.Errorf("%s: %s has placeholders %q, English has %q", lang, id, got, want)
			}
			if en.One != "" {
				if got := formNames(m); !slices.Equal(got, pluralForms[lang]) {
					t.Errorf("%s: %s has forms %q, want %q", lang, id, got, pluralForms[lang])
				}
			}
		}
	}
}

// TestEmbeddedMessages checks the library's files by the rules for overrides, since Open does not read them.
func TestEmbeddedMessages(t *testing.T) {
	t.Parallel()
	s, err := readSources(nil, Added{})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range s.embedded {
		read, err := readEmbedded(file)
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		for _, m := range read {
			if err := s.check(m, application); err != nil {
				t.Errorf("%s: %s: %v", file, m.ID, err)
			}
		}
	}
}

func TestMessagesAreTidy(t *testing.T) {
	t.Parallel()
	c := open(t, "en", nil)
	alike := map[string]string{"unit.minutes": "fr", "mail.label": "de es pt", "mail.row": "de es pt"} // the same as in English
	for _, lang := range c.Languages() {
		for id, m := range c.byName[lang]().messages {
			for _, text := range forms(m) {
				if text != strings.TrimSpace(text) || strings.Contains(text, "  ") || strings.ContainsFunc(text, unicode.IsControl) {
					t.Errorf("%s: %s has wrong spaces: %q", lang, id, text)
				}
				if strings.ContainsAny(text, "!！<>&") {
					t.Errorf("%s: %s: %q", lang, id, text)
				}
				if lang != "en" && text == c.byName["en"]().messages[id].Other && !strings.Contains(alike[id], lang) {
					t.Errorf("%s: %s is English", lang, id)
				}
			}
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	c := open(t, "de", map[string]string{
		"locales/en.json": `{"app.english": "Only here", "app.n": {"one": "{{.Count}} thing", "other": "{{.Count}} things"}}`,
		"locales/de.json": `{"app.german": "Nur hier", "app.number": "Zahl {{.Count}}"}`,
	})
	none := map[string]any(nil)
	for _, tc := range []struct {
		lang, id string
		params   map[string]any
		want     string
	}{
		{"en", "error.required", none, "This field is required."},
		{"de", "error.required", none, "Dieses Feld ist erforderlich."},
		{"de-AT", "error.required", none, "Dieses Feld ist erforderlich."},
		{"fr", "error.max_length", map[string]any{"Limit": 30}, "Utilisez au plus 30 caractères."},
		{"en", "error.max_length", map[string]any{"Limit": "30"}, "Use at most 30 characters."},
		{"en", "error.max_length", map[string]any{"Limit": "1"}, "Use at most 1 character."},
		{"en", "error.max_length", map[string]any{"Limit": "1.5"}, "Use at most 1.5 characters."},
		{"en", "error.password_too_short", map[string]any{"Count": 1}, "Use at least 1 character."},
		{"en", "error.password_too_short", map[string]any{"Count": int64(8)}, "Use at least 8 characters."},
		{"en", "error.password_too_short", map[string]any{"Count": "8"}, "Use at least 8 characters."},
		{"fr", "unit.days", map[string]any{"Count": 0}, "0 jour"},
		{"fr", "unit.days", map[string]any{"Count": 2}, "2 jours"},
		{"fr", "unit.days", map[string]any{"Count": 1000000}, "1000000 jours"},
		{"ja", "unit.days", map[string]any{"Count": 1}, "1日"},
		{"en", "app.number", map[string]any{"Count": 1}, "Zahl 1"},              // no plural forms
		{"fr", "app.german", none, "Nur hier"},                                  // the default language
		{"fr", "app.english", none, "Only here"},                                // English
		{"de", "app.n", map[string]any{"Count": 1}, "1 thing"},                  // by the rule of English
		{"fr", "app.nowhere", none, "app.nowhere"},                              // the id
		{"en", "error.max_length", none, "error.max_length"},                    // nothing fills it
		{"nonsense!", "error.blank", none, "Dieses Feld darf nicht leer sein."}, // the default language
		{"", "error.blank", none, "Dieses Feld darf nicht leer sein."},
	} {
		if got := c.Text(tc.lang, tc.id, tc.params); got != tc.want {
			t.Errorf("%s %s %v: %q, want %q", tc.lang, tc.id, tc.params, got, tc.want)
		}
	}
	if !c.Has("error.required") || !c.Has("app.english") || c.Has("app.german") || c.Has("") {
		t.Error("Has")
	}
}

// TestDateTime checks dates in the form of each language, in UTC. A language without a layout uses the one of the default
// language.
func TestDateTime(t *testing.T) {
	t.Parallel()
	c := open(t, "de", map[string]string{"locales/it.json": `{"app.hello": "Ciao"}`, "locales/sv.json": `{"unit.datetime": "2006-01-02 15:04 UTC"}`})
	at := time.Date(2026, 3, 1, 0, 4, 5, 0, time.FixedZone("", 3600))
	for lang, want := range map[string]string{
		"en": "February 28, 2026 at 11:04 PM UTC", "de": "28.02.2026 um 23:04 Uhr (UTC)", "fr": "28/02/2026 à 23:04 (UTC)",
		"es": "28/02/2026, 23:04 (UTC)", "pt": "28/02/2026 às 23:04 (UTC)", "ja": "2026年2月28日 23:04（UTC）", "zh": "2026年2月28日 23:04（UTC）",
		"it": "28.02.2026 um 23:04 Uhr (UTC)", "sv": "2026-02-28 23:04 UTC",
	} {
		if got := c.DateTime(lang, at); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}

func TestTextConcurrently(t *testing.T) {
	t.Parallel()
	c := open(t, "en", nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, lang := range c.Languages() {
				for id, m := range c.byName[lang]().messages {
					if c.Text(c.Match(lang+"-XX", lang), id, placeholders(m)) == id {
						t.Errorf("%s: %s has no text", lang, id)
					}
				}
			}
		})
	}
	wg.Wait()
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	c := open(t, "IT", map[string]string{
		"locales/en.json":      `{"error.blank": "Fill this in.", "error": {"null": "Not null."}}`,
		"locales/it.json":      `{"error.blank": "Compilare.", "unit.days": {"one": "{{.Count}} giorno", "many": "{{.Count}} giorni", "other": "{{.Count}} giorni"}}`,
		"locales/pt_pt.json":   `{"error.blank": "Preencha."}`,
		"locales/README.md":    "left alone",
		"mail/verify.txt":      "left alone",
		"locales/old/de.json":  "left alone",
		"locales/zh-Hant.json": `{"error.blank": "必填"}`,
	})
	if got := strings.Join(c.Languages(), " "); got != "de en es fr it ja pt pt-PT zh zh-Hant" {
		t.Fatal(got)
	}
	for lang, want := range map[string]string{
		"en": "Fill this in.", "it": "Compilare.", "pt-PT": "Preencha.", "pt": "Este campo não pode ficar vazio.", "zh-Hant": "必填",
		"zh-TW": "必填", "zh": "此字段不能为空。", "de": "Dieses Feld darf nicht leer sein.", "ru": "Compilare.",
	} {
		if got := c.Text(lang, "error.blank", nil); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
	if got := c.Text("en", "error.null", nil); got != "Not null." {
		t.Errorf("nested: %q", got)
	}
	if got := c.Text("it", "unit.days", map[string]any{"Count": 1}); got != "1 giorno" {
		t.Errorf("plural of a new language: %q", got)
	}
	if got := c.Text("it", "error.required", nil); got != "This field is required." {
		t.Errorf("missing in a new language: %q", got)
	}
}

func TestBrokenOverrides(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ file, text, want string }{
		{"locales/de.json", `{"error.blank": "x",}`, "invalid character"},
		{"locales/de.json", ``, "no messages"},
		{"locales/de.json", `{}`, "no messages"},
		{"locales/de.json", `"x"`, "single value"},
		{"locales/de.json", `{"error.blank": 5}`, "unsupported"},
		{"locales/de.json", `{"error.blank": ""}`, "error.blank: there is no text"},
		{"locales/de.json", `{"unit.days": {"one": "{{.Count}} Tag"}}`, `unit.days: there is no text, or no plural form "other"`},
		{"locales/de.json", `{"unit.days": {"one": "x", "others": "y"}}`, "others"},
		{"locales/de.json", `{"error.max_length": "Max. {{.Limit"}`, "error.max_length: template"},
		{"locales/de.json", `{"error.max_length": "Max. {{.Limt}}"}`, "Limt"},
		{"locales/de.json", `{"unit.days": {"one": "{{.N}} Tag", "other": "{{.Count}} Tage"}}`, `"N"`},
		{"locales/deutsch_.json", `{"error.blank": "x"}`, "not a BCP 47 language tag"},
		{"locales/active.de.json", `{"error.blank": "x"}`, "not a BCP 47 language tag"},
		{"locales/und.json", `{"error.blank": "x"}`, "not a BCP 47 language tag"},
		{"locales/de.json", `{"unit.datetime": "DD.MM.YYYY HH:mm UTC"}`, "must be a Go time layout"},
		{"locales/de.json", `{"unit.datetime": "02.01.2006 UTC"}`, "must be a Go time layout"},
		{"locales/de.json", `{"unit.datetime": "02.01.2006 15:04"}`, "must be a Go time layout"},
		{"locales/mul.json", `{"error.blank": "x"}`, "plural rule"},
	} {
		_, err := Open(mapFS(map[string]string{tc.file: tc.text}), "en", Added{})
		if err == nil || !strings.Contains(err.Error(), tc.file) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s %s: %v", tc.file, tc.text, err)
		}
	}
	_, err := Open(mapFS(map[string]string{"locales/de.json": `{"error.blank": "", "error.null": "{{"}`, "locales/x.json": `{}`}), "en", Added{})
	for _, want := range []string{"error.blank", "error.null", "locales/x.json"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("not all mistakes: %v", err)
		}
	}
	for _, fallback := range []string{"", "it", "en-US", "!"} {
		if _, err := Open(nil, fallback, Added{}); err == nil || !strings.Contains(err.Error(), "de, en, es, fr, ja, pt, zh") {
			t.Errorf("default language %q: %v", fallback, err)
		}
	}
}

func BenchmarkText(b *testing.B) {
	c := open(b, "en", nil)
	for name, params := range map[string]map[string]any{"error.required": nil, "error.password_too_short": {"Count": 8}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Text("de", name, params)
			}
		})
	}
}
