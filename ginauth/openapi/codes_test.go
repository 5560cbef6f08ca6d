package openapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/binding"
)

// TestCodesAreComplete compares the list with the constants of package binding, and the
// meanings with their comments.
func TestCodesAreComplete(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../../binding/code.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var want []code
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, code{binding.Code(value), strings.TrimSpace(spec.Comment.Text())})
		return true
	})
	if got := codes(); len(want) < 40 || !slices.Equal(got, want) {
		for i := range max(len(got), len(want)) {
			switch {
			case i >= len(got):
				t.Errorf("codes lacks %q", want[i])
			case i >= len(want) || got[i] != want[i]:
				t.Errorf("codes has %q; binding/code.go has %q", got[i], want[min(i, len(want)-1)])
			}
		}
	}
}
