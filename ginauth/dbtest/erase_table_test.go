package dbtest

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEraseTable: the table in models/README.md lists the columns that the cases of the group erase find.
func TestEraseTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../models/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "### What stays of a deleted user")
	section, _, _ = strings.Cut(section, "\n## ")
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`auth_[^|]*)\\|").FindAllStringSubmatch(section, -1) {
		for _, column := range regexp.MustCompile("`([a-z_.]+)`").FindAllStringSubmatch(row[1], -1) {
			listed = append(listed, column[1])
		}
	}
	want := together(failedLogins, ofTheDeletion, keptEvents, mailsOfUser, hooksOfUser)
	if listed = together(listed); !found || !slices.Equal(listed, want) {
		t.Errorf("models/README.md lists %q, want %q", listed, want)
	}
}
