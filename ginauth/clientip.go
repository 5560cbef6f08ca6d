package ginauth

// The network address of the client, with and without trusted proxies.

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// clientAddress returns the address of the client for display: the peer's, or the
// nearest one in X-Forwarded-For that is not a trusted proxy (T180).
func (a *Auth) clientAddress(r *http.Request) string {
	return clientAddress(r, a.proxies)
}

// clientAddress walks X-Forwarded-For from the right for as long as it was written by
// a trusted proxy. Gin's ClientIP is not used: it believes everybody until the
// application says otherwise. What is malformed stops the walk.
func clientAddress(r *http.Request, proxies []netip.Prefix) string {
	address, ok := parseAddress(r.RemoteAddr)
	if !ok {
		return ""
	}
	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(forwarded) {
		if !slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(address) }) {
			break
		}
		next, ok := parseAddress(hop)
		if !ok {
			break
		}
		address = next
	}
	return address.String()
}

// parseAddress reads an address as proxies write it: with or without a port, an IPv6 address
// also in brackets, either in quotes.
func parseAddress(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if inner, quoted := strings.CutPrefix(s, `"`); quoted && strings.HasSuffix(inner, `"`) {
		s = inner[:len(inner)-1]
	}
	address, err := netip.ParseAddr(s)
	if err != nil && strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		s += ":0"
	}
	if err != nil {
		var withPort netip.AddrPort
		withPort, err = netip.ParseAddrPort(s)
		address = withPort.Addr()
	}
	return address.Unmap().WithZone(""), err == nil
}
