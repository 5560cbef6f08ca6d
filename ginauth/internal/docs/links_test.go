package docs_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
)

var (
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)|(?:src|href)="([^"]+)"`)
	heading = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	named   = regexp.MustCompile(`<a id="([^"]+)">`)
	inline  = regexp.MustCompile("`[^`\n]*`")
	inLink  = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// TestLinks wants every link between documents to lead to a file, and its anchor to a heading.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, file := range docs.Files(t, ".md") {
		text := inline.ReplaceAllString(fence.ReplaceAllString(docs.Read(t, file), ""), "")
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			to := found[1] + found[2]
			if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			target, anchor, _ := strings.Cut(to, "#")
			if target == "" {
				target = path.Base(file)
			}
			target = path.Join(path.Dir(file), target)
			if _, err := os.Stat(filepath.Join(docs.Root(t), target)); err != nil {
				t.Errorf("%s: %s leads nowhere", file, to)
			} else if anchor != "" && !anchors(t, target)[anchor] {
				t.Errorf("%s: there is no heading for %s", file, to)
			}
		}
	}
}

// anchors returns the anchors of a document: one for each heading, as GitHub makes them, and those it names.
func anchors(t *testing.T, file string) map[string]bool {
	t.Helper()
	text := fence.ReplaceAllString(docs.Read(t, file), "")
	found := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(text, -1) {
		found[anchorOf(inLink.ReplaceAllString(h[1], "$1"))] = true
	}
	for _, name := range named.FindAllStringSubmatch(text, -1) {
		found[name[1]] = true
	}
	return found
}

func anchorOf(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

// TestReadmeIsShort: README.md is a door, not a book.
func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	if size := len(docs.Read(t, "README.md")); size > 12<<10 {
		t.Errorf("README.md has %d bytes, more than 12 KiB", size)
	}
}
