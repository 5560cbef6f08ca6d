package passhash

// The gate: how many hashes run at once, and which request is next.

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

type counterKey struct{}

// Counted returns a context in which each hash with the current parameters adds one to n, so that a test can check that a
// caller does equal work for known and unknown users (T002). Hashes of another algorithm or strength do not count.
func Counted(ctx context.Context, n *atomic.Int64) context.Context {
	return context.WithValue(ctx, counterKey{}, n)
}

// count adds to what Counted counts.
func count(ctx context.Context, hashes int) {
	if n, ok := ctx.Value(counterKey{}).(*atomic.Int64); ok {
		n.Add(int64(hashes))
	}
}

type laneKey struct{}

// A Lane is where the hashes of a request wait: two per client network, of which one is for known browsers, or, once the request has
// proven a session or a ticket, one per user. The lanes take turns, so that a network with many requests waits for itself.
type Lane struct {
	Name          string
	known, proven bool
}

// Recognize moves a request to the lane of known browsers of its network. It does nothing if the lane is proven.
func (l *Lane) Recognize() { l.known = !l.proven }

// Prove moves a request to the lane of a user or a ticket. These lanes come before those of networks, up to half of the
// time, and have one hash at a time each.
func (l *Lane) Prove(name string) { *l = Lane{Name: name, proven: true} }

// WithLane returns a context whose hashes wait in a lane. Without one, they wait in a lane for all of these.
func WithLane(ctx context.Context, l *Lane) context.Context {
	return context.WithValue(ctx, laneKey{}, l)
}

// LaneOf returns the lane of a context; nil if it has none.
func LaneOf(ctx context.Context) *Lane {
	l, _ := ctx.Value(laneKey{}).(*Lane)
	return l
}

// laneOf returns the lane of a context, or the one for all without.
func laneOf(ctx context.Context) Lane {
	if l := LaneOf(ctx); l != nil {
		return *l
	}
	return Lane{}
}

// gate lets so many hashes run at once. An argon2 hash holds megabytes, so their number bounds the memory of a login storm
// (T020).
type gate struct {
	mu    sync.Mutex
	slots int
	free  int
	took  time.Duration // how long a request has a slot: the mean of the last ones; 0 before the first
	lanes map[Lane]*queue
	turns [2][]*queue // lanes with waiting requests, in turn: proven ones, then the others
	owed  bool        // the last slot went past a lane that is not proven
}

// queue is the state of a lane while requests of it wait or, for a proven one, hash.
type queue struct {
	lane    Lane
	waiting []chan struct{} // closed when the request may hash
	hashing int
}

func newGate(slots int) *gate { return &gate{slots: slots, free: slots, lanes: map[Lane]*queue{}} }

// enter takes a slot and returns what gives it back, or a channel that is closed when the request has one.
func (g *gate) enter(lane Lane) (release func(), turn chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	q := g.lanes[lane]
	if q == nil {
		q = &queue{lane: lane}
		g.lanes[lane] = q
	}
	release = func() { g.release(q) }
	if g.free > 0 && len(q.waiting) == 0 && !(lane.proven && q.hashing > 0) {
		g.free--
		q.hashing++
		return release, nil
	}
	turn = make(chan struct{})
	q.waiting = append(q.waiting, turn)
	if len(q.waiting) == 1 {
		g.turns[g.kind(q)] = append(g.turns[g.kind(q)], q)
	}
	return release, turn
}

func (g *gate) kind(q *queue) int {
	if q.lane.proven {
		return 0
	}
	return 1
}

// release gives the slot of a lane back, and to the next lane.
func (g *gate) release(q *queue) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.free++
	q.hashing--
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
	turns := g.turns[kind]
	i := slices.IndexFunc(turns, func(q *queue) bool { return !q.lane.proven || q.hashing == 0 })
	if i < 0 {
		return false
	}
	q := turns[i]
	turns = slices.Delete(turns, i, i+1)
	close(q.waiting[0])
	q.waiting = q.waiting[1:]
	if len(q.waiting) > 0 {
		turns = append(turns, q)
	}
	g.turns[kind] = turns
	g.free--
	q.hashing++
	g.owed = kind == 0 && len(g.turns[1]) > 0
	return true
}

// leave takes a request out of its lane. It returns false if the request has got a slot by then.
func (g *gate) leave(lane Lane, turn chan struct{}) bool {
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
	if turns := &g.turns[g.kind(q)]; len(q.waiting) == 0 {
		i := slices.Index(*turns, q)
		*turns = slices.Delete(*turns, i, i+1)
	}
	g.forget(q)
	return true
}

func (g *gate) forget(q *queue) {
	if len(q.waiting) == 0 && q.hashing == 0 {
		delete(g.lanes, q.lane)
	}
}

// Turns lets so many requests do other work at once, as fairly as hashes.
type Turns struct{ gate *gate }

// NewTurns returns Turns for a number of requests.
func NewTurns(n int) Turns { return Turns{newGate(n)} }

// Enter waits for a turn, for at most some time, and returns what ends it. The error is ErrBusy or that of the context.
func (t Turns) Enter(ctx context.Context, most time.Duration) (release func(), err error) {
	return t.gate.wait(ctx, most)
}

// wait takes a slot, for which it waits at most some time. A client that left while it queued gets nothing computed (T021).
func (g *gate) wait(ctx context.Context, most time.Duration) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	lane := laneOf(ctx)
	release, turn := g.enter(lane)
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
	if !g.leave(lane, turn) { // it has got a slot just now
		release()
	}
	return nil, err
}

// GateState says how busy a Hasher is.
type GateState struct {
	Slots   int // hashes that can run at once
	Running int
	Waiting int // requests that wait for a slot
}

// Gate returns how busy the hasher is.
func (h *Hasher) Gate() GateState {
	g := h.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	state := GateState{Slots: g.slots, Running: g.slots - g.free}
	for _, turns := range g.turns {
		for _, q := range turns {
			state.Waiting += len(q.waiting)
		}
	}
	return state
}
