package passhash

// The slots of a Hasher: how long a request waits for one, and which request is refused instead.

import (
	"context"
	"time"
)

// alwaysWait is how many requests of a lane wait in any case. If places in the queue were scarce, clients that ask again at once would
// take all of them.
const alwaysWait = 4

// Full returns ErrBusy if a request would time out before it gets a slot, behind others of its lane. A caller asks before it does other
// work for a request: those that time out cost memory, and all of them end at the same time (T020).
func (h *Hasher) Full(ctx context.Context) error {
	most := h.params.Wait + h.params.Wait/4 // hashes take longer while many requests arrive
	if ctx.Err() != nil || h.gate.expected(laneOf(ctx)) <= most {
		return nil
	}
	if h.Watch != nil {
		h.Watch(ctx)(0, 0, ErrBusy)
	}
	return ErrBusy
}

// expected returns about how long a request will wait behind others of its lane, or 0 if it is one that always waits. Until its turn
// comes, each other lane gets as many turns. Requests of proven lanes come in between, so it can be longer.
func (g *gate) expected(lane Lane) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	q := g.lanes[lane]
	if lane.proven || q == nil || len(q.waiting) < alwaysWait {
		return 0
	}
	ahead := 0
	for _, other := range g.turns[1] {
		ahead += min(len(other.waiting), len(q.waiting)+1)
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
	leave, err := h.gate.wait(ctx, h.params.Wait)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	return func() {
		if took := time.Since(began); took < h.params.Wait { // longer if the machine stood still, which says nothing about hashes
			h.gate.measure(took)
		}
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
