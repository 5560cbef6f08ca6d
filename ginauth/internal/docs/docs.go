// Package docs reads the repository's documents for tests that compare them with the code.
package docs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Root returns the root directory of the repository.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "SECURITY.md")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("not inside the repository")
		}
		dir = filepath.Dir(dir)
	}
}

// Read returns the text of a file. The path is relative to the root of the repository.
func Read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Root(t), path)) //nolint:gosec // tests name the file
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Section returns the text below a heading of the second level, up to the next one.
func Section(t testing.TB, path, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(Read(t, path), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("%s has no section %q", path, heading)
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	return text
}

// Files returns the paths of all files with one of these extensions, relative to the root of the repository. It leaves out directories that begin with
// an underscore: programs that other tests write.
func Files(t testing.TB, extensions ...string) []string {
	t.Helper()
	root := Root(t)
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // other tests create and remove directories
			return nil
		}
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), "_")) {
			return fs.SkipDir
		}
		for _, extension := range extensions {
			if !entry.IsDir() && filepath.Ext(path) == extension {
				relative, err := filepath.Rel(root, path)
				if err != nil {
					return err
				}
				found = append(found, filepath.ToSlash(relative))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatalf("no files with %v", extensions)
	}
	return found
}
