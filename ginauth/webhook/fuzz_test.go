package webhook

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// FuzzURL: the address of an endpoint that is accepted makes a request of https to a host, without a user (T149).
func FuzzURL(f *testing.F) {
	for _, seed := range []string{
		"https://hooks.example/in", "http://hooks.example/in", "https://user:secret@hooks.example/", "https:///in", "https://:443/", "https://a.example/#x", "//a.example", "https:a.example",
		"https://[::1]/", "https://127.0.0.1\\@evil.example/", "https://a.example:99999/", "HTTPS://a.example/", "https://a.example/\r\nHost: evil.example", "ftp://a.example", "https://a.example?secret=%00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if checkURL(text, false) != nil {
			return
		}
		if checkURL(text, true) != nil {
			t.Errorf("%q is refused when more is allowed", text)
		}
		r, err := http.NewRequest(http.MethodPost, text, strings.NewReader("{}"))
		if err != nil {
			t.Fatalf("%q is accepted, and no request: %v", text, err)
		}
		u, err := url.Parse(r.URL.String())
		if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Hostname() != r.URL.Hostname() || strings.ContainsAny(r.URL.Host, "\r\n \\/@") {
			t.Errorf("%q leads to %v: %v", text, r.URL, err)
		}
	})
}
