package tokens

import (
	"strings"
	"testing"
)

func FuzzParseRefresh(f *testing.F) {
	id := strings.Repeat("a", 26)
	for _, seed := range []string{"grt_" + id + ".0.mac", "grt_" + id + ".9223372036854775808.x", "grt_..", "grt_" + id + ".+1.x", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		session, generation, ok := parseRefresh(token)
		if ok && (generation < 0 || len(session) != 26 || !strings.HasPrefix(token, RefreshPrefix+session+".")) {
			t.Errorf("%q is read as %q, %d", token, session, generation)
		}
	})
}
