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

// proven returns the lane of a user who has proven a session.
func proven(name string) *Lane {
	l := NewLane("", "")
	l.Prove(name)
	return l
}

// order makes requests of these lanes wait for one slot, in this order, and returns the order in which they get it. places is how many of
// them can be next.
func order(t *testing.T, places int, lanes ...*Lane) string {
	t.Helper()
	h := newHasher(t, params())
	var mu sync.Mutex
	var got []string
	synctest.Test(t, func(t *testing.T) {
		h.places, h.slots = newGate(places), newGate(1)
		leave, err := h.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for _, lane := range lanes {
			all.Go(func() {
				release, err := h.enter(WithLane(t.Context(), lane))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				got = append(got, lane.now.name)
				mu.Unlock()
				time.Sleep(time.Millisecond) // so the others are waiting again
				release()
			})
			synctest.Wait()
		}
		leave()
		all.Wait()
		wantEmpty(t, h)
	})
	return strings.Join(got, " ")
}

// wantEmpty fails if a hasher without requests has something left over.
func wantEmpty(t *testing.T, h *Hasher) {
	t.Helper()
	for name, g := range map[string]*gate{"places": h.places, "slots": h.slots} {
		g.mu.Lock()
		if g.free != g.size || len(g.lanes) != 0 || len(g.turns[0])+len(g.turns[1]) != 0 {
			t.Errorf("%s: %d of %d are free, and there are left %v %v", name, g.free, g.size, g.lanes, g.turns)
		}
		g.mu.Unlock()
	}
}

// TestNetworksTakeTurns: a network with many requests waits for itself.
func TestNetworksTakeTurns(t *testing.T) {
	t.Parallel()
	for places, want := range map[int]string{1: "a a b c a b a", 2: "a a a b c a b", 7: "a b c a b a a"} { // those with a place are next
		a := func() *Lane { return NewLane("a", "a") }
		b := func() *Lane { return NewLane("b", "b") }
		if got := order(t, places, a(), a(), a(), a(), b(), NewLane("c", "c"), b()); got != want {
			t.Errorf("%d places: %s", places, got)
		}
	}
}

// TestProvenRequestsComeFirst: requests of logged-in users do not wait for guesses.
func TestProvenRequestsComeFirst(t *testing.T) {
	t.Parallel()
	if got := order(t, 2, NewLane("a", "a"), proven("ann"), proven("bob"), proven("ann")); got != "ann a bob ann" {
		t.Error(got)
	}
}

// TestOthersGetHalf: logged-in users who hash all the time do not keep others from logging in.
func TestOthersGetHalf(t *testing.T) {
	t.Parallel()
	a := func() *Lane { return NewLane("a", "a") }
	ann := func() *Lane { return proven("ann") }
	if got := order(t, 2, a(), a(), a(), ann(), ann(), ann(), ann(), proven("bob"), proven("bob")); got != "ann a bob a ann a bob ann ann" {
		t.Error(got)
	}
}

// TestUsersOfANetworkTakeTurns: a network with many accounts waits for itself, as it does without a session.
func TestUsersOfANetworkTakeTurns(t *testing.T) {
	t.Parallel()
	user := func(network, name string) *Lane {
		l := NewLane(network, network)
		l.Prove(name)
		return l
	}
	got := order(t, 2, user("a", "a1"), user("a", "a2"), user("a", "a3"), user("a", "a1"), user("b", "ann"), user("b", "bob"), user("c", "cyd"), user("", "dan"), user("", "eve"))
	if got != "a1 ann cyd dan eve a2 bob a3 a1" {
		t.Error(got)
	}
	// A user with requests from two networks still has one hash at a time, and takes the turns of the one that waited first.
	if got := order(t, 2, user("a", "a1"), user("a", "a2"), user("b", "a2"), user("b", "bob")); got != "a1 bob a2 a2" {
		t.Error(got)
	}
}

// TestProvenUserHasOneHash: one user cannot take all slots.
func TestProvenUserHasOneHash(t *testing.T) {
	t.Parallel()
	h := newHasher(t, params())
	synctest.Test(t, func(t *testing.T) {
		h.slots = newGate(3)
		ann := WithLane(t.Context(), proven("ann"))
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
	h.places, h.slots = newGate(3), newGate(2)
	var all sync.WaitGroup
	for i := range 400 {
		all.Go(func() {
			lane := NewLane(fmt.Sprint(i%7), fmt.Sprint(i%7))
			if i%3 == 0 {
				lane.Prove(fmt.Sprint(i % 7))
			}
			ctx, cancel := context.WithCancel(WithLane(context.Background(), lane))
			go cancel()
			defer lane.Leave()
			if i%2 == 0 && h.Admit(ctx) == nil && i%5 == 0 {
				return // without a hash
			}
			if i%8 == 0 {
				lane.Prove("late")
			}
			for range 2 {
				if release, err := h.enter(ctx); err == nil {
					release()
				}
			}
		})
	}
	all.Wait()
	wantEmpty(t, h)
}

// TestAdmit: a request has one place until it hashes or leaves, and needs none for a second hash.
func TestAdmit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do   func(h *Hasher, ctx context.Context, l *Lane)
		free bool
	}{
		"nothing":        {func(*Hasher, context.Context, *Lane) {}, false},
		"it leaves":      {func(_ *Hasher, _ context.Context, l *Lane) { l.Leave(); l.Leave() }, true},
		"it is proven":   {func(_ *Hasher, _ context.Context, l *Lane) { l.Prove("ann") }, true},
		"admitted again": {func(h *Hasher, ctx context.Context, _ *Lane) { _ = h.Admit(ctx) }, false},
		"it hashes":      {func(h *Hasher, ctx context.Context, _ *Lane) { _, _ = h.enter(ctx) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHasher(t, params())
			synctest.Test(t, func(t *testing.T) {
				h.places, h.slots = newGate(1), newGate(2)
				lane := NewLane("a", "a")
				ctx, began := WithLane(t.Context(), lane), time.Now()
				if err := h.Admit(ctx); err != nil {
					t.Fatal(err)
				}
				test.do(h, ctx, lane)
				err, want := h.Admit(WithLane(t.Context(), NewLane("b", "b"))), time.Duration(0)
				if !test.free {
					want = h.params.Wait
				}
				if (err == nil) != test.free || time.Since(began) != want {
					t.Error(err, time.Since(began))
				}
				began = time.Now()
				for _, ctx := range []context.Context{WithLane(t.Context(), proven("bob")), t.Context()} {
					if err := h.Admit(ctx); err != nil || time.Since(began) != 0 {
						t.Error("without a place:", err)
					}
				}
				if _, err := h.enter(ctx); err != nil { // it has waited for its turn
					t.Error(err)
				}
			})
		})
	}
}

// TestChoose: a known browser waits in the shorter lane of its network.
func TestChoose(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		known, others int // requests that wait
		want          bool
	}{{0, 0, true}, {3, 0, true}, {6, 0, false}, {6, 6, true}, {8, 6, false}, {6, 8, true}} {
		synctest.Test(t, func(t *testing.T) {
			h := newHasher(t, params())
			h.places = newGate(1)
			if err := h.Admit(WithLane(t.Context(), NewLane("b", "b"))); err != nil {
				t.Fatal(err)
			}
			for i := range test.known + test.others {
				h.places.enter(laneID{name: "a", known: i < test.known}, "a")
			}
			lane := NewLane("a", "a")
			lane.Recognize()
			lane.choose(h.places)
			if got := lane.id().known; got != test.want {
				t.Errorf("%+v: known is %v", test, got)
			}
		})
	}
}

// TestRefusedHasNoPlace: a request that got no place or no slot needs a place for its next try.
func TestRefusedHasNoPlace(t *testing.T) {
	t.Parallel()
	h := newHasher(t, params())
	synctest.Test(t, func(t *testing.T) {
		h.places, h.slots = newGate(1), newGate(1)
		ctx := WithLane(t.Context(), NewLane("a", "a"))
		leave, err := h.enter(WithLane(t.Context(), NewLane("b", "b")))
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Admit(ctx); err != nil {
			t.Fatal(err)
		}
		_, err = h.enter(ctx) // no slot
		other := NewLane("c", "c")
		if admitted := h.Admit(WithLane(t.Context(), other)); admitted != nil || !errors.Is(err, ErrBusy) {
			t.Fatal(err, admitted)
		}
		leave()
		for range 2 {
			if _, err := h.enter(ctx); !errors.Is(err, ErrBusy) { // no place
				t.Error(err)
			}
		}
		other.Leave()
		wantEmpty(t, h)
	})
}

// TestWaitOfAdmit: observers are told how long a request waited for its place and its slot.
func TestWaitOfAdmit(t *testing.T) {
	t.Parallel()
	h := newHasher(t, params()) // waits for a second
	synctest.Test(t, func(t *testing.T) {
		var told []string
		h.Watch = func(context.Context) func(wait, took time.Duration, err error) {
			return func(wait, took time.Duration, err error) { told = append(told, fmt.Sprint(wait, took, err)) }
		}
		h.places, h.slots = newGate(1), newGate(1)
		first := NewLane("a", "a")
		if err := h.Admit(WithLane(t.Context(), first)); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(300*time.Millisecond, first.Leave)
		second := WithLane(t.Context(), NewLane("b", "b"))
		if err := h.Admit(second); err != nil {
			t.Fatal(err)
		}
		if err := h.Admit(WithLane(t.Context(), NewLane("c", "c"))); !errors.Is(err, ErrBusy) {
			t.Error(err)
		}
		leave, err := h.enter(WithLane(t.Context(), proven("ann")))
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(200*time.Millisecond, leave)
		for range 2 {
			release, err := h.slot(second)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
			release()
		}
		if got := strings.Join(told, "; "); got != "1s 0s "+ErrBusy.Error()+"; 500ms 1ms <nil>; 0s 1ms <nil>" {
			t.Error(got)
		}
	})
}

// TestAhead: until the turn of a lane comes, each other lane has as many turns, and slots are given to several requests at once.
func TestAhead(t *testing.T) {
	t.Parallel()
	g := newGate(2)
	a, b := laneID{name: "a"}, laneID{name: "b"}
	g.enter(b, "")
	g.enter(b, "")
	for range 9 {
		g.enter(b, "")
	}
	for range 3 {
		g.enter(a, "")
	}
	if n := g.ahead(a); n != 0 {
		t.Errorf("%d are before one that always waits", n)
	}
	g.enter(a, "")
	if n := g.ahead(a); n != 4+5 {
		t.Errorf("%d are before the fifth", n)
	}
	if g.took = time.Second; g.pace() != time.Second/2 {
		t.Error(g.pace())
	}
}

// laneFor returns the lane of a network, "home" for the known browsers of network a, or "ann" for a user.
func laneFor(name string) *Lane {
	switch name {
	case "home":
		l := NewLane("a", "a")
		l.Recognize()
		return l
	case "ann":
		l := proven(name)
		l.Recognize()
		return l
	}
	return NewLane(name, name)
}

// TestFullGateRefuses: a request is not admitted if it would time out behind others of its lane. The first four of a lane and those
// of proven lanes are never refused.
func TestFullGateRefuses(t *testing.T) {
	t.Parallel()
	h := newHasher(t, params()) // waits for a second
	synctest.Test(t, func(t *testing.T) {
		h.places, h.slots = newGate(1), newGate(1)
		hash := func(ctx context.Context, took time.Duration) {
			leave, err := h.enter(ctx)
			if err != nil {
				t.Error(err)
				return
			}
			time.Sleep(took)
			leave()
		}
		hash(t.Context(), 300*time.Millisecond)
		hash(t.Context(), time.Hour) // the machine stood still
		next := NewLane("", "")
		if err := h.Admit(WithLane(t.Context(), next)); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for i, c := range []struct {
			lane  string
			waits bool
		}{
			{"a", true}, {"a", true}, {"a", true}, {"a", true}, {"a", true}, {"a", false}, // after up to 4 of 300 ms, and 5
			{"b", true}, {"b", true}, {"b", true}, {"b", true}, {"b", false},
			{"home", true}, {"home", true}, {"home", true}, {"home", true}, {"home", false}, {"a", false}, {"c", true}, {"ann", true}, {"ann", true},
		} {
			lane, began, refused := laneFor(c.lane), time.Now(), false
			all.Go(func() {
				defer lane.Leave()
				ctx := WithLane(t.Context(), lane)
				err := h.Admit(ctx)
				if refused = errors.Is(err, ErrBusy) && time.Now().Equal(began); err == nil {
					hash(ctx, 0)
				}
			})
			synctest.Wait()
			if refused == c.waits {
				t.Errorf("%d: refused %v", i, refused)
			}
		}
		next.Leave()
		all.Wait()
		wantEmpty(t, h)
		if err := h.Admit(WithLane(t.Context(), NewLane("a", "a"))); err != nil {
			t.Error("an empty queue:", err)
		}
		if got := laneFor("ann").id(); got != (laneID{name: "ann", proven: true}) {
			t.Errorf("%+v", got)
		}
	})
}
