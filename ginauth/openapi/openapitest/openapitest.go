// Package openapitest checks in tests that the responses of a server match its OpenAPI document, which package openapi
// creates. Use it as a contract test for your forms, views and error codes:
//
//	app := memory.New(t)
//	handler := openapitest.Check(t, app.Auth, app.Router)
//	ann := authtest.NewClient(t, handler)
//	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
//
// The test fails if a route of the library returns a status, media type, header or body that the document does not describe.
// A property that the schema does not have is also a failure. Other routes are not checked.
//
// The package imports no database driver.
package openapitest

import (
	"bytes"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi"
)

// Check returns a handler that passes requests to handler, and fails the test if a response does not match the document of
// auth. Pass the same options as to openapi.Serve. It can be used concurrently.
func Check(t testing.TB, auth *ginauth.Auth, handler http.Handler, opts ...openapi.Option) http.Handler {
	return New(auth, opts...).Handler(t, handler)
}

// Checker compares responses with a document and records which of them it has seen. Share one Checker between the handlers and
// tests of one Auth to learn what they leave out; see [Checker.Missing]. It is safe for concurrent use.
type Checker struct {
	load func() (*book, error)

	mu   sync.Mutex
	seen map[string]bool // "GET /user/ 200"
}

// New returns a Checker for the document of an Auth. It creates the document at the first request. Pass the same options as to
// openapi.Serve.
func New(auth *ginauth.Auth, opts ...openapi.Option) *Checker {
	return &Checker{seen: map[string]bool{}, load: sync.OnceValues(func() (*book, error) {
		document, err := openapi.Document(auth, opts...)
		if err != nil {
			return nil, err
		}
		return open(document, auth.Base())
	})}
}

// Handler returns a handler that passes requests to next, and fails the test if a response does not match the document.
func (c *Checker) Handler(t testing.TB, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kept := &recorder{ResponseWriter: w}
		method, path := r.Method, r.URL.Path // middleware can change them
		next.ServeHTTP(kept, r)
		if err := c.check(method, path, kept); err != nil {
			t.Errorf("%s %s does not match the document: %v\nstatus %d, %v\n%s", method, path, err, kept.code(), w.Header(), kept.body.Bytes())
		}
	})
}

func (c *Checker) check(method, path string, got *recorder) error {
	b, err := c.load()
	if err != nil {
		return err
	}
	name, err := b.check(method, path, response{got.code(), got.Header(), got.body.Bytes()})
	if name != "" && err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.seen[name] = true
	}
	return err
}

// Missing returns the documented responses with a status of 2xx that no request has received, such as "GET /user/ 200".
func (c *Checker) Missing() ([]string, error) {
	b, err := c.load()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(b.successes(), func(name string) bool { return c.seen[name] }), nil
}

// recorder forwards a response and keeps a copy.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) code() int {
	if r.status == 0 {
		return http.StatusOK
	}
	return r.status
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status < 200 { // 1xx comes before the final status
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

// Flush implements http.Flusher, which Gin expects.
func (r *recorder) Flush() { _ = http.NewResponseController(r.ResponseWriter).Flush() }

// Unwrap lets http.ResponseController find the original writer.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
