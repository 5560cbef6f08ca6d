package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/ginauth/gin-rest-auth/config"
)

func TestSecretFileIsCreatedOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "app.secret")
	first, err := config.SecretFile(path)
	if err != nil || len(string(first)) != 43 {
		t.Fatalf("%d bytes, %v", len(string(first)), err)
	}
	if err := (config.Config{Secret: first}).WithDefaults().Validate(); err != nil {
		t.Error(err)
	}
	if again, err := config.SecretFile(path); err != nil || string(again) != string(first) {
		t.Errorf("the second call: %v, same: %t", err, string(again) == string(first))
	}
	if other, err := config.SecretFile(filepath.Join(dir, "other.secret")); err != nil || string(other) == string(first) {
		t.Errorf("another file: %v, same: %t", err, string(other) == string(first))
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("%v, %v", left, err)
	}
}

// TestSecretFileOfManyStarts: the first process decides, and no start reads half a file.
func TestSecretFileOfManyStarts(t *testing.T) {
	t.Parallel()
	for range 20 {
		path := filepath.Join(t.TempDir(), "app.secret")
		var wait sync.WaitGroup
		secrets, start := make([]string, 16), make(chan struct{})
		for i := range secrets {
			wait.Go(func() {
				<-start
				secret, err := config.SecretFile(path)
				if secrets[i] = string(secret); err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		wait.Wait()
		for _, s := range secrets {
			if len(s) != 43 || s != secrets[0] {
				t.Fatalf("different secrets of %d and %d bytes", len(s), len(secrets[0]))
			}
		}
	}
}

func TestSecretFileTakesMountedFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mounted")
	if err := os.WriteFile(path, []byte(" \n"+string(secret)+"\r\n"), 0o444); err != nil {
		t.Fatal(err)
	}
	if got, err := config.SecretFile(path); err != nil || string(got) != string(secret) {
		t.Errorf("%q, %v", string(got), err)
	}
}

func TestSecretFileMistakes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "100%s") // no format
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty": "", "short": "canary-0123456789abcdef01234567\n" + strings.Repeat(" ", 40), "long": strings.Repeat("x", 5000),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"empty":   "must have at least 32 bytes besides white space, has 0; delete it to get a new one, or make one with: openssl",
		"short":   "must have at least 32 bytes besides white space, has 31;",
		"long":    "has more than 4096 bytes",
		".":       "is a directory; name a file in it",
		"no/such": "use a directory that exists",
	} {
		path := filepath.Join(dir, name)
		got, err := config.SecretFile(path)
		if err == nil || got != "" || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %q, %v", name, string(got), err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "no")); !os.IsNotExist(err) {
		t.Error("a directory was created")
	}
}

// TestSecretFileOfADanglingLink: the file that the link names is not created.
func TestSecretFileOfADanglingLink(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.secret")
	if err := os.Symlink("nowhere", path); err != nil {
		t.Skip(err)
	}
	if _, err := config.SecretFile(path); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
}
