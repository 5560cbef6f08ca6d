package social

// Which hosts and requests are of this machine.

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Local reports whether a request comes from this machine, and through no proxy: the listener, the client and the Host are
// loopback, no header names a proxy or a page of another host, and it is not HTTP/1.0, which proxies speak by default. Behind a proxy on
// the same machine, every request comes from 127.0.0.1.
func Local(r *http.Request) bool {
	for name := range r.Header {
		if name == "Forwarded" || name == "Via" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
			return false
		}
	}
	for _, name := range []string{"Origin", "Referer"} {
		if page := r.Header.Get(name); page != "" && page != "null" {
			if u, err := url.Parse(page); err != nil || !IsLoopback(u.Hostname()) {
				return false
			}
		}
	}
	listener, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	host := &url.URL{Host: r.Host}
	return listener != nil && isLoopbackAddress(listener.String()) && isLoopbackAddress(r.RemoteAddr) && IsLoopback(host.Hostname()) && r.ProtoAtLeast(1, 1)
}

func isLoopbackAddress(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && IsLoopback(host)
}

// IsLoopback reports whether a host is this machine: "localhost", or an IP address that never leaves it. The host has no port, and
// an IPv6 address no brackets, as url.URL.Hostname returns it. It looks up no name.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
