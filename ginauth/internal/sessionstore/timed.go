// Package sessionstore bounds how long requests wait for an application's session store, and detects the kind of a store.
package sessionstore

// A session store whose calls have a time limit: its methods take no context.

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gorilla/sessions"
)

// MaxCalls is the maximum number of concurrent calls of a timed store, and so of goroutines that a hanging store can block.
// Further requests wait for a slot, as long as they would wait for the store.
const MaxCalls = 100

// timedStore limits how long a request waits for a session store, whose methods take no context. A late call continues in
// its goroutine, on copies of everything that the request uses.
type timedStore struct {
	sessions.Store
	limit time.Duration
	slots chan struct{}
}

// Timed returns the store with a limit on how long a request waits for a call. A late call fails the request, and continues
// in the background.
func Timed(store sessions.Store, limit time.Duration) sessions.Store {
	return &timedStore{store, limit, make(chan struct{}, MaxCalls)}
}

// Get implements sessions.Store.
func (s *timedStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New implements sessions.Store.
func (s *timedStore) New(r *http.Request, name string) (session *sessions.Session, err error) {
	late := s.call(r, func(r *http.Request) func() {
		found, failure := s.Store.New(r, name)
		return func() { session, err = found, failure }
	})
	if late != nil {
		return sessions.NewSession(s, name), late // gorilla needs one
	}
	return session, err
}

// Save implements sessions.Store.
func (s *timedStore) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) (err error) {
	saved, response := *session, HeaderWriter(w.Header().Clone())
	saved.Values = maps.Clone(session.Values)
	if session.Options != nil {
		options := *session.Options
		saved.Options = &options
	}
	late := s.call(r, func(r *http.Request) func() {
		failure := s.Store.Save(r, response, &saved)
		return func() {
			*session, err = saved, failure
			maps.Copy(w.Header(), response.Header())
		}
	})
	if late != nil {
		return late
	}
	return err
}

// call runs do in a goroutine, and the function that do returns in this one, unless the call is late. A panic in the store
// becomes a panic of the request.
func (s *timedStore) call(r *http.Request, do func(*http.Request) func()) error {
	ctx, cancel := context.WithTimeout(r.Context(), s.limit)
	defer cancel()
	late := func() error { return fmt.Errorf("the session store did not answer within Timeout: %w", ctx.Err()) }
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return late()
	}
	done := make(chan func(), 1)
	copied := r.Clone(ctx)
	go func() {
		defer func() {
			<-s.slots
			if p := recover(); p != nil {
				stack := debug.Stack()
				if err, is := p.(error); !is || !errors.Is(err, http.ErrAbortHandler) { // which net/http must see as it is
					p = storePanic{p, stack}
				}
				done <- func() { panic(p) }
			}
		}()
		done <- do(copied)
	}()
	select {
	case finish := <-done:
		finish()
		return nil
	case <-ctx.Done():
		return late()
	}
}

// storePanic is a panic in the goroutine of a call. Package paniclog logs its stack.
type storePanic struct {
	value any
	stack []byte
}

// Panicked returns the value of the panic, and where it was.
func (p storePanic) Panicked() (value any, stack []byte) { return p.value, p.stack }

// String returns the value, for the application's own recovery.
func (p storePanic) String() string { return fmt.Sprint(p.value) }

// HeaderWriter is a ResponseWriter that keeps the headers and drops the rest: stores only set cookies.
type HeaderWriter http.Header

// Header implements http.ResponseWriter.
func (w HeaderWriter) Header() http.Header { return http.Header(w) }

// Write implements http.ResponseWriter.
func (HeaderWriter) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader implements http.ResponseWriter.
func (HeaderWriter) WriteHeader(int) {}
