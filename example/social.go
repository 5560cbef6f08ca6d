package main

import (
	"net"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/ginauth/social/dev"
)

// providerPath is where the provider for development has its pages.
const providerPath = "/dev-provider"

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

// socialLogin returns the feature that logs users in with the provider for development, or nil. An application lists real
// providers here, such as social.Google(id, secret).
func (s *settings) socialLogin() (core.Feature, error) {
	if !s.dev {
		return nil, nil
	}
	provider, err := dev.New(s.public() + providerPath)
	if err != nil {
		return nil, err
	}
	s.provider = provider
	return social.Feature(social.Options{
		Providers: []social.Provider{provider.Provider()}, URL: s.public() + "/auth", Pages: []string{s.public()},
	}), nil
}

// addProvider adds the pages of the provider for development.
func (s *settings) addProvider(router *gin.Engine) {
	if s.provider != nil {
		router.Any(providerPath+"/*path", gin.WrapH(s.provider))
	}
}
