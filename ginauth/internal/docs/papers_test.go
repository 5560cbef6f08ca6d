package docs_test

// SECURITY.md, DECISIONS.md and CONTRIBUTING.md are compared with the code.

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
)

// readAll returns the text of all files of the repository that have one of these extensions.
func readAll(t *testing.T, extensions ...string) string {
	t.Helper()
	var all strings.Builder
	for _, file := range docs.Files(t, extensions...) {
		all.WriteString(docs.Read(t, file))
		all.WriteByte('\n')
	}
	return all.String()
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// groupedCases returns the cases of dbtest, as its tests are named: "reset/RaceToReset".
func groupedCases(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(docs.Root(t) + "/ginauth/dbtest/*.go")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]bool{}
	for _, file := range files {
		for _, group := range regexp.MustCompile(`Group\{Name: "(\w+)", Cases: \[\]func\(\*Case\)\{([^}]*)\}`).FindAllStringSubmatch(readFile(t, file), -1) {
			for _, name := range regexp.MustCompile(`\w+`).FindAllString(group[2], -1) {
				initial := regexp.MustCompile(`^(jwt|gorm|.)`).FindString(name)
				cases[group[1]+"/"+strings.ToUpper(initial)+name[len(initial):]] = true
			}
		}
	}
	if len(cases) < 400 {
		t.Fatalf("found only %d cases", len(cases))
	}
	return cases
}

var (
	decision  = regexp.MustCompile(`(?m)^((?:<a id="decision-\d+"></a>)*)\n### (\d+)(?: \(replaces ([\d, ]+)\))?\. .+\n\n((?:[* ] .+\n)+)`)
	anchor    = regexp.MustCompile(`<a id="decision-(\d+)"></a>`)
	reference = regexp.MustCompile(`(?:[Dd]ecision |#decision-)(\d+|NEW)`)
)

// TestDecisions wants each number from 1 on once, as a decision or as one that a decision
// replaces, with an anchor. Each decision has three parts, and each reference to one leads to it.
func TestDecisions(t *testing.T) {
	t.Parallel()
	text := docs.Read(t, "ginauth/DECISIONS.md")
	anchors := map[string]bool{}
	all := decision.FindAllStringSubmatch(text, -1)
	for _, d := range all {
		numbers := append([]string{d[2]}, strings.FieldsFunc(d[3], func(r rune) bool { return r == ',' || r == ' ' })...)
		var anchored []string
		for _, a := range anchor.FindAllStringSubmatch(d[1], -1) {
			anchored = append(anchored, a[1])
			if anchors[a[1]] {
				t.Errorf("two decisions have the number %s", a[1])
			}
			anchors[a[1]] = true
		}
		if !slices.Equal(numbers, anchored) {
			t.Errorf("decision %s: the anchors are %v, and not %v", d[2], anchored, numbers)
		}
		parts := regexp.MustCompile(`(?m)^\* \*\*(\w+)\.\*\* \S`).FindAllStringSubmatch(d[4], -1)
		if len(parts) != 3 || parts[0][1] != "Context" || parts[1][1] != "Choice" || parts[2][1] != "Alternatives" {
			t.Errorf("decision %s does not have the parts Context, Choice, Alternatives", d[2])
		}
	}
	if headings := strings.Count(text, "\n### "); headings != len(all) {
		t.Errorf("%d headings, but %d decisions", headings, len(all))
	}
	for i := range len(anchors) {
		if number := strconv.Itoa(i + 1); !anchors[number] {
			t.Errorf("decision %s is missing", number)
		}
	}
	for _, to := range reference.FindAllStringSubmatch(readAll(t, ".go", ".md"), -1) {
		if !anchors[to[1]] {
			t.Errorf("there is no decision %s", to[1])
		}
	}
}

// TestContributingNamesFiles wants the files and directories that CONTRIBUTING.md sends readers to.
func TestContributingNamesFiles(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile("`((?:ginauth|config|binding|models|example|\\.ci)/[\\w./-]*)`").FindAllStringSubmatch(docs.Read(t, "CONTRIBUTING.md"), -1)
	if len(named) < 20 {
		t.Errorf("found only %d names", len(named))
	}
	for _, name := range named {
		if _, err := os.Stat(filepath.Join(docs.Root(t), name[1])); err != nil {
			t.Error(err)
		}
	}
}
