package main

// A stage is a filled database with a server on it, and the requests to send there.

import (
	"context"
	"fmt"
	"os"

	"github.com/ginauth/gin-rest-auth/config"
)

type stage struct {
	server  *process
	traffic []traffic
	close   func()
}

// newStage fills a database with n users and sessions, and logs in as many users. hash is "cheap", or "" for the
// library's default.
func newStage(ctx context.Context, kind, dir, hash string, n, logins int) (*stage, error) {
	d, drop, err := create(ctx, kind, dir)
	if err != nil {
		return nil, err
	}
	progress(os.Stderr, "%s, filling in %d users", kind, n)
	params := config.Config{}.WithDefaults().Hash
	if hash == "cheap" {
		params = cheapHash
	}
	if err := fill(ctx, d, n, params); err != nil {
		drop()
		return nil, fmt.Errorf("filling: %w", err)
	}
	server, err := startServer(ctx, d, hash)
	if err != nil {
		drop()
		return nil, err
	}
	s := &stage{server: server, close: func() { server.stop(); drop() }}
	progress(os.Stderr, "%s, logging in %d users", kind, min(n, logins))
	if s.traffic, err = trafficOf(ctx, server.address, n, logins); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}
