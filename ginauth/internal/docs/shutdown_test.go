package docs_test

// The program of the recipe for a graceful shutdown, run and stopped.

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// TestShutdown: on SIGTERM the program finishes a request whose body has not arrived yet, takes no other one, and exits without an
// error.
func TestShutdown(t *testing.T) {
	t.Parallel()
	binary := buildRecipe(t, "signal.NotifyContext")
	address := freeAddress(t)
	program := exec.CommandContext(t.Context(), binary)
	program.Dir = t.TempDir()
	program.Env = append(os.Environ(), "ADDR="+address, "AUTH_SECRET="+string(authtest.Secret), "GIN_MODE=release")
	var log strings.Builder
	program.Stderr = &log
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	conn := dial(t, address)
	defer conn.Close()
	body := `{"username": "ann", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7"}`
	head := "POST /auth/registration/ HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
	if _, err := fmt.Fprintf(conn, head, address, len(body)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond) // until the server has read the head
	if err := program.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		other, err := net.Dial("tcp", address)
		if err != nil {
			break // it takes no more connections
		}
		_ = other.Close()
		if time.Now().After(deadline) {
			t.Fatal("it still takes connections")
		}
	}
	if _, err := io.WriteString(conn, body); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		t.Errorf("the request in progress got %s", response.Status)
	}
	if err := program.Wait(); err != nil {
		t.Errorf("%v: %s", err, log.String())
	}
}

// buildRecipe builds the program in the recipes that has a text in it.
func buildRecipe(t *testing.T, text string) string {
	t.Helper()
	dir := scratch(t, "_block_"+strings.ToLower(t.Name()))
	for _, b := range goBlocks(t, "ginauth/RECIPES.md") {
		if b.main && strings.Contains(b.code, text) {
			write(t, dir, "main.go", b.code)
			binary := filepath.Join(t.TempDir(), "program")
			if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./"+dir).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			return binary
		}
	}
	t.Fatalf("no program has %s", text)
	return ""
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// dial connects to a server that is just starting.
func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			return conn
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
