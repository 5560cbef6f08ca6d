package models_test

import (
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/models"
)

func TestKeysOfNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]models.Key{
		" Alice ":              "alice",
		"\uff21lice":           "alice", // full-width
		"\u212aate":            "kate",  // Kelvin sign
		"Stra\u017fe":          "strase",
		"stra\u00dfe":          "strasse", // full case folding (D14)
		"STRA\u1e9eE":          "strasse",
		"ΝΊΚΟΣ":                "νίκοσ",
		"νίκος":                "νίκοσ",
		"\u13a0":               "\u13a0", // Cherokee folds to capitals
		"\uab70":               "\u13a0",
		"ÉMILE":                "émile",
		"E\u0301MILE":          "émile",
		"D\u0130LARA":          "dilara",
		"di\u0307lara":         "dilara",
		"\u00a0":               "",
		"":                     "",
		"mike":                 "mike",
		"m\u0131ke":            "m\u0131ke", // dotless i is another letter
		strings.Repeat("a", 3): "aaa",
	} {
		if got := models.UsernameKey(name); got != want {
			t.Errorf("UsernameKey(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestEmailForms(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][2]string{
		" Ann@Example.COM ":    {"Ann@example.com", "ann@example.com"},
		"ann\uff20example.com": {"ann@example.com", "ann@example.com"},
		"x@Bücher.example":     {"x@xn--bcher-kva.example", "x@xn--bcher-kva.example"},
		"i@\u0130.com":         {"i@xn--i-9bb.com", "i@xn--i-9bb.com"}, // not i.com
		"no address":           {"no address", "no address"},
		"a@b@C.org":            {"a@b@c.org", "a@b@c.org"},
		"":                     {"", ""},
	} {
		if got := models.NormalizeEmail(address); got != want[0] {
			t.Errorf("NormalizeEmail(%q) = %q, want %q", address, got, want[0])
		}
		if got := models.EmailKey(address); string(got) != want[1] {
			t.Errorf("EmailKey(%q) = %q, want %q", address, got, want[1])
		}
	}
}

// TestLongTextIsLeftAlone covers S8: normalising costs time and memory by the length, so text that is too long
// for any name or address is not normalised. Checks of the length refuse it.
func TestLongTextIsLeftAlone(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("\ufdfa", 21_800) // each becomes 18 characters
	for _, address := range []string{long, long + "@Example.com", "Ann@" + long} {
		if models.NormalizeUsername(address) != address || models.NormalizeEmail(address) != address {
			t.Error("it was normalised")
		}
		if string(models.UsernameKey(address)) != address || string(models.EmailKey(address)) != address {
			t.Error("its key was normalised")
		}
	}
}

func FuzzKeys(f *testing.F) {
	for _, seed := range []string{"Alice", "\u0130\u0307", "ǅ", "\u1e9e", "a@\u0130.com", "@", "x@xn--", "ﬁ@ﬁ.com", "@ \ufe01", "@\u0130\u0307 x", "\xf3\u03d3", "i\u0307\u0307\u0301", "\u0390\u0345", "stra\u00dfe", "\u1fb7\u0301", "\u01f0\u0323"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if once := models.UsernameKey(s); models.UsernameKey(string(once)) != once {
			t.Errorf("UsernameKey(%q) = %q, and again %q", s, once, models.UsernameKey(string(once)))
		}
		if once := models.EmailKey(s); models.EmailKey(string(once)) != once {
			t.Errorf("EmailKey(%q) = %q, and again %q", s, once, models.EmailKey(string(once)))
		}
		if models.UsernameKey(models.NormalizeUsername(s)) != models.UsernameKey(s) {
			t.Errorf("the stored form of %q has another key", s)
		}
		if models.EmailKey(models.NormalizeEmail(s)) != models.EmailKey(s) {
			t.Errorf("the stored form of address %q has another key", s)
		}
	})
}
