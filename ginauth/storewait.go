package ginauth

// A session store whose calls end in time: its methods take no context.

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"time"

	"github.com/gorilla/sessions"
)

// maxStoreCalls is how many calls of the application's session store may be in progress. A store
// that hangs keeps so many goroutines and no more; further requests wait for a place, as long as
// they would wait for the store.
const maxStoreCalls = 100

// timedStore bounds how long a request waits for a session store, whose methods take no context. A
// call that is late goes on in its goroutine, on copies of everything that the request uses.
type timedStore struct {
	sessions.Store
	limit time.Duration
	slots chan struct{}
}

func timed(store sessions.Store, limit time.Duration) *timedStore {
	return &timedStore{store, limit, make(chan struct{}, maxStoreCalls)}
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
	saved, answer := *session, discard{w.Header().Clone()}
	saved.Values = maps.Clone(session.Values)
	if session.Options != nil {
		options := *session.Options
		saved.Options = &options
	}
	late := s.call(r, func(r *http.Request) func() {
		failure := s.Store.Save(r, answer, &saved)
		return func() {
			*session, err = saved, failure
			maps.Copy(w.Header(), answer.header)
		}
	})
	if late != nil {
		return late
	}
	return err
}

// call runs a call of the store in a goroutine, and what it returns in this one, unless the call
// is late. A panic of the store becomes one of the request.
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

// bare is a context with the deadline of another one and none of its values.
type bare struct{ context.Context }

// Value implements context.Context.
func (bare) Value(any) any { return nil }

// dialsWithoutTimeout reports whether a session store is gin-contrib's redis one with the pool that
// redistore makes itself: its connections have no time-out, and it cannot be given one.
func dialsWithoutTimeout(store any) bool {
	v := reflect.Indirect(reflect.ValueOf(store))
	for _, field := range []string{"RediStore", "Pool"} {
		if v.Kind() != reflect.Struct {
			return false
		}
		v = reflect.Indirect(v.FieldByName(field))
	}
	if v.Kind() != reflect.Struct {
		return false
	}
	dial := v.FieldByName("Dial")
	return dial.Kind() == reflect.Func && !dial.IsNil() && strings.Contains(runtime.FuncForPC(dial.Pointer()).Name(), "/redistore.")
}

// ofRedis finds such a store.
func (k *checker) ofRedis() {
	if dialsWithoutTimeout(k.cfg.SessionStore) {
		k.add(SeverityWarning, "SessionStore", "make it with redis.NewStoreWithPool, and a Dial with connect, read and write time-outs",
			"its connections have no time-outs: while Redis hangs, each request with a session waits for Timeout, %s, and up to %d connections hang",
			k.cfg.Timeout, maxStoreCalls)
	}
}

// discard is a ResponseWriter whose headers nobody sees.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}
