package passhash

// The way of a request to its hash: a place among the next ones, and then a slot.

import (
	"context"
	"math"
	"time"
)

const (
	// morePlaces is how many requests of networks can prepare besides one for each slot. While others hash, they look up their
	// accounts. With 16, one slot is idle only if that takes longer than 17 hashes.
	morePlaces = 16

	// alwaysWait is how many requests of a lane wait in any case. If places in the queue were scarce, clients that ask again at once would
	// take all of them.
	alwaysWait = 4
)

// Admit waits until a request is one of the next to hash. Call it before the statements that a hash needs: requests that time out then
// cost none, and the others do not send theirs all at once (T020). It returns ErrBusy after Params.Wait, or at once if the request would
// time out behind others of its lane, or the context's error. A request in a proven lane, without a lane, or that was admitted before
// does not wait. Call Lane.Leave when the request ends.
func (h *Hasher) Admit(ctx context.Context) error {
	lane := LaneOf(ctx)
	if lane == nil || lane.mayHash() {
		return nil
	}
	began := time.Now()
	lane.choose(h.places)
	leave, err := h.admit(ctx, lane.id())
	waited := time.Since(began)
	if err == nil {
		lane.admit(leave, waited)
	} else if h.Watch != nil {
		h.Watch(ctx)(waited, 0, err)
	}
	return err
}

func (h *Hasher) admit(ctx context.Context, lane laneID) (leave func(), err error) {
	most := h.params.Wait + h.params.Wait/4 // hashes take longer while many requests arrive
	if time.Duration(h.places.ahead(lane))*h.slots.pace() > most {
		return nil, ErrBusy
	}
	return h.places.wait(ctx, h.params.Wait)
}

// ahead returns how many requests come before the next one of a lane, or 0 if the next one always waits. Until its turn comes,
// each other lane gets as many turns.
func (g *gate) ahead(lane laneID) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	q := g.lanes[lane]
	if q == nil || len(q.waiting) < alwaysWait {
		return 0
	}
	return g.turnsOf(q).waiting(len(q.waiting) + 1)
}

// pace returns the time from one slot to the next while requests wait.
func (g *gate) pace() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.took / time.Duration(g.size)
}

// measure notes how long a request had a slot.
func (g *gate) measure(took time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.took == 0 {
		g.took = took
	}
	g.took += (took - g.took) / 8
}

// enter takes a slot, and a place before it if the request needs one and has none. It waits at most Params.Wait for each.
func (h *Hasher) enter(ctx context.Context) (release func(), err error) {
	lane := laneOf(ctx)
	leave, ok := lane.take()
	if !ok {
		if leave, err = h.places.wait(ctx, h.params.Wait); err != nil {
			return nil, err
		}
	}
	defer leave() // the next request can begin while this one hashes
	done, err := h.slots.wait(ctx, h.params.Wait)
	if err != nil {
		return nil, err
	}
	lane.hashes()
	began := time.Now()
	return func() {
		if took := time.Since(began); took < h.params.Wait { // longer if the machine stood still, which says nothing about hashes
			h.slots.measure(took)
		}
		done()
	}, nil
}

// slot is enter with Watch.
func (h *Hasher) slot(ctx context.Context) (release func(), err error) {
	if h.Watch == nil {
		return h.enter(ctx)
	}
	ended, before, began := h.Watch(ctx), laneOf(ctx).waitedForPlace(), time.Now()
	leave, err := h.enter(ctx)
	wait := time.Since(began)
	if err != nil {
		ended(before+wait, 0, err)
		return nil, err
	}
	return func() {
		took := time.Since(began) - wait
		leave()
		ended(before+wait, took, nil)
	}, nil
}

// GateState says how busy a Hasher is.
type GateState struct {
	Slots   int // hashes that can run at once
	Running int
	Waiting int // requests that wait for a slot, or for a place before it
}

// Gate returns how busy the hasher is.
func (h *Hasher) Gate() GateState {
	running, waiting := h.slots.state()
	_, behind := h.places.state()
	return GateState{Slots: h.slots.size, Running: running, Waiting: waiting + behind}
}

func (g *gate) state() (inside, waiting int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range g.turns {
		waiting += g.turns[i].waiting(math.MaxInt)
	}
	return g.size - g.free, waiting
}
