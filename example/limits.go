package main

import (
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/redislimit"
)

// limits returns the settings of rate limits. Processes with the same database share their limits, and so do those with the same
// LIMITS_URL.
func (s *settings) limits() (config.Limits, error) {
	l := config.Limits{TrustedNetworks: split(s.networks)}
	if s.limitsURL == "" {
		return l, nil
	}
	options, err := redis.ParseURL(s.limitsURL)
	if err != nil {
		return l, errors.New("LIMITS_URL must be redis://USER:PASS@HOST:PORT/DB, or rediss:// with TLS") // err can contain the password
	}
	l.Store = redislimit.New(redis.NewClient(options), redislimit.Options{Prefix: "example:limit:"})
	return l, nil
}
