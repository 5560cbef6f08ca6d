package dbtest_test

// The mutations of testdata/mutations: faults that the state machine must find.

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const mutationFolder = "testdata/mutations"

// mutation is a patch that breaks a rule, with what its head says.
type mutation struct {
	name, file string
	played     string // the case of group machine that finds it
	message    *regexp.Regexp
}

// TestMutations applies each patch to a copy of the module, and fails unless the state machine does, with the message that the patch names.
// It takes up to a few minutes for each patch, and needs GINAUTH_TEST_MUTATIONS=1. Without that, it only checks that the patches apply.
func TestMutations(t *testing.T) {
	all := mutations(t)
	if os.Getenv("GINAUTH_TEST_MUTATIONS") == "" {
		for _, m := range all {
			if err := gitApply(t, "../..", m, "--check"); err != nil {
				t.Error(err)
			}
		}
		return
	}
	copied := copyModule(t)
	for _, m := range all {
		t.Run(m.name, func(t *testing.T) { m.mustBeFound(t, copied) })
	}
}

// mutations reads the patches.
func mutations(t *testing.T) (all []mutation) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	files, err := filepath.Glob(mutationFolder + "/*.patch")
	if err != nil || len(files) == 0 {
		t.Fatalf("no patches: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		full, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		m := mutation{name: strings.TrimSuffix(filepath.Base(file), ".patch"), file: full}
		head, _, _ := strings.Cut(string(text), "\ndiff ")
		for line := range strings.Lines(head) {
			switch key, value, _ := strings.Cut(strings.TrimSpace(line), ": "); key {
			case "Case":
				m.played = value
			case "Message":
				m.message = regexp.MustCompile(value)
			}
		}
		if m.played == "" || m.message == nil {
			t.Fatalf("%s does not begin with its Case and its Message", file)
		}
		all = append(all, m)
	}
	return all
}

// copyModule copies the module to a folder outside of it.
func copyModule(t *testing.T) string {
	t.Helper()
	to := t.TempDir()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(path, "../.."))
		switch {
		case d.Name() == ".git":
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil // of a worktree
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// gitApply applies a patch to a folder.
func gitApply(t *testing.T, dir string, m mutation, option ...string) error {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append(append([]string{"apply"}, option...), m.file)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s does not apply any more, so write it again for the code of today: %w\n%s", m.name, err, out)
	}
	return nil
}

var (
	foundAfter = regexp.MustCompile(`\[rapid\] failed after (\d+) tests: (.*)`)
	passed     = regexp.MustCompile(`(\d+) programs; what succeeded`)
)

// mustBeFound plays the machine with a mutation.
func (m mutation) mustBeFound(t *testing.T, dir string) {
	if err := gitApply(t, dir, m); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := gitApply(t, dir, m, "--reverse"); err != nil {
			t.Fatal(err)
		}
	}()
	ctx, stop := context.WithTimeout(t.Context(), time.Hour)
	defer stop()
	begun := time.Now()
	cmd := exec.CommandContext(ctx, "go", "test", "./ginauth/dbtest", "-run", "TestSQLite/machine/"+m.played+"$", "-count=1", "-v", "-timeout=50m",
		"-rapid.checks=1000", "-rapid.seed=20261128", "-rapid.shrinktime=1s", "-rapid.nofailfile")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	found := foundAfter.FindSubmatch(out)
	switch {
	case err == nil && passed.Match(out):
		t.Errorf("the machine does not find it: %s", passed.Find(out))
	case found == nil:
		t.Errorf("the machine did not run: %v\n%s", err, bytes.TrimSpace(out[max(0, len(out)-4000):]))
	case !m.message.Match(found[2]):
		t.Errorf("the machine fails after %s programs with %q, and not with %q", found[1], found[2], m.message)
	default:
		t.Logf("found after %s programs in %v: %s", found[1], time.Since(begun).Round(time.Second), found[2])
	}
}
