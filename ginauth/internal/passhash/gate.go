package passhash

// Gates: how many requests do something at once, and which one is next.

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A gate limits how many requests do something at the same time: hash, have a place, or count. Lanes take turns.
type gate struct {
	mu    sync.Mutex
	size  int
	free  int
	took  time.Duration // how long a request has a slot: the mean of the last ones; 0 before the first, and if it is not measured
	lanes map[laneID]*queue
	turns [2]turns // proven lanes, then the others
	owed  bool     // the last slot went past a lane that is not proven
}

// queue is the state of a lane while its requests wait or have a slot.
type queue struct {
	lane    laneID
	group   laneID          // whose turns it takes
	waiting []chan struct{} // closed when the request gets a slot
	inside  int             // requests that have a slot
}

func newGate(size int) *gate { return &gate{size: size, free: size, lanes: map[laneID]*queue{}} }

// enter takes a slot for a lane in a group, and returns what gives it back, or a channel that is closed when the request has one.
func (g *gate) enter(lane laneID, group string) (release func(), turn chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	q := g.lanes[lane]
	if q == nil {
		q = &queue{lane: lane}
		g.lanes[lane] = q
	}
	release = func() { g.release(q) }
	if g.free > 0 && len(q.waiting) == 0 && !(lane.proven && q.inside > 0) {
		g.free--
		q.inside++
		return release, nil
	}
	turn = make(chan struct{})
	q.waiting = append(q.waiting, turn)
	if len(q.waiting) == 1 {
		if q.group = lane; lane.proven && group != "" {
			q.group = laneID{name: group}
		}
		g.turnsOf(q).add(q)
	}
	return release, turn
}

func (g *gate) turnsOf(q *queue) *turns {
	if q.lane.proven {
		return &g.turns[0]
	}
	return &g.turns[1]
}

// release gives the slot of a lane back, and to the next lane.
func (g *gate) release(q *queue) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.free++
	q.inside--
	g.next()
	g.forget(q)
}

// next gives free slots to the lanes whose turn it is. Proven lanes come first. While others wait as well, these get every second
// slot: otherwise a few users with sessions could keep everyone else from logging in.
func (g *gate) next() {
	for g.free > 0 {
		kinds := []int{0, 1}
		if g.owed {
			kinds = []int{1, 0}
		}
		if !slices.ContainsFunc(kinds, g.nextOf) {
			return
		}
	}
}

// nextOf gives a slot to a lane of this kind, or returns false if none of them can have one.
func (g *gate) nextOf(kind int) bool {
	turns := &g.turns[kind]
	q := turns.next(func(q *queue) bool { return !q.lane.proven || q.inside == 0 })
	if q == nil {
		return false
	}
	turns.remove(q)
	close(q.waiting[0])
	q.waiting = q.waiting[1:]
	if len(q.waiting) > 0 {
		turns.add(q)
	}
	turns.toEnd(q.group)
	g.free--
	q.inside++
	g.owed = kind == 0 && len(g.turns[1]) > 0
	return true
}

// leave takes a request out of its lane. It returns false if the request has got a slot by then.
func (g *gate) leave(lane laneID, turn chan struct{}) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	q := g.lanes[lane]
	if q == nil {
		return false
	}
	i := slices.Index(q.waiting, turn)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	if len(q.waiting) == 0 {
		g.turnsOf(q).remove(q)
	}
	g.forget(q)
	return true
}

func (g *gate) forget(q *queue) {
	if len(q.waiting) == 0 && q.inside == 0 {
		delete(g.lanes, q.lane)
	}
}

// wait takes a slot, for which it waits at most some time. A client that left while it queued gets nothing computed (T021).
func (g *gate) wait(ctx context.Context, most time.Duration) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	lane := laneOf(ctx)
	id := lane.id()
	release, turn := g.enter(id, lane.group)
	if turn == nil {
		return release, nil
	}
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-turn:
		if err := ctx.Err(); err != nil {
			release()
			return nil, err
		}
		return release, nil
	case <-timer.C:
		err = ErrBusy
	case <-ctx.Done():
		err = ctx.Err()
	}
	if !g.leave(id, turn) { // it has got a slot just now
		release()
	}
	return nil, err
}

// Turns limits how many requests do other work at the same time, as fairly as hashes.
type Turns struct{ gate *gate }

// NewTurns returns Turns for a number of requests.
func NewTurns(n int) Turns { return Turns{newGate(n)} }

// Enter waits for a turn, for at most some time, and returns what ends it. The error is ErrBusy or that of the context.
func (t Turns) Enter(ctx context.Context, most time.Duration) (release func(), err error) {
	return t.gate.wait(ctx, most)
}
