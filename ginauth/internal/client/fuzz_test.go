package client

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

// FuzzAddress: the address is one of the request's, and only entries that trusted proxies wrote count (T180). Its network contains it.
func FuzzAddress(f *testing.F) {
	for _, seed := range [][2]string{
		{"198.51.100.7:80", "203.0.113.9"}, {"192.0.2.1:80", "203.0.113.9"}, {"192.0.2.1:80", "10.0.0.1, 203.0.113.9, 192.0.2.2"}, {"192.0.2.1:80", `"[2001:db9::1]:443"`},
		{"[fe80::1%eth0]:80", "x"}, {"192.0.2.1:80", "192.0.2.2, , 203.0.113.9"}, {"[::ffff:192.0.2.1]:1", "0x7f.1"}, {"192.0.2.1:80", "64:ff9b::1.2.3.4"}, {"", ""}, {"@", "127.0.0.1"},
	} {
		f.Add(seed[0], seed[1])
	}
	proxies := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	f.Fuzz(func(t *testing.T, peer, forwarded string) {
		r := &http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": {forwarded}}}
		alone, got := Address(r, nil), Address(r, proxies)
		if peer == "@" {
			peer = "127.0.0.1" // a Unix socket
		}
		own, known := parseAddress(peer)
		if known != (alone != "") || known && alone != own.String() {
			t.Fatalf("without proxies, %q for %q is %q", peer, forwarded, alone)
		}
		if got == alone {
			wantNetworks(t, got)
			return
		}
		if want := nearest(proxies, own, strings.Split(forwarded, ",")).String(); got != want {
			t.Errorf("%q for %q is %q, want %q", peer, forwarded, got, want)
		}
		wantNetworks(t, got)
	})
}

// nearest returns the address that a chain of proxies vouches for: the peer's or, while that is a proxy, the one before it.
func nearest(proxies []netip.Prefix, peer netip.Addr, hops []string) netip.Addr {
	if len(hops) == 0 || !proxies[0].Contains(peer) && !proxies[1].Contains(peer) {
		return peer
	}
	last := len(hops) - 1
	if next, ok := parseAddress(hops[last]); ok {
		return nearest(proxies, next, hops[:last])
	}
	return peer
}

// wantNetworks wants the networks of an address to contain it, and to be networks of themselves.
func wantNetworks(t *testing.T, address string) {
	t.Helper()
	if address == "" {
		if Network(address) != "" {
			t.Error("a network of nothing")
		}
		return
	}
	at, err := netip.ParseAddr(address)
	if err != nil || at.Zone() != "" || at.Is4In6() {
		t.Fatalf("%q is no address: %v", address, err)
	}
	network, err := netip.ParsePrefix(Network(address))
	if err != nil || !translated.Contains(at) && !network.Contains(at) {
		t.Errorf("the network of %s is %v, %v", address, network, err)
	}
	if wide, err := netip.ParsePrefix(WideNetwork(network.String())); err != nil || !wide.Contains(network.Addr()) || wide.Bits() >= network.Bits() {
		t.Errorf("around %v is %v, %v", network, wide, err)
	}
}
