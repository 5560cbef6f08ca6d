package dbtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestIndex wants each case in one group and in a file of that group. doc.go must list each group and file.
func TestIndex(t *testing.T) {
	t.Parallel()
	groupOf := map[string]string{} // by the name of the case's test
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range library() {
		if !strings.Contains(string(doc), "\n//   - "+group.Name+": ") {
			t.Errorf("doc.go does not list the group %s", group.Name)
		}
		for _, run := range group.Cases {
			if other, twice := groupOf[nameOf(run)]; twice {
				t.Errorf("%s is in the groups %s and %s", nameOf(run), other, group.Name)
			}
			groupOf[nameOf(run)] = group.Name
		}
	}
	files, _ := filepath.Glob("*.go")
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || file == "doc.go" || file == "suite.go" {
			continue
		}
		if !strings.Contains(string(doc), " "+file) {
			t.Errorf("doc.go does not list %s", file)
		}
		for _, name := range casesIn(t, file) {
			found++
			group := groupOf[shown(name)]
			if group == "" {
				t.Errorf("%s: %s is in no group", file, name)
			} else if file != group+".go" && !strings.HasPrefix(file, group+"_") {
				t.Errorf("%s: %s belongs to the group %s", file, name, group)
			}
		}
	}
	if found != len(groupOf) {
		t.Errorf("%d cases in the files, but %d in groups", found, len(groupOf))
	}
}

// casesIn returns the names of a file's functions that are cases.
func casesIn(t *testing.T, file string) (names []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, decl := range parsed.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Recv != nil || f.Type.Results != nil || len(f.Type.Params.List) != 1 {
			continue
		}
		if star, ok := f.Type.Params.List[0].Type.(*ast.StarExpr); ok {
			if of, ok := star.X.(*ast.Ident); ok && of.Name == "Case" {
				names = append(names, f.Name.Name)
			}
		}
	}
	return names
}
