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
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// slowPostbox is an SMTP server that takes a mail, and says that it has it only when it may.
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

// TestShutdownWaitsForMails: also where somebody never ends his request. A mail that is cut off
// would go out twice.
func TestShutdownWaitsForMails(t *testing.T) {
	box := slowPostbox{postbox{make(chan *mail.Message, 1)}, make(chan struct{}, 1), make(chan struct{})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	receiver := smtp.NewServer(box)
	go func() { _ = receiver.Serve(listener) }()
	t.Cleanup(func() { _ = receiver.Close() })
	env := sqliteEnv(t)
	env["MAIL_URL"], env["SHUTDOWN_TIMEOUT"] = fmt.Sprintf("smtp://%s?tls=insecure-none", listener.Addr()), "50ms"
	s := start(t, env)
	r, err := http.PostForm(s.url+"/auth/registration/", url.Values{
		"username": {"ann"}, "email": {"ann@example.com"}, "password1": {"Looking-Glass-7"}, "password2": {"Looking-Glass-7"},
	})
	if err != nil || r.StatusCode != 201 {
		t.Fatal(r, err)
	}
	_ = r.Body.Close()
	<-box.begun

	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /auth/login/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n")
	answer := bufio.NewReader(conn)
	if line, err := answer.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") { // the body is being read now
		t.Fatal(line, err)
	}
	closed, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- s.stop() }()
	go func() {
		_, _ = io.Copy(io.Discard, answer)
		close(closed)
	}()
	select {
	case err := <-done:
		t.Fatalf("it ended before the mail was sent: %v", err)
	case <-closed:
	}
	close(box.may)
	if err := <-done; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	<-box.mails
}
