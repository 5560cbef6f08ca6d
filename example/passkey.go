package main

import (
	"net"
	"net/url"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
)

// passkeys returns the feature that logs users in with passkeys, or nil where browsers have none: over http, and at IP addresses.
// On this machine they have them at http://localhost.
func (s *settings) passkeys() core.Feature {
	at, err := url.Parse(s.public())
	if err != nil {
		return nil
	}
	origin := at.Scheme + "://" + at.Host
	switch {
	case social.IsLoopback(at.Hostname()):
		origin = "http://localhost:" + at.Port()
	case at.Scheme != "https" || net.ParseIP(at.Hostname()) != nil:
		return nil
	}
	return passkey.Feature(passkey.Options{Origins: []string{origin}, SignUp: true})
}
