package binding

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestCodesAreComplete compares the list with the constants, and the meanings with their comments.
func TestCodesAreComplete(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var want [][2]string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, [2]string{value, strings.TrimSpace(spec.Comment.Text())})
		return true
	})
	var got [][2]string
	for _, c := range Codes() {
		got = append(got, [2]string{string(c.Code), c.String()})
	}
	if len(want) < 40 || !slices.Equal(got, want) {
		for i := range max(len(got), len(want)) {
			switch {
			case i >= len(got):
				t.Errorf("Codes lacks %q", want[i])
			case i >= len(want) || got[i] != want[i]:
				t.Errorf("Codes has %q; code.go has %q", got[i], want[min(i, len(want)-1)])
			}
		}
	}
}
