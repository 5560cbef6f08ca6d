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
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// slowPostbox is an SMTP server that accepts a mail only after the test allows it.
type slowPostbox struct {
	postbox
	begun, may chan struct{}
}

func (p slowPostbox) NewSession(*smtp.Conn) (smtp.Session, error) { return p, nil }
func (p slowPostbox) Data(r io.Reader) error {
	p.begun <- struct{}{}
	<-p.may
	return p.postbox.Data(r)
}

// signUp starts the example with a mail server of the test and signs a user up.
func signUp(t *testing.T, box smtp.Backend, env map[string]string, name string) server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	receiver := smtp.NewServer(box)
	go func() { _ = receiver.Serve(listener) }()
	t.Cleanup(func() { _ = receiver.Close() })
	env["MAIL_URL"] = fmt.Sprintf("smtp://%s?tls=insecure-none", listener.Addr())
	s := start(t, env)
	r, err := http.PostForm(s.url+"/auth/registration/", url.Values{
		"username": {name}, "email": {name + "@example.com"}, "password1": {"Looking-Glass-7"}, "password2": {"Looking-Glass-7"},
	})
	if err != nil || r.StatusCode != 201 {
		t.Fatal(r, err)
	}
	_ = r.Body.Close()
	return s
}

// TestShutdownWaitsForMails: the server waits up to SHUTDOWN_TIMEOUT for a mail in flight. A mail that is interrupted
// could be sent twice.
func TestShutdownWaitsForMails(t *testing.T) {
	box := slowPostbox{postbox{make(chan *mail.Message, 1)}, make(chan struct{}, 1), make(chan struct{})}
	env := sqliteEnv(t)
	env["SHUTDOWN_TIMEOUT"] = "5m"
	s := signUp(t, box, env, "ann")
	<-box.begun
	done := make(chan error, 1)
	go func() { done <- s.stop() }()
	for { // until it accepts no more requests
		r, err := http.Get(s.url + "/healthz")
		if err != nil {
			break
		}
		_ = r.Body.Close()
	}
	select {
	case err := <-done:
		t.Fatalf("it ended before the mail was sent: %v", err)
	default:
	}
	close(box.may)
	if err := <-done; err != nil {
		t.Error(err)
	}
	<-box.mails
}

// TestShutdownDelay: /readyz responds with 503 as soon as the shutdown begins. Until SHUTDOWN_DELAY has passed, requests are served, and
// their connections are closed.
func TestShutdownDelay(t *testing.T) {
	env := sqliteEnv(t)
	env["SHUTDOWN_DELAY"] = "3s"
	s := start(t, env)
	get := func(path string) (status int, closes bool) {
		t.Helper()
		r, err := http.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		return r.StatusCode, r.Close
	}
	if status, closes := get("/healthz"); status != 200 || closes {
		t.Fatalf("before: %d, connection closed %v", status, closes)
	}
	began, done := time.Now(), make(chan error, 1)
	go func() { done <- s.stop() }()
	for status := 200; status == 200; {
		status, _ = get("/readyz")
	}
	if status, closes := get("/healthz"); status != 200 || !closes {
		t.Errorf("while it leaves: %d, connection closed %v", status, closes)
	}
	if err := <-done; err != nil || time.Since(began) < 3*time.Second {
		t.Errorf("it ended after %v: %v", time.Since(began), err)
	}
}

// TestShutdownDelayEnds: a second signal ends the wait, and so does a server that fails.
func TestShutdownDelayEnds(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the example")
	}
	at, process := startedProcess(t, build(t), t.TempDir(), "SHUTDOWN_DELAY=1h")
	if err := process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for status := 200; status == 200; {
		status, _, _ = fetch(t, at+"/readyz")
	} // startedProcess sends the second signal, and kills the process after 15 seconds
	broken, served := errors.New("broken"), make(chan error, 1)
	served <- broken
	s := settings{delay: time.Hour}
	if err := s.leave(served); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// TestShutdownTimeout: the process ends after SHUTDOWN_TIMEOUT, even if a mail server or a client does not respond. The
// mail is sent after the restart.
func TestShutdownTimeout(t *testing.T) {
	hung := slowPostbox{postbox{make(chan *mail.Message, 1)}, make(chan struct{}, 1), make(chan struct{})}
	env := sqliteEnv(t)
	env["SHUTDOWN_TIMEOUT"], env["MAIL_TIMEOUT"] = "4s", "10m"
	s := signUp(t, hung, env, "ann")
	t.Cleanup(func() { close(hung.may) })
	<-hung.begun
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /auth/login/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n")
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") { // the body is being read now
		t.Fatal(line, err)
	}
	began := time.Now()
	if err := s.stop(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > time.Minute { // MAIL_TIMEOUT is ten
		t.Errorf("it took %v", took)
	}
	box := postbox{make(chan *mail.Message, 2)}
	signUp(t, box, env, "bob")
	got := map[string]bool{}
	for range 2 {
		m := <-box.mails
		got[m.Header.Get("To")] = true
	}
	if !got["<ann@example.com>"] {
		t.Errorf("mails after the restart: %v", got)
	}
}
