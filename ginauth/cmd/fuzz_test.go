package cmd

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/models"
)

// FuzzImport: whatever a file has, each of its lines is refused with a reason, or has only fields that are known, and the lines are counted
// upwards. A user that is filled from it has a locale of letters.
func FuzzImport(f *testing.F) {
	for _, seed := range [][2]string{
		{"csv", "username,email,password\nann,ann@example.com,pbkdf2_sha256$1$a$b\n"}, {"csv", "\ufeffusername\nann\n"}, {"csv", "username,username\na,b\n"}, {"csv", "username\n\"a\nb\"\nc,d\n"}, {"csv", "password,is_superuser\n,true\n"},
		{"jsonl", `{"username":"ann","is_active":true}`}, {"jsonl", "{}\n\n{\"email\":null}\n[]\n"}, {"jsonl", `{"username":"a","username":"b"}`}, {"jsonl", `{"username":{"a":1}}`}, {"jsonl", `{"username":"a"} {}`},
		{"jsonl", `{"date_joined":"2026-01-01T00:00:00Z","last_login":"x","locale":"../de"}`}, {"ndjson", "\x00"}, {"xml", "<a/>"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, format, text string) {
		l := &call{}
		lines, err := l.open(strings.NewReader(text), "-", format)
		if err != nil {
			return
		}
		for last := 0; ; {
			row, err := lines.next()
			if err != nil {
				if !errors.Is(err, io.EOF) && !strings.HasPrefix(err.Error(), "line ") {
					t.Errorf("stopped without a line: %v", err)
				}
				return
			}
			if row.line <= last && row.err == nil {
				t.Fatalf("line %d after %d", row.line, last)
			}
			last = max(last, row.line)
			if row.err != nil {
				continue
			}
			for name := range row.fields {
				if !slices.Contains(fields, name) {
					t.Errorf("the field %q", name)
				}
			}
			user := &models.User{}
			if verified, err := l.fill(user, row.fields); err == nil {
				if strings.ContainsAny(user.Locale, "./\\") || verified && row.fields["email_verified"] == "" || user.IsSuperuser && row.fields["is_superuser"] == "" {
					t.Errorf("%s becomes %+v", fmt.Sprint(row.fields), user)
				}
			}
		}
	})
}
