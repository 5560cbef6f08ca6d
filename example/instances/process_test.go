//go:build unix

// Package instances tests several processes of the example that share a database: on every engine, in rolling restarts, and when
// processes, databases and Redis are killed.
package instances

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// binary is the compiled example.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "instances")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "example")
	build := exec.Command("go", "build", "-o", binary, "github.com/ginauth/gin-rest-auth/example")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v: %s", err, out))
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// long reports whether the long form of the tests runs.
func long() bool { return os.Getenv("GINAUTH_TEST_LONG") == "1" }

// process is a running example.
type process struct {
	url   string
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended
	log   string        // the file with what it wrote to stderr
}

// launch starts the example. It does not wait until it listens; listens does.
func launch(t *testing.T, env []string) (p *process, listens func() error) {
	t.Helper()
	log, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	p = &process{cmd: exec.Command(binary), ended: make(chan struct{}), log: log.Name()}
	p.cmd.Dir, p.cmd.Stderr = t.TempDir(), log
	p.cmd.Env = append(append(os.Environ(), "ADDR=127.0.0.1:0"), env...)
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = log.Close()
	first, read := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewReader(out)
		line, _ := lines.ReadString('\n') // without a line, listens says so
		first <- strings.TrimSpace(line)
		_, _ = io.Copy(io.Discard, lines)
	}()
	go func() {
		<-read
		_ = p.cmd.Wait() // the tests look at what happens to requests, not at the status
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.ended:
		case <-time.After(30 * time.Second):
			t.Errorf("%s did not end: %s", p.url, p.tail())
			p.kill()
		}
		if t.Failed() {
			t.Logf("%s: %s", p.url, p.tail())
		}
	})
	return p, func() error {
		line := <-first
		at, found := strings.CutPrefix(line, "Listening on ")
		if !found {
			return fmt.Errorf("the example said %q: %s", line, p.tail())
		}
		p.url = at
		return nil
	}
}

// tail returns the end of what the process wrote to stderr.
func (p *process) tail() string {
	text, _ := os.ReadFile(p.log) // empty without the file
	return string(text[max(0, len(text)-1500):])
}

// kill ends the process as the kernel does when memory is short.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// ready reports whether a load balancer would send requests to the process.
func (p *process) ready() bool {
	client := http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get(p.url + "/readyz")
	if err != nil {
		return false
	}
	_ = r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// until polls a condition, and fails the test if it does not become true within a time.
func until(t testing.TB, within time.Duration, what string, condition func() bool) {
	t.Helper()
	end := time.Now().Add(within)
	for !condition() {
		if time.Now().After(end) {
			t.Fatalf("waited %v in vain: %s", within, what)
		}
		time.Sleep(5 * time.Millisecond) // between two polls
	}
}
