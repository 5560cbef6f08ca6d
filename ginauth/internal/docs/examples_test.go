package docs_test

import (
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
)

// TestEveryPackageHasAnExample wants an example with output in each public package. Package advice has wording only, and
// the cases of package dbtest are its examples.
func TestEveryPackageHasAnExample(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for _, file := range docs.Files(t, ".go") {
		pkg := path.Dir(file)
		if strings.Contains("/"+file, "/internal/") || strings.HasPrefix(file, "example/") || pkg == "config/advice" || pkg == "ginauth/dbtest" {
			continue
		}
		example := strings.HasSuffix(file, "_test.go") && regexp.MustCompile(`(?m)^func Example[^\n]*\{\n(?:[^}].*\n|\n)*?\t// (?:Unordered output|Output):`).MatchString(docs.Read(t, file))
		shown[pkg] = shown[pkg] || example
	}
	for pkg, found := range shown {
		if !found {
			t.Errorf("package %s has no example with output", pkg)
		}
	}
	if len(shown) < 13 {
		t.Errorf("found only %d packages", len(shown))
	}
}
