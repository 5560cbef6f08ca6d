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

// TestFullGateRefuses: a request does not wait if it would time out behind others of its lane. The first four of a lane and those of
// proven lanes are never refused.
func TestFullGateRefuses(t *testing.T) {
	t.Parallel()
	h := newHasher(t, params()) // waits for a second
	synctest.Test(t, func(t *testing.T) {
		h.gate = newGate(1)
		hash := func(took time.Duration, meanwhile func()) {
			leave, err := h.enter(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			meanwhile()
			time.Sleep(took)
			leave()
		}
		hash(300*time.Millisecond, func() {})
		hash(time.Hour, func() {}) // the machine stood still
		var all sync.WaitGroup
		a, b, c, home, ann := Lane{Name: "a"}, Lane{Name: "b"}, Lane{Name: "c"}, Lane{Name: "a"}, Lane{Name: "a"}
		home.Recognize()
		ann.Prove("ann")
		ann.Recognize()
		hash(0, func() {
			for i, next := range []struct {
				lane  Lane
				waits bool
			}{
				{a, true}, {a, true}, {a, true}, {a, true}, {a, true}, {a, false}, // after up to 4 of 300 ms, and 5
				{b, true}, {b, true}, {b, true}, {b, true}, {b, false},
				{home, true}, {home, true}, {home, true}, {home, true}, {home, false}, {a, false}, {c, true}, {ann, true}, {ann, true},
			} {
				ctx := WithLane(t.Context(), &next.lane)
				if err := h.Full(ctx); (err == nil) != next.waits || err != nil && !errors.Is(err, ErrBusy) {
					t.Errorf("%d: %v", i, err)
				} else if err == nil {
					all.Go(func() {
						if release, err := h.enter(ctx); err != nil && !errors.Is(err, ErrBusy) {
							t.Error(err)
						} else if err == nil {
							release()
						}
					})
					synctest.Wait()
				}
			}
		})
		all.Wait()
		if err := h.Full(WithLane(t.Context(), &a)); err != nil {
			t.Error("an empty queue:", err)
		}
		if lane := LaneOf(WithLane(t.Context(), &ann)); *lane != (Lane{Name: "ann", proven: true}) {
			t.Errorf("%+v", lane)
		}
	})
}
