package binding_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// FuzzValidUsername: a name that is accepted has only letters, digits, marks and . + - _, is no address and no path, and its stored form is
// accepted as well, with the same key (T094).
func FuzzValidUsername(f *testing.F) {
	for _, seed := range []string{"ann", "Ann.Lee+1_2-3", "..", ".", "a@b.co", "ＡＮＮ", "\u0130", "a\u200db", "\u202eann", "a\u0301", "½", "ann ", "a/b", "../x", "\u1e9e", "a\x00", "ǅ", strings.Repeat("a", 151)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if !binding.ValidUsername(name) {
			return
		}
		stored := models.NormalizeUsername(name)
		odd := func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) && !strings.ContainsRune(".+-_", r)
		}
		if strings.ContainsFunc(stored, odd) || strings.Trim(stored, ".") == "" || len([]rune(stored)) > binding.MaxUsername {
			t.Errorf("%q is stored as %q", name, stored)
		}
		if !binding.ValidUsername(stored) || models.NormalizeUsername(stored) != stored || models.UsernameKey(stored) != models.UsernameKey(name) {
			t.Errorf("%q, stored as %q, is not stable", name, stored)
		}
		if strings.Contains(string(models.UsernameKey(name)), "@") {
			t.Errorf("%q looks like an address", name)
		}
	})
}
