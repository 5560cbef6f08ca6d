package config_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/config"
)

// FuzzValidOrigin: an origin that is accepted is one that a browser can send, byte by byte, and one that net/http trusts alone (T061).
func FuzzValidOrigin(f *testing.F) {
	for _, seed := range []string{
		"https://app.example.com", "https://app.example.com:8443", "https://app.example.com:443", "http://localhost:3000", "null", "https://a.example/", "https://A.example", "https://*.example", "https://u@a.example",
		"https://a.example.", "https://a.example:", "capacitor://localhost", "javascript://x", "https://[::1]:8080", "https://bücher.example", "https://a.example\t", "//a.example", "https:a.example",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, origin string) {
		if !config.ValidOrigin(origin) {
			return
		}
		u, err := url.Parse(origin)
		if err != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || strings.ContainsFunc(origin, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) {
			t.Errorf("%q is an origin: %v", origin, err)
		}
		if err := http.NewCrossOriginProtection().AddTrustedOrigin(origin); err != nil {
			t.Errorf("net/http does not take %q: %v", origin, err)
		}
	})
}
