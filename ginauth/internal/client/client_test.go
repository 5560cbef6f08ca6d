package client

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	for _, c := range []struct{ peer, forwarded, want string }{
		{"@", "203.0.113.9", "127.0.0.1"}, {"", "", ""}, {"x", "", ""}, // the first one is a Unix socket
		{"198.51.100.7:80", "203.0.113.9", "198.51.100.7"}, // no proxy, so its header does not count
		{"192.0.2.1:80", "", "192.0.2.1"},
		{"192.0.2.1:80", "203.0.113.9", "203.0.113.9"},
		{"192.0.2.1:80", "10.0.0.1, 203.0.113.9, 192.0.2.2", "203.0.113.9"},
		{"192.0.2.1:80", "203.0.113.9, evil, 192.0.2.2", "192.0.2.2"},
		{"[2001:db8::1]:80", `"[2001:db9::1]:443"`, "2001:db9::1"},
		{"192.0.2.1:80", "[2001:db9::1]", "2001:db9::1"},
		{"[::ffff:192.0.2.1]:80", "::ffff:203.0.113.9", "203.0.113.9"},
		{"[fe80::1%eth0]:80", "", "fe80::1"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": {c.forwarded}}}
		if got := Address(r, proxies); got != c.want {
			t.Errorf("from %q for %q: got %q, want %q", c.peer, c.forwarded, got, c.want)
		}
	}
}

// TestUnixSocket: the peer counts as 127.0.0.1.
func TestUnixSocket(t *testing.T) {
	t.Parallel()
	r := &http.Request{RemoteAddr: "@", Header: http.Header{"X-Forwarded-For": {"203.0.113.9"}}}
	local := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	if got := Address(r, local); got != "203.0.113.9" || BehindUnknownProxy(r, local) || !BehindUnknownProxy(r, nil) {
		t.Errorf("got %q, unknown proxies: %v, %v", got, BehindUnknownProxy(r, local), BehindUnknownProxy(r, nil))
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{{"curl/8", 255, "curl/8"}, {"a\r\nb\x00c\x7f", 255, "abc"}, {"a\xffb", 255, "ab"}, {"äöü", 5, "äö"}, {"abc", 0, ""}} {
		if got := Printable(c.in, c.n); got != c.want {
			t.Errorf("%q in %d bytes: got %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

func TestDevice(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "<b>evil.example": "", "curl/8.5.0": "curl",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                    "Firefox, Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Safari/537.36 Edg/138.0":     "Edge, Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/604.1": "Safari, iPhone",
	} {
		if got := Device(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
