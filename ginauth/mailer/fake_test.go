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

// What a fake server does in place of an answer.
const (
	silent = "silent" // and reads nothing
	drop   = "drop"
	// nothing is said, and the talk goes on.
	nothing = "nothing"
)

// usual are the answers of a server that behaves, where they are not "250 good".
var usual = map[string]string{
	"greeting": "220 hello", "EHLO": "250-hello\r\n250 AUTH PLAIN", "AUTH": "235 good", "DATA": "354 go", "content": nothing, "QUIT": "221 bye",
}

// fake is a server that misbehaves. Its answers are found by the command, or "greeting",
// "content" after the first line of it, or "." after all of it.
type fake struct {
	answers map[string]string
	reached chan struct{} // closed at the silence
	sent    chan struct{} // closed after Send
	lines   chan []string // all that the client said, once the connection is over
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

// heard is for after Send. It returns what the client said, who must have hung up.
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

// answer reports whether the talk goes on.
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
		_, _ = io.Copy(io.Discard, conn) // until the client hangs up, which it should have done
		return false
	case nothing:
		return true
	}
	_, err := fmt.Fprintf(conn, "%s\r\n", text)
	return err == nil
}

// send sends a message with a deadline that is only for tests that hang.
func send(t *testing.T, sender config.Mailer, m config.Message) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return sender.Send(ctx, m)
}

// loginServer is SASL LOGIN, of which go-sasl has only the client.
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

// scramServer is SCRAM-SHA-256 (RFC 7677) for the one user there is.
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
