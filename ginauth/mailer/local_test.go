package mailer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/mailer"
)

// TestSaysInsecure: Dir and InsecureLog give auth.Check a warning. For SMTP see TestInsecure.
func TestSaysInsecure(t *testing.T) {
	t.Parallel()
	for want, sender := range map[string]config.Mailer{
		"writes mails to files, and sends none": mailer.Dir(t.TempDir()), "writes mails to a log": mailer.InsecureLog(io.Discard),
	} {
		if s, ok := sender.(interface{ Insecure() string }); !ok || !strings.HasPrefix(s.Insecure(), want) {
			t.Errorf("%T does not say that it %s", sender, want)
		}
	}
}

func TestDir(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made", "of two")
	sender, m := mailer.Dir(dir), message()
	if err := send(t, sender, m); err != nil {
		t.Fatal(err)
	}
	m.Text = "the twin"
	if err := send(t, sender, m); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "k3j5h2g6f4d7s8a9.verify.eml")
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	same(t, parse(t, string(content)), m)
	for path, want := range map[string]os.FileMode{name: 0o600, dir: 0o700, filepath.Dir(dir): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v (%v), want %v", path, info.Mode(), err, want)
		}
	}
	names(t, dir, 1)
}

// names checks the number of files, and that all of them are mails.
func names(t *testing.T, dir string, want int) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if out = append(out, e.Name()); !strings.HasSuffix(e.Name(), ".eml") || !e.Type().IsRegular() {
			t.Errorf("%s was left", e.Name())
		}
	}
	if len(out) != want {
		t.Errorf("there are %v, want %d", out, want)
	}
	return out
}

// TestDirNames: file names stay in the directory and differ if the messages differ.
func TestDirNames(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "mails")
	ids := []string{"..", "../x", "/etc/x", "a/b", "a_b", "a.b", "a=2Fb", `a\b`, "CON:", ".", "ä", "A", "a b"}
	for _, id := range ids {
		for _, kind := range []string{"verify", "../../x", ""} {
			m := message()
			m.ID, m.Kind = id, kind
			if err := send(t, mailer.Dir(dir), m); err != nil {
				t.Errorf("%q %q: %v", id, kind, err)
			}
		}
	}
	for _, name := range names(t, dir, 3*len(ids)) {
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=._-") != "" || strings.HasPrefix(name, ".") {
			t.Errorf("the name is %q", name)
		}
	}
	if entries, err := os.ReadDir(root); err != nil || len(entries) != 1 {
		t.Errorf("there are %v (%v)", entries, err)
	}
}

func TestDirParallel(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sender := mailer.Dir(dir)
	parallel(t, 40, func(i int) error {
		m := message()
		m.ID = fmt.Sprint("id", i%4)
		m.Text = strings.Repeat(m.ID+"\n", 1000)
		return sender.Send(t.Context(), m)
	})
	for _, name := range names(t, dir, 4) {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		id, _, _ := strings.Cut(name, ".")
		if text := parse(t, string(content)).text; text != strings.Repeat(id+"\n", 1000) {
			t.Errorf("%s has %.40q...", name, text)
		}
	}
}

func parallel(t *testing.T, n int, f func(i int) error) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if err := f(i); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestDirFails: the error is not permanent, because the disk may be repaired.
func TestDirFails(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := send(t, mailer.Dir(filepath.Join(file, "mails")), message())
	if err == nil || config.IsPermanent(err) {
		t.Errorf("the error is %v", err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "k3j5h2g6f4d7s8a9.verify.eml"), 0o700); err != nil { // the rename fails
		t.Fatal(err)
	}
	if err := send(t, mailer.Dir(dir), message()); err == nil || config.IsPermanent(err) {
		t.Errorf("the error is %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("something was left: %v (%v)", entries, err)
	}
}

// TestEndedContext: Dir and InsecureLog write nothing if the context has ended.
func TestEndedContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir, w := t.TempDir(), &writer{}
	for _, sender := range []config.Mailer{mailer.Dir(dir), mailer.InsecureLog(w)} {
		if err := sender.Send(ctx, message()); !errors.Is(err, context.Canceled) || config.IsPermanent(err) {
			t.Errorf("the error is %v", err)
		}
	}
	names(t, dir, 0)
	if len(w.writes) > 0 {
		t.Errorf("it wrote %q", w.writes)
	}
}

// writer counts writes, without a lock.
type writer struct {
	writes []string
	err    error
}

func (w *writer) Write(p []byte) (int, error) {
	w.writes = append(w.writes, string(p))
	return len(p), w.err
}

func TestInsecureLog(t *testing.T) {
	t.Parallel()
	w := &writer{}
	sender, m := mailer.InsecureLog(w), message()
	m.Text += "\x1b[2J\r\n\n"
	parallel(t, 20, func(int) error { return sender.Send(t.Context(), m) })
	if len(w.writes) != 20 {
		t.Fatalf("there were %d writes", len(w.writes))
	}
	want := "---- mail (verify)\nTo: max@example.com\nSubject: " + m.Subject + "\n\n" + strings.TrimSuffix(message().Text, "\n") + "\n[2J\n----\n"
	for _, got := range w.writes {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	w.err = errors.New("full")
	if err := send(t, sender, m); !errors.Is(err, w.err) || config.IsPermanent(err) {
		t.Errorf("the error is %v", err)
	}
}
