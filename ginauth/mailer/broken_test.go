package mailer_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/mailer"
)

// TestNoTLS: a server that should encrypt and does not gets neither credentials nor mail.
func TestNoTLS(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answers map[string]string
		says    string
	}{
		"not offered": {map[string]string{"EHLO": "250-hello\r\n250 AUTH PLAIN"}, "tls=insecure-none"},
		"refused":     {map[string]string{"EHLO": "250-hello\r\n250 STARTTLS", "STARTTLS": "454 not now"}, "454 not now"},
		"HELO only":   {map[string]string{"EHLO": "500 what?"}, "tls=insecure-none"},
		"injected":    {map[string]string{"EHLO": "250-hello\r\n250 STARTTLS", "STARTTLS": "220 go\r\n250-hello\r\n250 AUTH PLAIN"}, "TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{answers: c.answers}
			sender := f.start(t)
			sender.TLS, sender.Username, sender.Password = "", username, password
			if name == "injected" {
				sender.Timeout = 5 * time.Second // the fake may wait for the end of a line in the handshake
			}
			err := send(t, sender, message())
			if err == nil || config.IsPermanent(err) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error is %v", err)
			}
			tellsNothing(t, err)
			for line := range strings.SplitSeq(f.heard(t), "\n") {
				if strings.HasPrefix(line, "AUTH") || strings.HasPrefix(line, "MAIL") || strings.HasPrefix(line, "RCPT") {
					t.Errorf("the server heard %q", line)
				}
			}
		})
	}
}

// silences are the steps at which a server can stop responding.
var silences = []string{"greeting", "EHLO", "STARTTLS", "handshake", "implicit", "AUTH", "MAIL", "RCPT", "DATA", "content", "."}

func silence(t *testing.T, step string) (*fake, mailer.SMTP) {
	f := &fake{answers: map[string]string{step: silent}}
	switch step {
	case "STARTTLS":
		f.answers["EHLO"] = "250-hello\r\n250 STARTTLS"
	case "handshake":
		f.answers["EHLO"], f.answers["STARTTLS"] = "250-hello\r\n250 STARTTLS", "220 go"
	case "implicit":
		f.answers = map[string]string{"greeting": silent}
	}
	sender := f.start(t)
	switch step {
	case "STARTTLS", "handshake":
		sender.TLS = mailer.TLSStart
	case "implicit":
		sender.TLS = mailer.TLSImplicit
	case "AUTH":
		sender.Username, sender.Password = username, password
	}
	return f, sender
}

// TestBlackHole: the context ends a Send to a server that stops responding.
func TestBlackHole(t *testing.T) {
	t.Parallel()
	for _, step := range silences {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			f, sender := silence(t, step)
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			sender.Timeout = time.Hour // so that only the context ends it
			err := sender.Send(ctx, message())
			if !errors.Is(err, context.DeadlineExceeded) || config.IsPermanent(err) {
				t.Errorf("the error is %v", err)
			}
			tellsNothing(t, err)
			f.heard(t)
		})
	}
}

// TestTimeout: SMTP.Timeout ends a step even if the context has no deadline.
func TestTimeout(t *testing.T) {
	t.Parallel()
	for _, step := range silences {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			f, sender := silence(t, step)
			sender.Timeout = 100 * time.Millisecond
			err := sender.Send(context.WithoutCancel(t.Context()), message())
			if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() || config.IsPermanent(err) {
				t.Errorf("the error is %v", err)
			}
			f.heard(t)
		})
	}
}

// TestContentMayTakeLonger: the response to the content can take longer than the timeout if the context has a deadline.
func TestContentMayTakeLonger(t *testing.T) {
	t.Parallel()
	f, sender := silence(t, ".")
	sender.Timeout = 2 * time.Second // for each earlier step, on a loaded machine
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := sender.Send(ctx, message()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
	f.heard(t)
}

// TestCancel: cancelling the context ends a Send that is blocked in a write.
func TestCancel(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"greeting", "AUTH", "content", "."} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			f, sender := silence(t, step)
			m := message()
			if step == "content" {
				m.Text = strings.Repeat(long+"\n", 6000) // more than the system buffers
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				select {
				case <-f.reached:
					cancel()
				case <-ctx.Done():
				}
			}()
			if err := sender.Send(ctx, m); !errors.Is(err, context.Canceled) || config.IsPermanent(err) {
				t.Errorf("the error is %v", err)
			}
			f.heard(t)
		})
	}
}

// TestCancelledBefore: with a cancelled context Send does not connect. The first connection that the listener accepts is the test's.
func TestCancelledBefore(t *testing.T) {
	t.Parallel()
	l := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := mailer.SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}.Send(ctx, message())
	if !errors.Is(err, context.Canceled) || config.IsPermanent(err) {
		t.Errorf("the error is %v", err)
	}
	mine, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer mine.Close()
	first, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if first.RemoteAddr().String() != mine.LocalAddr().String() {
		t.Error("it connected")
	}
}

// TestQuitAfterRejection: Send ends the session with QUIT after a rejection, as RFC 5321 requires.
func TestQuitAfterRejection(t *testing.T) {
	t.Parallel()
	f := &fake{answers: map[string]string{"RCPT": "550 nobody"}}
	sender := f.start(t)
	sender.Helo = "app.example.com"
	if err := send(t, sender, message()); !config.IsPermanent(err) {
		t.Errorf("the error is %v", err)
	}
	if heard := f.heard(t); !strings.HasPrefix(heard, "EHLO app.example.com\n") || !strings.HasSuffix(heard, "\nQUIT") || strings.Contains(heard, "DATA") {
		t.Errorf("the server heard %q", heard)
	}
}

// TestBrokenConnection: the mail was not sent, and is sent again later.
func TestBrokenConnection(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "content", "."} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			f := &fake{answers: map[string]string{step: drop}}
			sender := f.start(t)
			sender.Username, sender.Password = username, password
			m := message()
			m.Text += strings.Repeat(long+"\n", 200)
			err := send(t, sender, m)
			if err == nil || config.IsPermanent(err) {
				t.Errorf("the error is %v", err)
			}
			tellsNothing(t, err)
			f.heard(t)
		})
	}
}

// TestInvalidResponses: the error is not permanent, and contains nothing that the server has seen.
func TestInvalidResponses(t *testing.T) {
	t.Parallel()
	for step, answer := range map[string]string{
		"greeting": "554 go away", "EHLO": "250", "AUTH": "334 !" + password, "MAIL": "what? max@example.com", "RCPT": "250-never ending\r\n2",
		"DATA": "250 s3cr3t", ".": "s3cr3t", "content": "s3cr3t",
	} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			f := &fake{answers: map[string]string{step: answer}}
			sender := f.start(t)
			sender.Username, sender.Password, sender.Timeout = username, password, 3*time.Second
			err := send(t, sender, message())
			if err == nil || config.IsPermanent(err) {
				t.Errorf("the error is %v", err)
			}
			if step != "DATA" { // at DATA the server has seen nothing of the mail
				tellsNothing(t, err)
			}
			f.heard(t)
		})
	}
	f := &fake{answers: map[string]string{"greeting": strings.Repeat("220-"+long+"\r\n", 1000) + "220 hello"}}
	if err := send(t, f.start(t), message()); err == nil || !strings.Contains(err.Error(), "more than 1 MiB") {
		t.Errorf("the error is %v", err)
	}
}

// TestFailedQuit: an error at QUIT is ignored, because the server has accepted the mail and must not get it twice.
func TestFailedQuit(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{drop, silent, "421 too late"} {
		f := &fake{answers: map[string]string{"QUIT": answer}}
		sender := f.start(t)
		start := time.Now()
		if err := send(t, sender, message()); err != nil || time.Since(start) > 30*time.Second { // send allows one minute
			t.Errorf("%s: %v after %v", answer, err, time.Since(start))
		}
		if heard := f.heard(t); !strings.HasSuffix(heard, "\n.\nQUIT") {
			t.Errorf("the server heard %q", heard)
		}
	}
}
