package main

// A client of a system.

import (
	"fmt"
	"net/http"
)

// logIn returns the credential of a new login.
func (s *system) logIn(username string) http.Header {
	return s.credential(send(s.handler, request(http.MethodPost, s.loginPath, s.loginBody(username), nil)))
}

// me sends the protected request.
func (s *system) me(credential http.Header) (status int, body string) {
	w := send(s.handler, request(http.MethodGet, "/me", "", credential))
	return w.status, w.body.String()
}

// logInAll logs in the users 1 to n, one session each.
func (s *system) logInAll(n int) ([]http.Header, error) {
	credentials := make([]http.Header, n)
	for i := range credentials {
		credentials[i] = s.logIn(username(i + 1))
	}
	if status, body := s.me(credentials[n-1]); status != http.StatusOK {
		return nil, fmt.Errorf("%s: the last of %d logins gives %d %s", s.name, n, status, body)
	}
	return credentials, nil
}
