package main

// Requests to a handler in the same process.

import (
	"bytes"
	"context"
	"net/http"
	"strings"
)

// request returns a request as a server would receive it.
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
