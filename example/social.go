package main

import (
	"net"
	"net/url"
	"strconv"

	"github.com/ginauth/gin-rest-auth/example/inbox"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/ginauth/social/dev"
)

// setDev reads the flag -dev. Default: on, if only this machine can reach the server.
func (s *settings) setDev(value string) (err error) {
	host, _, _ := net.SplitHostPort(s.addr)
	public, _ := url.Parse(s.public())
	s.dev = social.IsLoopback(host) && public != nil && public.Scheme == "http" && social.IsLoopback(public.Hostname()) && s.proxies == ""
	if value != "" {
		s.dev, err = strconv.ParseBool(value)
	}
	return err
}

// startDev starts the provider for development and the inbox, if they are wanted. Both have ports of their own, so that no proxy in
// front of this server leads to them.
func (s *settings) startDev() (err error) {
	if !s.dev {
		return nil
	}
	if s.provider, err = dev.Start(); err == nil && s.printsMails() {
		s.inbox, err = inbox.Start(s.public())
	}
	return err
}

func (s *settings) stopDev() {
	if s.provider != nil {
		_ = s.provider.Close()
	}
	if s.inbox != nil {
		_ = s.inbox.Close()
	}
}

// socialLogin returns the feature that logs users in with the provider for development, or nil. An application lists real
// providers here, such as social.Google(id, secret).
func (s *settings) socialLogin() core.Feature {
	if s.provider == nil {
		return nil
	}
	return social.Feature(social.Options{
		Providers: []social.Provider{s.provider.Provider()}, URL: s.public() + "/auth", Pages: []string{s.public()},
	})
}
