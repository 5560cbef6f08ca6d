package main

// Requests to a handler in the same process.

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
)

// request makes one as a server would receive it.
func request(method, path, body string, credential http.Header) *http.Request {
	r, err := http.NewRequestWithContext(context.Background(), method, "http://localhost"+path, strings.NewReader(body))
	if err != nil {
		panic(err) // all paths are constants
	}
	r.RequestURI, r.RemoteAddr = path, "127.0.0.1:1"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, values := range credential {
		r.Header[name] = values
	}
	return r
}

// recorder is a ResponseWriter that keeps the response and costs little.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

func send(h http.Handler, r *http.Request) *recorder {
	w := &recorder{header: http.Header{}}
	h.ServeHTTP(w, r)
	return w
}

func (w *recorder) cookies() []*http.Cookie { return (&http.Response{Header: w.header}).Cookies() }

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
