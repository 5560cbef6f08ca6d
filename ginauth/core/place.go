package core

// Where a request comes from: its address, and the network that limits and lanes count.

import (
	"log/slog"
	"net/netip"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
)

// place is where a request comes from. Each is "" if it is unknown.
type place struct {
	address string
	network string // of the address
	counted string // the network if limits count it: it is not trusted, and not that of an unknown proxy
}

// placeKey has the place of a request once it is known.
type placeKey struct{}

func (c *Core) placeOf(g *gin.Context) *place {
	if known, found := g.Get(placeKey{}); found {
		return known.(*place)
	}
	address := client.Address(g.Request, c.proxies)
	p := &place{address: address, network: client.Network(address)}
	if c.counts(g, address) {
		p.counted = p.network
	}
	g.Set(placeKey{}, p)
	return p
}

// counts reports whether limits count the network of a request.
func (c *Core) counts(g *gin.Context, address string) bool {
	if c.cfg.Limits.AllowUnlimited {
		return false
	}
	if client.BehindUnknownProxy(g.Request, c.proxies) {
		c.warnOfProxy(g)
		return false
	}
	parsed, err := netip.ParseAddr(address)
	return err == nil && !slices.ContainsFunc(c.limits.Trusted, func(p netip.Prefix) bool { return p.Contains(parsed) })
}

// network returns the client's network; "" if it is unknown or trusted, or limits are off.
func (c *Core) network(g *gin.Context) string { return c.placeOf(g).counted }

// warnOfProxy says once that all clients seem to have one address.
func (c *Core) warnOfProxy(g *gin.Context) {
	if !c.proxyWarned.Swap(true) {
		c.cfg.Logger.LogAttrs(g.Request.Context(), slog.LevelWarn, "ginauth: requests come through a proxy that TrustedProxies does not name, so limits by network "+
			"are off for them, and sessions show the proxy's address; add the proxy to TrustedProxies", slog.String("peer", g.Request.RemoteAddr))
	}
}

// prefixes parses the addresses and CIDR ranges of a setting.
func prefixes(setting string, list []string) (parsed []netip.Prefix, err error) {
	for _, text := range list {
		prefix, err := config.ParsePrefix(text)
		if err != nil {
			return nil, &config.Mistake{Setting: setting, Err: err}
		}
		parsed = append(parsed, prefix)
	}
	return parsed, nil
}
