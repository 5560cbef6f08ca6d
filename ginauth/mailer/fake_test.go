package mailer_test

import (
	"bufio"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/mailer"
)

// What a fake server does instead of responding.
const (
	silent = "silent" // it also stops reading
	drop   = "drop"
	// It sends no response, and the session goes on.
	nothing = "nothing"
)

// usual are the responses of a correct server; the default is "250 good".
var usual = map[string]string{
	"greeting": "220 hello", "EHLO": "250-hello\r\n250 AUTH PLAIN", "AUTH": "235 good", "DATA": "354 go", "content": nothing, "QUIT": "221 bye",
}

// fake is a server that misbehaves. Its responses are found by the command, and by "greeting",
// "content" for the first line of the content, and "." for its end.
type fake struct {
	answers map[string]string
	reached chan struct{} // closed when the server goes silent
	sent    chan struct{} // closed after Send
	lines   chan []string // all lines that the client sent, once the connection has ended
}

func (f *fake) start(t *testing.T) mailer.SMTP {
	t.Helper()
	f.reached, f.sent, f.lines = make(chan struct{}), make(chan struct{}), make(chan []string, 1)
	l := listen(t)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		t.Cleanup(func() { _ = conn.Close() })
		f.lines <- f.talk(conn)
	}()
	return mailer.SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: mailer.TLSInsecureNone}
}

// heard returns what the client sent. Call it after Send; it fails if the client has left the connection open.
func (f *fake) heard(t *testing.T) string {
	t.Helper()
	close(f.sent)
	select {
	case lines := <-f.lines:
		return strings.Join(lines, "\n")
	case <-time.After(time.Minute):
		t.Fatal("the connection was left open")
		return ""
	}
}

func (f *fake) talk(conn net.Conn) (lines []string) {
	defer func() { _ = conn.Close() }()
	_ = conn.(*net.TCPConn).SetReadBuffer(1 << 16) // so that a big mail cannot be written before it is read
	in, content := bufio.NewReader(conn), false
	for ok := f.answer(conn, "greeting"); ok; {
		line, err := in.ReadString('\n')
		if err != nil {
			return lines
		}
		line = strings.TrimSpace(line)
		lines = append(lines, line)
		command, _, _ := strings.Cut(line, " ")
		switch {
		case content && line == ".":
			content = false
			ok = f.answer(conn, ".")
		case content:
			ok = f.answer(conn, "content")
		default:
			ok = f.answer(conn, command)
			content = command == "DATA" && f.answers["DATA"] == ""
			if command == "STARTTLS" && f.answers["handshake"] != "" {
				ok = f.answer(conn, "handshake")
			}
		}
	}
	return lines
}

// answer responds to a command and reports whether the session goes on.
func (f *fake) answer(conn net.Conn, to string) bool {
	text, ok := f.answers[to]
	if !ok {
		text = cmp.Or(usual[to], "250 good")
	}
	switch text {
	case drop:
		return false
	case silent:
		close(f.reached)
		<-f.sent
		_, _ = io.Copy(io.Discard, conn) // until the client closes the connection, which it should have done by now
		return false
	case nothing:
		return true
	}
	_, err := fmt.Fprintf(conn, "%s\r\n", text)
	return err == nil
}

// send sends a message, with a deadline for tests that would hang.
func send(t *testing.T, sender config.Mailer, m config.Message) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return sender.Send(ctx, m)
}

// loginServer implements SASL LOGIN. go-sasl has only the client.
type loginServer struct {
	done func(user, pass string) error
	said []string
}

func (l *loginServer) Next(response []byte) ([]byte, bool, error) {
	if response != nil {
		l.said = append(l.said, string(response))
	}
	if len(l.said) == 2 {
		return nil, true, l.done(l.said[0], l.said[1])
	}
	return [][]byte{[]byte("Username:"), []byte("Password:")}[len(l.said)], false, nil
}

// scramServer implements SCRAM-SHA-256 (RFC 7677) for one user.
type scramServer struct {
	done         func(user, pass string) error
	first, reply string
}

func (s *scramServer) Next(response []byte) ([]byte, bool, error) {
	switch {
	case response == nil:
		return nil, false, nil
	case s.first == "":
		s.first = strings.TrimPrefix(string(response), "n,,")
		_, nonce, _ := strings.Cut(s.first, ",r=")
		s.reply = "r=" + nonce + "server,s=" + base64.StdEncoding.EncodeToString([]byte("salt")) + ",i=4096"
		return []byte(s.reply), false, nil
	case len(response) == 0:
		return nil, true, s.done(username, password)
	}
	salted, err := pbkdf2.Key(sha256.New, password, []byte("salt"), 4096, sha256.Size)
	if err != nil {
		return nil, false, err
	}
	bare, proof, _ := strings.Cut(string(response), ",p=")
	exchange := s.first + "," + s.reply + "," + bare
	client := mac(salted, "Client Key")
	stored := sha256.Sum256(client)
	for i, b := range mac(stored[:], exchange) {
		client[i] ^= b
	}
	if proof != base64.StdEncoding.EncodeToString(client) {
		return nil, false, errors.New("the proof is wrong")
	}
	return []byte("v=" + base64.StdEncoding.EncodeToString(mac(mac(salted, "Server Key"), exchange))), false, nil
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
