package passhash

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// order makes requests of these lanes wait for one slot, in this order, and returns the order in which they get it.
func order(t *testing.T, lanes ...Lane) string {
	t.Helper()
	h := newHasher(t, params())
	var mu sync.Mutex
	var got []string
	synctest.Test(t, func(t *testing.T) {
		h.gate = newGate(1)
		leave, err := h.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for _, lane := range lanes {
			all.Go(func() {
				release, err := h.enter(WithLane(t.Context(), &lane))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				got = append(got, lane.Name)
				mu.Unlock()
				release()
			})
			synctest.Wait()
		}
		leave()
		all.Wait()
		if h.gate.free != 1 || len(h.gate.lanes) != 0 || len(h.gate.turns[0])+len(h.gate.turns[1]) != 0 {
			t.Errorf("left over: %+v", h.gate)
		}
	})
	return strings.Join(got, " ")
}

// TestNetworksTakeTurns: a network with many requests waits for itself.
func TestNetworksTakeTurns(t *testing.T) {
	t.Parallel()
	a, b, c := Lane{Name: "a"}, Lane{Name: "b"}, Lane{Name: "c"}
	if got := order(t, a, a, a, a, b, c, b); got != "a b c a b a a" {
		t.Error(got)
	}
}

// TestProvenRequestsComeFirst: requests of logged-in users do not wait for guesses.
func TestProvenRequestsComeFirst(t *testing.T) {
	t.Parallel()
	a, ann, bob := Lane{Name: "a"}, Lane{Name: "ann", proven: true}, Lane{Name: "bob", proven: true}
	if got := order(t, a, ann, bob, ann); got != "ann a bob ann" {
		t.Error(got)
	}
}

// TestOthersGetHalf: logged-in users who hash all the time do not keep others from logging in.
func TestOthersGetHalf(t *testing.T) {
	t.Parallel()
	a, ann, bob := Lane{Name: "a"}, Lane{Name: "ann", proven: true}, Lane{Name: "bob", proven: true}
	if got := order(t, a, a, a, ann, ann, ann, ann, bob, bob); got != "ann a bob a ann a bob ann ann" {
		t.Error(got)
	}
}

// TestProvenUserHasOneHash: one user cannot take all slots.
func TestProvenUserHasOneHash(t *testing.T) {
	t.Parallel()
	h := newHasher(t, params())
	synctest.Test(t, func(t *testing.T) {
		h.gate = newGate(3)
		ann := WithLane(t.Context(), &Lane{Name: "ann", proven: true})
		leave, err := h.enter(ann)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.enter(ann); !errors.Is(err, ErrBusy) {
			t.Errorf("a second hash: %v", err)
		}
		other, err := h.enter(t.Context())
		if err != nil {
			t.Errorf("another lane: %v", err)
		}
		leave()
		other()
	})
}

// TestGateLosesNoSlot: requests that leave at any moment give back what they got.
func TestGateLosesNoSlot(t *testing.T) {
	t.Parallel()
	h := newHasher(t, params())
	h.gate = newGate(2)
	var all sync.WaitGroup
	for i := range 400 {
		all.Go(func() {
			ctx, cancel := context.WithCancel(WithLane(context.Background(), &Lane{Name: fmt.Sprint(i % 7), proven: i%3 == 0}))
			go cancel()
			if release, err := h.enter(ctx); err == nil {
				release()
			}
		})
	}
	all.Wait()
	h.gate.mu.Lock()
	defer h.gate.mu.Unlock()
	if h.gate.free != 2 || len(h.gate.lanes) != 0 || len(h.gate.turns[0])+len(h.gate.turns[1]) != 0 {
		t.Errorf("left over: %d free, %v", h.gate.free, h.gate.lanes)
	}
}

// TestFullGateRefuses: a request does not wait if it would wait in vain. One of another lane waits for a turn of each lane only, and one
// of a known browser or a proven lane is never refused.
func TestFullGateRefuses(t *testing.T) {
	t.Parallel()
	h := newHasher(t, params()) // waits for a second
	synctest.Test(t, func(t *testing.T) {
		h.gate = newGate(1)
		leave, err := h.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond)
		leave()
		if leave, err = h.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		try := func(lane Lane) (waits bool) {
			ended := make(chan error, 1)
			all.Go(func() {
				release, err := h.enter(WithLane(t.Context(), &lane))
				if ended <- err; err == nil {
					release()
				}
			})
			synctest.Wait()
			if len(ended) == 0 {
				return true
			}
			if err := <-ended; !errors.Is(err, ErrBusy) {
				t.Error(err)
			}
			return false
		}
		a, b, home, ann := Lane{Name: "a"}, Lane{Name: "b"}, Lane{Name: "a", known: true}, Lane{Name: "ann", proven: true}
		for i, next := range []struct {
			lane  Lane
			waits bool
		}{ // the one before leaves its slot after 300 ms
			{a, true}, {a, true}, {a, true}, {a, true}, {a, false},
			{b, true}, {b, true}, {b, false}, // after 1, 3 and 5 others
			{a, false}, {home, true}, {home, true}, {home, true}, {ann, true},
		} {
			if got := try(next.lane); got != next.waits {
				t.Errorf("%d waits: %v", i, got)
			}
		}
		leave()
		all.Wait()
	})
}
