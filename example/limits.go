package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

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
	client, err := redisClient(s.limitsURL)
	if errors.Is(err, errClusterDB) {
		return l, fmt.Errorf("LIMITS_URL: %w", err)
	}
	if err != nil {
		return l, errors.New("LIMITS_URL must be redis://USER:PASS@HOST:PORT/DB, or rediss:// with TLS") // err can contain the password
	}
	l.Store = redislimit.New(client, redislimit.Options{Prefix: "example:limit:"})
	return l, nil
}

var errClusterDB = errors.New("with ?addr= it is a Redis Cluster, which has only database 0, so leave out /DB")

// redisClient returns a client of a server or, if the URL names other nodes with addr=HOST:PORT, of a cluster.
func redisClient(rawURL string) (redis.UniversalClient, error) {
	if u, err := url.Parse(rawURL); err == nil && u.Query().Has("addr") {
		if db := strings.Trim(u.Path, "/"); db != "" && db != "0" {
			return nil, errClusterDB
		}
		options, err := redis.ParseClusterURL(rawURL)
		if err != nil {
			return nil, err
		}
		return redis.NewClusterClient(options), nil
	}
	options, err := redis.ParseURL(rawURL)
	if err != nil {
		return nil, err
	}
	return redis.NewClient(options), nil
}
