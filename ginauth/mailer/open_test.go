package mailer_test

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/mailer"
)

func TestOpenSMTP(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]mailer.SMTP{
		"smtp://mail.example.com":                        {Host: "mail.example.com"},
		"SMTP://mail.example.com/":                       {Host: "mail.example.com"},
		"smtp://mail.example.com:465":                    {Host: "mail.example.com", Port: 465},
		"smtps://mail.example.com":                       {Host: "mail.example.com", TLS: mailer.TLSImplicit},
		"smtps://mail.example.com:4465?tls=implicit":     {Host: "mail.example.com", Port: 4465, TLS: mailer.TLSImplicit},
		"smtp://[::1]:25?tls=insecure-none":              {Host: "::1", Port: 25, TLS: mailer.TLSInsecureNone},
		"smtp://10.0.0.1?tls=insecure-none":              {Host: "10.0.0.1", TLS: mailer.TLSInsecureNone},
		"smtp://a:b@localhost?tls=insecure-none":         {Host: "localhost", TLS: mailer.TLSInsecureNone, Username: "a", Password: "b"},
		"smtp://a:b@127.9.9.9?tls=insecure-none":         {Host: "127.9.9.9", TLS: mailer.TLSInsecureNone, Username: "a", Password: "b"},
		"smtp://h:465?tls=starttls":                      {Host: "h", Port: 465, TLS: mailer.TLSStart},
		"smtp://h?timeout=1m30s&helo=app.example.com":    {Host: "h", Timeout: 90 * time.Second, Helo: "app.example.com"},
		"smtp://a%40b.c:p%25ss%3Aw%40rd%2F1@h?tls=":      {},
		"smtp://" + url.QueryEscape(username) + ":x@h:1": {Host: "h", Port: 1, Username: username, Password: "x"},
		(&url.URL{Scheme: "smtp", Host: "h", User: url.UserPassword(username, password)}).String(): {Host: "h", Username: username, Password: password},
	} {
		got, err := mailer.Open(raw, nil)
		if want.Host == "" {
			if err == nil {
				t.Errorf("%s is taken", raw)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v (%v), want %+v", raw, got, err, want)
		}
	}
}

// badURLs has invalid URLs with what the error must contain.
var badURLs = map[string]string{
	"":                                   "smtp://",
	"mail.example.com:25":                "smtp://",
	"http://mail.example.com":            "smtp://",
	"smtp:mail.example.com":              "smtp://",
	"dir:":                               "path",
	"log:":                               "console",
	"log:x":                              "log:",
	"smtp://":                            "host",
	"smtp://:25":                         "host",
	"smtp://h:0":                         "port",
	"smtp://h:65536":                     "port",
	"smtp://h:99999999999999999999":      "port",
	"smtp://h:smtp":                      "smtp://USER:PASS@HOST:PORT",
	"smtp://h/path":                      "parameters",
	"smtp://h#tls":                       "parameters",
	"smtp://h?tls=none":                  "starttls, implicit or insecure-none",
	"smtp://h?tls":                       `"tls"`,
	"smtp://h?tls=starttls&tls=implicit": `"tls"`,
	"smtp://h?TLS=starttls":              `"TLS"`,
	"smtp://h?starttls=no":               `"starttls"`,
	"smtp://h?timeout=10":                "10s",
	"smtp://h?timeout=-1s":               "10s",
	"smtp://h?helo=a%20b":                "helo",
	"smtp://h?helo=a%0d%0aMAIL":          "helo",
	"smtp://h?a=%zz":                     "tls=starttls",
	"smtp://h?a;b":                       "tls=starttls",
	"smtps://h?tls=starttls":             "smtps://",
	"smtps://h?tls=insecure-none":        "smtps://",
	"smtp://hunter2:swordfish@h?tls=on":  "insecure-none",
	"smtp://hunter2:swordfish@h?x=y":     `"x"`,
	"smtp://hunter2:swordfish@h:x":       "percent-encoded",
	"smtp://hunter2:swordfish@":          "host",
	"smtp://hunter2@h":                   "both",
	"smtp://:swordfish@h":                "both",
	"smtp://hunter2:sword%00fish@h":      "control",
	"smtp://hunter2:swordfish%zz@h":      "percent-encoded",
	"smtp://hunter2:25?swordfish@h":      "percent-encoded",
	"smtp://hunter2:25?x=swordfish@h":    "percent-encoded",
	"smtp://hunter2:25#swordfish@h":      "percent-encoded",
	"smtp://hunter2:25/swordfish@h":      "percent-encoded",
	"smtp:hunter2:swordfish@h":           "smtp://",
	"hunter2:swordfish@h":                "smtp://",
	"smtp://hunter2:swordfish@mail.example.com?tls=insecure-none": "tls=starttls",
	"smtp://hunter2:swordfish@127.0.0.1.nip.io?tls=insecure-none": "tls=starttls",
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for raw, says := range badURLs {
		sender, err := mailer.Open(raw, nil)
		if err == nil || sender != nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v (%v), want one that says %q", raw, err, sender, says)
			continue
		}
		keepsSecret(t, raw, err)
	}
}

// TestOpenHidesPasswords: errors do not contain a password that was not percent-encoded.
func TestOpenHidesPasswords(t *testing.T) {
	t.Parallel()
	refused := 0
	for c := range byte(128) {
		for _, raw := range []string{
			"smtp://hunter2:25" + string(c) + "swordfish@h", "smtp://hunter2:swordfish" + string(c) + "25@h:x", "smtp://hunter2" + string(c) + ":swordfish@h?x=1",
			"smtp://hunter2:swordfish" + string(c) + "@h?tls=x", string(c) + "smtp://hunter2:swordfish@h", "smtp" + string(c) + "hunter2:swordfish@h",
		} {
			if _, err := mailer.Open(raw, nil); err != nil {
				refused++
				keepsSecret(t, raw, err)
			}
		}
	}
	if refused < 500 {
		t.Errorf("only %d were refused", refused)
	}
}

func keepsSecret(t *testing.T, raw string, err error) {
	t.Helper()
	for _, secret := range []string{"hunter", "swordf", "fish"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q: the error has %q: %v", raw, secret, err)
		}
	}
}

func TestOpenOthers(t *testing.T) {
	t.Parallel()
	var console bytes.Buffer
	dir := filepath.Join(t.TempDir(), "a@b", "mails ?x")
	for _, raw := range []string{"log:", "dir:" + dir} {
		sender, err := mailer.Open(raw, &console)
		if err != nil {
			t.Fatal(err)
		}
		if err := send(t, sender, message()); err != nil {
			t.Error(err)
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("there are %v (%v)", files, err)
	}
	if !strings.Contains(console.String(), "max@example.com") {
		t.Errorf("the console has %q", console.String())
	}
}
