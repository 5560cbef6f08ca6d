package ginauth_test

import (
	"cmp"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestNoFileCircles: the files of a package do not depend on each other in a circle, even through other files. So
// you can read a file if you know the files it uses.
func TestNoFileCircles(t *testing.T) {
	t.Parallel()
	internal, err := filepath.Glob("internal/*")
	if err != nil {
		t.Fatal(err)
	}
	left := []string{
		"internal/locale", "internal/mailtext", "internal/passhash", // two or three files each, to be read together
		"internal/bench", // a separate module
	}
	internal = slices.DeleteFunc(internal, func(pkg string) bool { return slices.Contains(left, pkg) })
	for _, pkg := range append([]string{".", "core", "token", "logincode", "jwtroutes", "metrics", "tracing", "social"}, internal...) {
		uses, done := fileUses(t, pkg), map[string]bool{}
		var visit func(path []string)
		visit = func(path []string) {
			file := path[len(path)-1]
			if i := slices.Index(path, file); i < len(path)-1 {
				circle := ""
				for ; i < len(path)-1; i++ {
					circle += "\n\t" + path[i] + ": " + uses[path[i]][path[i+1]] + " of " + path[i+1]
				}
				t.Errorf("files of package %s use each other in a circle; move one of these declarations to a lower file:%s", pkg, circle)
				return
			}
			for _, next := range slices.Sorted(maps.Keys(uses[file])) {
				if !done[next] {
					visit(append(slices.Clone(path), next))
				}
			}
			done[file] = true
		}
		for _, file := range slices.Sorted(maps.Keys(uses)) {
			visit([]string{file})
		}
	}
}

// fileUses returns the files that each file of a package uses, with an example: "login uses signIn".
func fileUses(t *testing.T, dir string) map[string]map[string]string {
	t.Helper()
	exports, err := exec.CommandContext(t.Context(), "go", "-C", dir, "list", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	lookup := func(path string) (io.ReadCloser, error) {
		_, rest, _ := strings.Cut("\n"+string(exports), "\n"+path+"=")
		name, _, _ := strings.Cut(rest, "\n")
		return os.Open(name)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*.go")) // the pattern is a valid one
	fset, info, uses := token.NewFileSet(), &types.Info{Uses: map[*ast.Ident]types.Object{}}, map[string]map[string]string{}
	var files []*ast.File
	for _, name := range slices.DeleteFunc(names, func(n string) bool { return strings.HasSuffix(n, "_test.go") }) {
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files, uses[filepath.Base(name)] = append(files, file), map[string]string{}
	}
	pkg, err := (&types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}).Check(dir, fset, files, info)
	if err != nil || len(uses) == 0 {
		t.Fatalf("%d files in %s: %v", len(uses), dir, err)
	}
	in := func(pos token.Pos) string { return filepath.Base(fset.Position(pos).Filename) }
	for _, file := range files {
		for _, decl := range file.Decls {
			user := ""
			ast.Inspect(decl, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					user = n.Name.Name
				case ast.Spec:
					if group, ok := decl.(*ast.GenDecl); ok && slices.Contains(group.Specs, n) {
						user = "" // the first identifier is its name
					}
				case *ast.Ident:
					user = cmp.Or(user, n.Name)
					if used := info.Uses[n]; used != nil && used.Pkg() == pkg && in(used.Pos()) != in(n.Pos()) {
						uses[in(n.Pos())][in(used.Pos())] = user + " uses " + n.Name
					}
				}
				return true
			})
		}
	}
	return uses
}
