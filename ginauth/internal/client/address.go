// Package client describes the client of a request: its network address, and the device that its User-Agent names.
package client

// The network address of the client, with and without trusted proxies, and whether it is still there.

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Address returns the address of the client for display: the peer's, or the nearest one in
// X-Forwarded-For that is not a trusted proxy. It returns "" if the peer's is unknown.
func Address(r *http.Request, proxies []netip.Prefix) string {
	// Gin's ClientIP is not used: it trusts every proxy unless the application says otherwise.
	address, ok := peer(r)
	if !ok {
		return ""
	}
	header := r.Header.Values("X-Forwarded-For")
	if len(header) == 0 {
		return address.String()
	}
	for _, hop := range slices.Backward(strings.Split(strings.Join(header, ","), ",")) { // only entries of trusted proxies count (T180); a malformed one ends the search
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

// peer returns the address of what is connected. A Unix socket has none; a process of this machine is at its other end.
func peer(r *http.Request) (netip.Addr, bool) {
	if r.RemoteAddr == "@" { // "" are requests that the library makes itself
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), true
	}
	return parseAddress(r.RemoteAddr)
}

// parseAddress reads an address as proxies write it: with or without a port, an IPv6 address
// also in brackets, either in quotes.
func parseAddress(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if inner, quoted := strings.CutPrefix(s, `"`); quoted && strings.HasSuffix(inner, `"`) {
		s = inner[:len(inner)-1]
	}
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		s += ":0"
	}
	withPort, err := netip.ParseAddrPort(s)
	address := withPort.Addr()
	if err != nil {
		address, err = netip.ParseAddr(s)
	}
	return address.Unmap().WithZone(""), err == nil
}

// Left reports whether the client closed the connection. Later errors of the request are not logged.
func Left(r *http.Request) bool { return errors.Is(r.Context().Err(), context.Canceled) }

// translated are IPv4 clients in the eyes of a server that has only IPv6 (RFC 6052): all of them are in one /64.
var translated = netip.MustParsePrefix("64:ff9b::/96")

// Network returns the network of an address, as rate limits count: the address itself of IPv4, and the /64 of IPv6, which one
// customer has. It returns "" for what is no address.
func Network(address string) string {
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	if wide := parsed.As16(); translated.Contains(parsed) {
		parsed = netip.AddrFrom4([4]byte(wide[12:]))
	}
	bits := 64
	if parsed.Is4() {
		bits = 32
	}
	network, err := parsed.Prefix(bits)
	if err != nil {
		return ""
	}
	return network.String()
}

// Site returns the IPv6 /48 around a Network, or "" for any other: one customer has its 65,536 networks, and they cost no more than one.
func Site(network string) string {
	if !strings.Contains(network, ":") {
		return ""
	}
	return WideNetwork(network)
}

// WideNetwork returns what is around a Network: the /24 of IPv4 and the /48 of IPv6, which one customer can have for little
// money. It returns "" for what is no network.
func WideNetwork(network string) string {
	parsed, err := netip.ParsePrefix(network)
	if err != nil {
		return ""
	}
	bits := 48
	if parsed.Addr().Is4() {
		bits = 24
	}
	wide, err := parsed.Addr().Prefix(bits)
	if err != nil {
		return ""
	}
	return wide.String()
}

// BehindUnknownProxy reports whether the peer looks like a reverse proxy that is not trusted: it sits in a private network
// and forwards a client's address. All clients then seem to have one address.
func BehindUnknownProxy(r *http.Request, proxies []netip.Prefix) bool {
	peer, ok := peer(r)
	if !ok || r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == "" {
		return false
	}
	trusted := slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(peer) })
	return !trusted && (peer.IsPrivate() || peer.IsLoopback() || peer.IsLinkLocalUnicast())
}
