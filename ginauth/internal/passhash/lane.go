package passhash

// Lanes: whose hashes wait for each other.

import (
	"context"
	"sync"
	"time"
)

type laneKey struct{}

// A Lane is where the hashes of a request wait: two per client network, of which one is for known browsers, or, once the request has
// proven a session or a ticket, one per user. The lanes take turns, and the users of one network take those of one lane, so that a
// network with many requests waits for itself.
type Lane struct {
	group string // the network whose turns users share; "" if they share none

	mu  sync.Mutex // hooks can hash in goroutines of their own
	now laneID

	admitted bool          // needs no other place: it has or had one
	leave    func()        // gives the place of Admit back; nil without one
	waited   time.Duration // for that place
}

// laneID is what the requests of a lane have in common.
type laneID struct {
	name          string
	known, proven bool
}

// NewLane returns the lane of a network, for one request. Users of a group share its turns once they are proven; without one, each has turns.
func NewLane(network, group string) *Lane { return &Lane{group: group, now: laneID{name: network}} }

// Recognize moves a request to the lane of known browsers of its network. It does nothing if the lane is proven or nil.
func (l *Lane) Recognize() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now.known = !l.now.proven
}

// choose moves a request back from the lane of known browsers if that of the other ones is shorter: anyone with a few accounts can fill
// the lane of their network.
func (l *Lane) choose(places *gate) {
	l.mu.Lock()
	defer l.mu.Unlock()
	other := laneID{name: l.now.name}
	if l.now.known && places.ahead(l.now) > places.ahead(other) {
		l.now = other
	}
}

// Prove moves a request to the lane of a user or a ticket. These lanes come before those of networks, up to half of the
// time, and have one hash at a time each. It does nothing for nil.
func (l *Lane) Prove(name string) {
	if l == nil {
		return
	}
	l.Leave()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = laneID{name: name, proven: true}
}

// Leave gives back the place that Hasher.Admit took. The request has waited for its turn and needs no other one. It does nothing for
// nil.
func (l *Lane) Leave() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.leave != nil {
		l.leave()
		l.leave = nil
	}
}

// HasPlace reports whether a request has a place. It returns false for nil.
func (l *Lane) HasPlace() bool {
	if l == nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.leave != nil
}

// admit notes that a request got a place. If it has one, it gives the new one back.
func (l *Lane) admit(leave func(), waited time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.leave != nil {
		leave()
		return
	}
	l.admitted, l.leave, l.waited = true, leave, waited
}

// take returns the function that gives the request's place back. ok is false if the request still needs a place.
func (l *Lane) take() (leave func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	leave, ok = l.leave, l.admitted || l.now.proven
	if leave == nil {
		leave = func() {}
	}
	l.admitted, l.leave, l.waited = false, nil, 0
	return leave, ok
}

// hashes notes that a request got a slot.
func (l *Lane) hashes() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.admitted = true
}

// mayHash reports whether the request needs no place.
func (l *Lane) mayHash() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.admitted || l.now.proven
}

func (l *Lane) waitedForPlace() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waited
}

func (l *Lane) id() laneID {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

// WithLane returns a context whose hashes wait in a lane. Contexts without a lane share one.
func WithLane(ctx context.Context, l *Lane) context.Context {
	return context.WithValue(ctx, laneKey{}, l)
}

// LaneOf returns the lane of a context; nil if it has none.
func LaneOf(ctx context.Context) *Lane {
	l, _ := ctx.Value(laneKey{}).(*Lane)
	return l
}

// laneOf returns the lane of a context, or the one for all without.
func laneOf(ctx context.Context) *Lane {
	if l := LaneOf(ctx); l != nil {
		return l
	}
	return &Lane{}
}
