package dev

// Start: the provider on a port of its own.

import (
	"errors"
	"net"
	"net/http"
	"time"
)

// Start returns a provider that listens on a free port of 127.0.0.1, so you mount nothing. Prefer it to [New]: a proxy on this machine
// that forwards to the port of your application, whatever headers it sends, does not lead to the page where a user is chosen. Call
// Close at the end.
func Start(list ...User) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s, err := New("http://"+listener.Addr().String(), list...)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }() // until Close
	return s, nil
}

// Close ends the listener of [Start].
func (s *Server) Close() error {
	if s.server == nil {
		return nil
	}
	return s.server.Close()
}
