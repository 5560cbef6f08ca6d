package chromium

// The example server, for tests that use it as a browser does.

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Example builds the example and runs it as [Binary.Run] does.
func Example(t *testing.T, env ...string) string { return Build(t).Run(t, env...) }

// Binary is the path of the built example.
type Binary string

// Build builds the example for one test.
func Build(t *testing.T) Binary {
	binary := filepath.Join(t.TempDir(), "example")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "github.com/ginauth/gin-rest-auth/example") //nolint:gosec // a folder of the test
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return Binary(binary)
}

// Run runs the example with a new database and these variables, such as "AUTH_MODES=jwt", and returns its URL. It stops after the test.
func (b Binary) Run(t *testing.T, env ...string) string {
	dir := t.TempDir()
	cmd := exec.Command(string(b)) //nolint:gosec // what was built
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	cmd.Env = append(os.Environ(), "ADDR=127.0.0.1:0", "DATABASE_URL=sqlite:"+filepath.Join(dir, "example.db"))
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		defer time.AfterFunc(15*time.Second, func() { _ = cmd.Process.Kill() }).Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	})
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	at, found := strings.CutPrefix(strings.TrimSpace(line), "Listening on ")
	if !found {
		t.Fatalf("it said %q, %v", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return at
}
