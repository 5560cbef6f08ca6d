package passhash

// The slots of a Hasher: how long a request waits for one, and which request is refused instead.

import (
	"context"
	"time"
)

// Full returns ErrBusy if a request of a network would wait for a slot longer than Params.Wait. A caller with work to do before the
// hash asks first: what waits in vain costs memory, and all of it gives up at the same time (T020).
func (h *Hasher) Full(ctx context.Context) error {
	if !h.full(ctx) {
		return nil
	}
	if h.Watch != nil {
		h.Watch(ctx)(0, 0, ErrBusy)
	}
	return ErrBusy
}

func (h *Hasher) full(ctx context.Context) bool {
	lane := laneOf(ctx)
	return !lane.proven && !lane.known && h.gate.expected(lane) > h.params.Wait
}

// expected returns how long a request of a lane that is not proven will wait. Until its turn comes, each other lane gets as many turns as
// its own. Requests of proven lanes come in between, so it can be longer.
func (g *gate) expected(lane Lane) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	own, ahead := 0, 0
	if q := g.lanes[lane]; q != nil {
		own = len(q.waiting)
	}
	for _, q := range g.turns[1] {
		ahead += min(len(q.waiting), own+1)
	}
	return time.Duration(ahead) * g.took / time.Duration(g.slots)
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

// enter takes a slot, waiting at most Params.Wait.
func (h *Hasher) enter(ctx context.Context) (release func(), err error) {
	if h.full(ctx) {
		return nil, ErrBusy
	}
	leave, err := h.gate.wait(ctx, h.params.Wait)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	return func() {
		h.gate.measure(min(time.Since(began), h.params.Wait)) // a machine that stood still for minutes says nothing about hashes
		leave()
	}, nil
}

// slot is enter with Watch.
func (h *Hasher) slot(ctx context.Context) (release func(), err error) {
	if h.Watch == nil {
		return h.enter(ctx)
	}
	ended, began := h.Watch(ctx), time.Now()
	leave, err := h.enter(ctx)
	wait := time.Since(began)
	if err != nil {
		ended(wait, 0, err)
		return nil, err
	}
	return func() {
		took := time.Since(began) - wait
		leave()
		ended(wait, took, nil)
	}, nil
}
