package authtest_test

import (
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
)

// fatal is a test that keeps the message of Fatal.
type fatal struct {
	testing.TB
	said string
}

func (f *fatal) Helper() {}

func (f *fatal) Fatal(args ...any) {
	f.said, _ = args[0].(string)
	panic(f)
}

func (f *fatal) Fatalf(format string, _ ...any) { f.Fatal(format) }

// TestPasskeyLiteral: a Passkey without a key ends the test with a message, not with a nil pointer.
func TestPasskeyLiteral(t *testing.T) {
	app, inner := memory.New(t), &fatal{TB: t}
	browser := app.Client(inner)
	for _, use := range []func(p *authtest.Passkey){
		func(p *authtest.Passkey) { p.SignUp(browser, nil) }, func(p *authtest.Passkey) { p.LogIn(browser) }, func(p *authtest.Passkey) { p.Verify(browser, "x") },
	} {
		inner.said = ""
		func() {
			defer func() { _ = recover() }()
			use(&authtest.Passkey{})
		}()
		if !strings.Contains(inner.said, "app.NewPasskey(t)") {
			t.Errorf("said %q", inner.said)
		}
	}
}

// TestPasskeyOfAPort: the default page is the first one that the feature knows.
func TestPasskeyOfAPort(t *testing.T) {
	options := passkey.Options{Origins: []string{"android:apk-key-hash:3kT7QxVnWqJmT5oYJd2mA1c8m6b3mS0Yx9f2n4p5q6s", "http://localhost:8090", "https://example.com"}, RPID: "localhost"}
	app := authtest.With(passkey.Feature(options)).New(t, memory.Open(t))
	browser := app.Client(t)
	browser.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	app.Passkey(t, browser).LogIn(app.Client(t)).Want(200)
}

// TestFind: the last mail of a kind, or the end of the test.
func TestFind(t *testing.T) {
	box := &authtest.Mailbox{}
	app := memory.New(t, box.Configure)
	var mails []authtest.Mail
	for _, name := range []string{"ann", "bob"} {
		app.Client(t).Post("/auth/registration/", authtest.SignUp(name)).Want(201)
		mails = append(mails, app.Mails(t, box)...)
	}
	if got := authtest.Find(t, mails, "verify").To; got != "bob@example.com" {
		t.Errorf("got the mail to %s", got)
	}
	inner := &fatal{TB: t}
	func() {
		defer func() { _ = recover() }()
		authtest.Find(inner, mails, "reset")
	}()
	if !strings.Contains(inner.said, "no mail of kind") {
		t.Errorf("said %q", inner.said)
	}
}
