package locale

import (
	"slices"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	c := open(t, "en", nil)
	long := strings.Repeat("xx,", 200)
	for _, tc := range []struct {
		preferred []string
		want      string
	}{
		{nil, "en"},
		{[]string{""}, "en"},
		{[]string{"de"}, "de"},
		{[]string{"DE-ch"}, "de"},
		{[]string{"pt-PT"}, "pt"},
		{[]string{"zh-Hans-CN"}, "zh"},
		{[]string{"gsw"}, "de"},
		{[]string{"", "fr"}, "fr"},
		{[]string{"nl", "ja;q=0.1"}, "ja"}, // the first that matches at all
		{[]string{"fr", "de"}, "fr"},
		{[]string{"fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5"}, "fr"},
		{[]string{"de;q=0.5, es;q=0.9"}, "es"},
		{[]string{"nl, ja;q=0.5"}, "ja"},
		{[]string{"*", "de"}, "de"},
		{[]string{"de;q=0"}, "en"},
		{[]string{"!!!, de;q=0.3, b@d;q=1"}, "de"}, // a broken entry spoils nothing
		{[]string{"de;q=much, es"}, "es"},
		{[]string{"\x00\xff", "../../de", "de\r\nX: y"}, "en"},
		{[]string{"de," + long}, "de"},
		{[]string{long + "de"}, "en"},
		{[]string{strings.Repeat("a", 1<<20), strings.Repeat("-", 1<<20), strings.Repeat(",", 1<<20)}, "en"},
	} {
		if got := c.Match(tc.preferred...); got != tc.want {
			t.Errorf("%.80q: %s, want %s", tc.preferred, got, tc.want)
		}
	}
}

// TestMatchIsExact checks that an available language is matched exactly, whatever the default is.
func TestMatchIsExact(t *testing.T) {
	t.Parallel()
	c := open(t, "en-US", map[string]string{
		"locales/en-US.json": `{"x": "y"}`, "locales/en-GB.json": `{"x": "y"}`, "locales/zh-TW.json": `{"x": "y"}`,
	})
	for _, lang := range c.Languages() {
		if got := c.Match(lang); got != lang {
			t.Errorf("%s: %s", lang, got)
		}
		if got := c.Match(lang + ";q=0.9, ru;q=0.8"); got != lang {
			t.Errorf("header with %s: %s", lang, got)
		}
	}
	if got := c.Match("en-AU"); got != "en-GB" && got != "en" {
		t.Errorf("en-AU: %s", got)
	}
}

func FuzzMatch(f *testing.F) {
	c := open(f, "en", nil)
	languages := c.Languages()
	for _, s := range []string{
		"", "de", "fr-CH, fr;q=0.9, *;q=0.5", "x-a-b-c", "en-u-co-phonebk", "i-klingon", "de;q=NaN", "zh-Hant-TW-t-en-x-0", "a;b;c,,;q=",
	} {
		f.Add(s, "de")
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		got := c.Match(first, second)
		if !slices.Contains(languages, got) {
			t.Errorf("%q is not an available language", got)
		}
		if len(parse(first)) > maxHeader {
			t.Error("too many tags")
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	c := open(b, "en", nil)
	hostile := strings.Repeat("q-x,", maxHeader)
	for name, header := range map[string]string{"tag": "de", "header": "de-CH, de;q=0.9, en;q=0.8, *;q=0.5", "hostile": hostile} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Match(header)
			}
		})
	}
}
