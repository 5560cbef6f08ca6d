package social

// feature: what the routes share.

import (
	"sync/atomic"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

type feature struct {
	core    *core.Core
	cfg     config.Config
	options Options
	keys    *core.Keyring      // of stored tokens
	sources map[string]*source // by name
	queue   *core.Queue        // of revocations; nil if no provider has a RevokeURL

	hostWarned atomic.Bool // that a login began on another host than that of Options.URL

	pages    *pages        // where logins by redirect end; nil without them
	flowKeys *core.Keyring // of their state
}

const (
	mailConnected    = "social_connected"
	mailDisconnected = "social_disconnected"
)

// method returns models.Session.Method of a login by a provider.
func method(s *source) string { return "social:" + s.Name }
