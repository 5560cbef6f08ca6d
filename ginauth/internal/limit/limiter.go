// Package limit counts attempts in several buckets at once, and keeps limits when their store fails.
package limit

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/ginauth/gin-rest-auth/config/ratelimit"
)

// A Limiter takes attempts. It is safe for concurrent use once its fields are set.
type Limiter struct {
	Store    ratelimit.Store
	Patience time.Duration // how long the store may take; after that it has failed
	Logger   *slog.Logger
	Key      []byte                     // of the names of buckets
	Trusted  []netip.Prefix             // networks without limits
	Failed   func(context.Context)      // called each time the store fails; nil does nothing
	Panicked func(context.Context, any) // logs the panic of another goroutine that the store returned as an error; nil does nothing

	Recent Recent // what this process found out a moment ago

	memory ratelimit.MemoryStore // counts while the store fails
	paused atomic.Int64          // the store is not asked before, since it failed; 0 if it works
}

// pause is for how long a store that failed is not asked, so that an outage slows down one request a second.
const pause = time.Second

// asks reports whether this request asks the store.
func (l *Limiter) asks(now int64) bool {
	paused := l.paused.Load()
	if paused == 0 {
		return true
	}
	if now < paused && now >= paused-pause.Milliseconds() {
		return false
	}
	return l.paused.CompareAndSwap(paused, now+pause.Milliseconds()) // one request finds out
}

// An Attempt was taken from buckets. It counts unless it is given back.
type Attempt struct {
	limiter  *Limiter
	buckets  []Bucket
	states   []ratelimit.State
	by       string // its random name
	inMemory bool
	crowded  bool
}

// Take takes an attempt from all buckets, or from none. A positive wait says that one of them is full, and for how long.
// If the store fails, this process counts by itself for this request. hits has the buckets that were full.
func (l *Limiter) Take(ctx context.Context, now time.Time, buckets ...Bucket) (attempt *Attempt, wait time.Duration, hits []Hit) {
	at := now.UnixMilli()
	if wait, hits := l.Recent.Full(now, buckets); wait > 0 {
		return nil, wait, hits
	}
	plain := make([]ratelimit.Bucket, len(buckets))
	for i, b := range buckets {
		plain[i] = b.Bucket
	}
	a := &Attempt{
		limiter: l, by: rand.Text(), buckets: make([]Bucket, 0, len(buckets)), states: make([]ratelimit.State, 0, len(buckets)),
	}
	taken := l.takeStored(ctx, at, a.by, plain)
	if taken == nil {
		a.inMemory = true
		taken, _ = l.memory.TakeLimits(ctx, at, a.by, plain)
	}
	for i, t := range taken {
		b := buckets[i]
		if t.OK {
			a.buckets, a.states = append(a.buckets, b), append(a.states, t.State)
			continue
		}
		h := Hit{Bucket: b, Wait: max(b.Rule.Wait(t.State, at), time.Millisecond), InMemory: a.inMemory}
		h.New = l.Recent.markFull(at, h)
		if hits = append(hits, h); b.Soft {
			a.crowded = true
		} else {
			wait = max(wait, h.Wait)
		}
	}
	if wait == 0 {
		return a, 0, hits
	}
	if len(a.buckets) > 0 {
		a.give(ctx, at, a.One())
	}
	return nil, wait, hits
}

// takeStored takes an attempt from buckets of the store, or returns nil if that fails.
func (l *Limiter) takeStored(ctx context.Context, at int64, by string, buckets []ratelimit.Bucket) []ratelimit.Taken {
	if !l.asks(at) {
		return nil
	}
	within, cancel := context.WithTimeout(ctx, l.Patience)
	defer cancel()
	taken, err := l.Store.TakeLimits(within, at, by, buckets)
	l.report(ctx, at, err)
	if err != nil {
		return nil
	}
	return taken
}

// report notes that the store fails or works, and logs a failure once until it works again.
func (l *Limiter) report(ctx context.Context, now int64, err error) {
	if err == nil {
		l.paused.Store(0)
		return
	}
	if ctx.Err() != nil { // the client left
		return
	}
	if l.Failed != nil {
		l.Failed(ctx)
	}
	if l.paused.Swap(now+pause.Milliseconds()) != 0 {
		return
	}
	l.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: the store of limits failed; each instance counts by itself until it works again",
		slog.String("error", err.Error()))
	if relayed, is := errors.AsType[interface {
		error
		Panicked() (value any, stack []byte)
	}](err); is && l.Panicked != nil {
		l.Panicked(ctx, relayed)
	}
}

// Given returns what a success takes back.
func (a *Attempt) Given() []ratelimit.Given {
	counts := map[string]int64{}
	for i, b := range a.buckets {
		counts[b.Name] = a.states[i].Count
	}
	given := make([]ratelimit.Given, 0, len(a.buckets))
	for _, b := range a.buckets {
		given = append(given, ratelimit.Given{Bucket: b.Bucket, N: max(1, counts[b.Tally])})
	}
	return given
}

// One returns what takes back this attempt alone.
func (a *Attempt) One() []ratelimit.Given {
	given := make([]ratelimit.Given, 0, len(a.buckets))
	for _, b := range a.buckets {
		given = append(given, ratelimit.Given{Bucket: b.Bucket, N: 1})
	}
	return given
}

// Crowded reports whether a soft bucket was full.
func (a *Attempt) Crowded() bool { return a.crowded }

// HalfUsed reports whether half of the attempts of a bucket were used up before this one.
func (a *Attempt) HalfUsed(now time.Time) bool {
	if a.crowded {
		return true
	}
	for i, b := range a.buckets {
		if b.Rule.HalfUsed(a.states[i], now.UnixMilli()) {
			return true
		}
	}
	return false
}

// RememberHalf lets Recent.HalfUsed return true for the buckets of which half was used up.
func (a *Attempt) RememberHalf(now time.Time) {
	for i, b := range a.buckets {
		if b.Rule.HalfUsed(a.states[i], now.UnixMilli()) {
			a.limiter.Recent.markHalf(now, b)
		}
	}
}

// By returns the random name of the attempt.
func (a *Attempt) By() string { return a.by }

// InMemory reports whether the attempt was counted by this process alone.
func (a *Attempt) InMemory() bool { return a.inMemory }

// NotFull makes this process ask the store again for buckets that it found full. Call it when attempts are taken back.
func (a *Attempt) NotFull() {
	a.limiter.Recent.forget(a.buckets)
}

// Give takes attempts back.
func (a *Attempt) Give(ctx context.Context, now time.Time, given []ratelimit.Given) {
	a.NotFull()
	a.give(ctx, now.UnixMilli(), given)
}

func (a *Attempt) give(ctx context.Context, now int64, given []ratelimit.Given) {
	if a.inMemory {
		_ = a.limiter.memory.GiveLimits(ctx, now, a.by, given)
		return
	}
	within, cancel := context.WithTimeout(ctx, a.limiter.Patience)
	defer cancel()
	a.limiter.report(ctx, now, a.limiter.Store.GiveLimits(within, now, a.by, given))
}
