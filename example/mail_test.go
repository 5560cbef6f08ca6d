package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/mail"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// build compiles the example and returns the path of the program.
func build(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	binary := filepath.Join(dir, "example")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return binary
}

// spawn runs the example in a new process and returns its URL.
func spawn(t *testing.T, binary, dir string, env ...string) (string, *exec.Cmd) {
	t.Helper()
	cmd := exec.Command(binary)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	cmd.Env = append(os.Environ(), append(env, "ADDR=127.0.0.1:0")...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return strings.TrimSpace(strings.TrimPrefix(line, "Listening on ")), cmd
}

// postbox is an SMTP server that passes the mails it receives to a channel.
type postbox struct{ mails chan *mail.Message }

func (p postbox) NewSession(*smtp.Conn) (smtp.Session, error)     { return p, nil }
func (p postbox) Reset()                                          {}
func (p postbox) Logout() error                                   { return nil }
func (p postbox) Mail(from string, _ *smtp.MailOptions) error     { return nil }
func (p postbox) Rcpt(to string, _ *smtp.RcptOptions) (err error) { return nil }
func (p postbox) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err == nil {
		_, err = io.Copy(io.Discard, m.Body)
		p.mails <- m
	}
	return err
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// serveMails runs a mail server until the test ends.
func serveMails(t *testing.T, listener net.Listener, box smtp.Backend) {
	t.Helper()
	server, served := smtp.NewServer(box), make(chan error, 1)
	server.Domain = "mail.test"
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		_ = listener.Close() // also if Serve has not begun
		if err := <-served; err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			t.Errorf("the mail server: %v", err)
		}
	})
}

// sleeper is a listener that accepts connections and sends nothing until wake is called. It keeps the port open, so that
// no other program takes it.
type sleeper struct {
	net.Listener
	knocked chan struct{}
	awake   chan net.Conn // for Accept
	mu      sync.Mutex
	woken   bool
	open    []net.Conn
}

func (s *sleeper) run() {
	defer close(s.awake)
	for {
		conn, err := s.Listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		woken := s.woken
		if !woken {
			s.open = append(s.open, conn)
			s.knocked <- struct{}{}
		}
		s.mu.Unlock()
		if woken {
			s.awake <- conn
		}
	}
}

func (s *sleeper) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.woken = true
	for _, conn := range s.open {
		_ = conn.Close()
	}
}

// Accept returns the connections after wake, for the real mail server.
func (s *sleeper) Accept() (net.Conn, error) {
	if conn, ok := <-s.awake; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

// TestMailSurvivesKill covers T211: the mail server accepts connections but sends nothing, and the process is killed while
// it has claimed some of the mails. After both have restarted, every mail arrives.
func TestMailSurvivesKill(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	door := listen(t)
	hole := &sleeper{Listener: door, knocked: make(chan struct{}, 100), awake: make(chan net.Conn)}
	go hole.run()
	port := door.Addr().(*net.TCPAddr).Port
	binary, env := build(t), []string{
		"DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "mail.db"), "EMAIL_VERIFICATION=mandatory", "MAIL_TIMEOUT=5s",
		fmt.Sprintf("MAIL_URL=smtp://127.0.0.1:%d?tls=insecure-none", port),
	}
	at, cmd := spawn(t, binary, t.TempDir(), env...)
	const users = 10
	for i := range users {
		name := fmt.Sprintf("user%d", i)
		r, err := http.PostForm(at+"/auth/registration/", url.Values{
			"username": {name}, "email": {name + "@example.com"}, "password1": {"Looking-Glass-7"}, "password2": {"Looking-Glass-7"},
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r.StatusCode != 201 {
			t.Fatalf("sign-up: %d", r.StatusCode)
		}
	}
	<-hole.knocked // now at least one mail is claimed
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	hole.wake()

	box := postbox{make(chan *mail.Message, 3*users)}
	serveMails(t, hole, box)
	spawn(t, binary, t.TempDir(), env...)
	arrived := map[string]int{}
	deadline := time.After(3 * time.Minute)
	for len(arrived) < users {
		select {
		case m := <-box.mails:
			arrived[m.Header.Get("To")]++
		case <-deadline:
			t.Fatalf("only %d of %d mails arrived: %v", len(arrived), users, arrived)
		}
	}
	for to, n := range arrived {
		if n != 1 {
			t.Errorf("%d mails to %s", n, to)
		}
	}
}

// TestMailIntoADirectory: with dir: each mail is a file. Its link opens a page of the example that does not use up the
// link and loads nothing from other hosts.
func TestMailIntoADirectory(t *testing.T) {
	t.Parallel()
	env, dir := sqliteEnv(t), t.TempDir()
	env["MAIL_URL"], env["LOGIN_BY_CODE"] = "dir:"+dir, "true"
	s := start(t, env)
	r, err := http.PostForm(s.url+"/auth/registration/", url.Values{
		"username": {"ann"}, "email": {"ann@example.com"}, "password1": {"Looking-Glass-7"}, "password2": {"Looking-Glass-7"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if err := s.stop(); err != nil { // it sends pending mails before it stops
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.verify.eml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.NewReplacer("=\r\n", "", "=3D", "=").Replace(string(text))
	link := regexp.MustCompile(`http://localhost:\d+(/account/verify-email/\S{69})`).FindStringSubmatch(plain)
	if link == nil {
		t.Fatalf("no link in %s", plain)
	}
	s = start(t, env)
	for path, media := range map[string]string{
		link[1]: "text/html", "/account/reset/a/b": "text/html", "/account/login/a": "text/html", "/account/not-me/a": "text/html",
		"/": "text/html", "/developers": "text/html",
	} {
		page, err := http.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = page.Body.Close()
		if page.StatusCode != 200 || !strings.HasPrefix(page.Header.Get("Content-Type"), media) ||
			!strings.Contains(page.Header.Get("Content-Security-Policy"), "default-src 'none'") || page.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %d %v", path, page.StatusCode, page.Header)
		}
	}
	verify := func() int {
		r, err := http.PostForm(s.url+"/auth/registration/verify-email/", url.Values{"key": {filepath.Base(link[1])}})
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		return r.StatusCode
	}
	if first, second := verify(), verify(); first != 200 || second != 404 {
		t.Errorf("%d and %d", first, second)
	}
}

// TestMailSettings: invalid settings are errors at start that name the variable and contain no password.
func TestMailSettings(t *testing.T) {
	t.Parallel()
	for want, change := range map[string][]string{
		"MAIL_URL: log: would print":                         {"MAIL_URL=log:", "PUBLIC_URL=https://app.example.com"},
		"EMAIL_VERIFICATION and LOGIN_BY_CODE need MAIL_URL": {"EMAIL_VERIFICATION=mandatory", "PUBLIC_URL=https://app.example.com"},
		"MAIL_URL: ":                      {"MAIL_URL=smtp://u:canary@h:x"},
		"FRONTEND_URL: ":                  {"FRONTEND_URL=app"},
		"Mail.URLs.Verify":                {"FRONTEND_URL=http://app.example.com"},
		`EmailVerification: "sometimes"`:  {"EMAIL_VERIFICATION=sometimes"},
		"Mail.From":                       {"MAIL_FROM=no-address"},
		"LOGIN_BY_CODE":                   {"LOGIN_BY_CODE=maybe"},
		"MAIL_TIMEOUT":                    {"MAIL_TIMEOUT=long"},
		`the default language "tlh" is n`: {"DEFAULT_LOCALE=tlh"},
	} {
		env := sqliteEnv(t)
		env["ADDR"] = "127.0.0.1:0"
		for _, entry := range change {
			name, value, _ := strings.Cut(entry, "=")
			env[name] = value
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := run(ctx, []string{"-addr=127.0.0.1:0"}, func(n string) string { return env[n] }, strings.NewReader(""), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v: got %v, want %q", change, err, want)
		}
	}
}
