// Package openapitest holds what a server answers against the document that package openapi
// makes of it, in the tests of the application or of the library itself:
//
//	app := authtest.New(t, db)
//	handler := openapitest.Check(t, app.Auth, app.Router)
//	ann := authtest.NewClient(t, handler)
//
// Every answer of a route of the library must then have a status, a media type, headers and a
// body that the document has for it; a property that it does not have is wrong, too. It imports
// no database driver.
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

// Check returns a handler that fails the test when an answer of another one is not as
// documented. The options are those of openapi.Serve.
func Check(t testing.TB, auth *ginauth.Auth, handler http.Handler, opts ...openapi.Option) http.Handler {
	return New(auth, opts...).Handler(t, handler)
}

// Checker compares answers with a document. The document is read when the first request
// comes, and each schema when it is first needed, so that one Checker may serve many handlers
// and tests of one Auth at once.
type Checker struct {
	load func() (*book, error)

	mu   sync.Mutex
	seen map[string]bool // "GET /user/ 200"
}

// New returns a Checker on the document of an Auth. Routes of the application's own are not its
// business, wherever they are.
func New(auth *ginauth.Auth, opts ...openapi.Option) *Checker {
	return &Checker{seen: map[string]bool{}, load: sync.OnceValues(func() (*book, error) {
		document, err := openapi.Document(auth, opts...)
		if err != nil {
			return nil, err
		}
		return open(document, auth.Base())
	})}
}

// Handler is [Check] with this Checker.
func (c *Checker) Handler(t testing.TB, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kept := &recorder{ResponseWriter: w}
		method, path := r.Method, r.URL.Path // middleware may change them
		next.ServeHTTP(kept, r)
		if err := c.check(method, path, kept); err != nil {
			t.Errorf("%s %s is not as documented: %v\nstatus %d, %v\n%s", method, path, err, kept.code(), w.Header(), kept.body.Bytes())
		}
	})
}

func (c *Checker) check(method, path string, got *recorder) error {
	b, err := c.load()
	if err != nil {
		return err
	}
	name, err := b.check(method, path, answer{got.code(), got.Header(), got.body.Bytes()})
	if name != "" && err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.seen[name] = true
	}
	return err
}

// Missing lists the answers of success that no request has got yet, as "GET /user/ 200": what
// the tests have left out.
func (c *Checker) Missing() ([]string, error) {
	b, err := c.load()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(b.successes(), func(name string) bool { return c.seen[name] }), nil
}

// recorder passes an answer on and keeps a copy.
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
	if r.status < 200 { // those of 1xx come before the answer
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

// Flush implements http.Flusher, which Gin takes for granted.
func (r *recorder) Flush() { _ = http.NewResponseController(r.ResponseWriter).Flush() }

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
