package sessionstore

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/sessions"
)

// fake is a store whose calls a test controls.
type fake struct {
	sessions.Store
	save func(w http.ResponseWriter, s *sessions.Session) error
}

func (f fake) Save(_ *http.Request, w http.ResponseWriter, s *sessions.Session) error {
	return f.save(w, s)
}

func request(t *testing.T) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTimedSaves(t *testing.T) {
	t.Parallel()
	failure := errors.New("no space")
	store := Timed(fake{save: func(w http.ResponseWriter, s *sessions.Session) error {
		w.Header().Add("Set-Cookie", "a=b")
		s.ID = "1"
		return failure
	}}, time.Hour)
	session, w := sessions.NewSession(store, "s"), HeaderWriter{"X": {"y"}}
	if err := store.Save(request(t), w, session); !errors.Is(err, failure) || session.ID != "1" || len(w["Set-Cookie"]) != 1 || len(w["X"]) != 1 {
		t.Errorf("%v, session %q, headers %v", err, session.ID, w)
	}
}

// TestTimedStoreHangs checks that a late call fails its request and does not change it, and that the number of hanging calls
// is limited.
func TestTimedStoreHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang, calls := make(chan struct{}), make(chan struct{}, 2*MaxCalls)
		store := Timed(fake{save: func(w http.ResponseWriter, s *sessions.Session) error {
			calls <- struct{}{}
			<-hang
			w.Header().Set("Set-Cookie", "late")
			s.ID = "late"
			return nil
		}}, time.Second)
		for range MaxCalls + 1 {
			session, w := sessions.NewSession(store, "s"), HeaderWriter{}
			if err := store.Save(request(t), w, session); !errors.Is(err, context.DeadlineExceeded) || session.ID != "" || len(w) > 0 {
				t.Fatalf("%v, session %q, headers %v", err, session.ID, w)
			}
		}
		close(hang)
		synctest.Wait()
		if len(calls) != MaxCalls {
			t.Errorf("%d calls", len(calls))
		}
		session := sessions.NewSession(store, "s")
		if err := store.Save(request(t), HeaderWriter{}, session); err != nil || session.ID != "late" {
			t.Errorf("after it came back: %v", err)
		}
	})
}

func TestTimedStorePanics(t *testing.T) {
	t.Parallel()
	store := Timed(fake{save: func(http.ResponseWriter, *sessions.Session) error { panic("canary") }}, time.Hour)
	defer func() {
		if p := recover(); fmt.Sprint(p) != "canary" {
			t.Errorf("panicked with %v", p)
		}
	}()
	_ = store.Save(request(t), HeaderWriter{}, sessions.NewSession(store, "s"))
}

func TestInCookie(t *testing.T) {
	t.Parallel()
	type own struct{ sessions.Store }
	cookie, file := sessions.NewCookieStore(), sessions.NewFilesystemStore("")
	for store, want := range map[any]bool{
		cookie: true, own{cookie}: true, &own{cookie}: true, file: false, own{file}: false, own{}: false, Timed(file, time.Second): false,
	} {
		if InCookie(store) != want {
			t.Errorf("%T: want %v", store, want)
		}
	}
	if InCookie(nil) || DialsWithoutTimeout(nil) || DialsWithoutTimeout(file) {
		t.Error("found what is not there")
	}
}
