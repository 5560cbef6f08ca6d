package limit

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// A Limiter takes attempts. It is safe for concurrent use once its fields are set.
type Limiter struct {
	Store   Store
	Logger  *slog.Logger
	Key     []byte                // of the names of buckets
	Trusted []netip.Prefix        // networks without limits
	Failed  func(context.Context) // called each time the store fails; nil does nothing

	memory  MemoryStore // counts while the store fails
	mu      sync.Mutex
	full    map[string]fullBucket
	told    map[string]int64 // when Take last returned a full bucket
	failing atomic.Bool
}

// fullBucket is a bucket that took no attempt a moment ago.
type fullBucket struct {
	until   int64 // asked no more until then
	waiting time.Duration
	at      int64
}

const (
	remember = 5 * time.Second // how long this process remembers that a bucket is full
	maxFull  = 10_000

	tellAgain = time.Minute // how often Take returns the same full bucket
)

// An Attempt was taken from buckets. It counts unless it is given back.
type Attempt struct {
	limiter  *Limiter
	buckets  []Bucket
	states   []State
	by       string // its random name
	inMemory bool
}

// Take takes an attempt from all buckets, or from none. A positive wait says that one of them is full, and for how long.
// If the store fails, this process counts by itself for this request. full has the buckets that the store found full, each at
// most once a minute.
func (l *Limiter) Take(ctx context.Context, now time.Time, buckets ...Bucket) (attempt *Attempt, wait time.Duration, full []Bucket) {
	at := now.UnixMilli()
	if wait := l.Full(now, buckets); wait > 0 {
		return nil, wait, nil
	}
	a := &Attempt{limiter: l, buckets: buckets, by: rand.Text()}
	taken, err := l.Store.TakeLimits(ctx, at, a.by, buckets)
	l.report(ctx, err)
	if err != nil {
		a.inMemory = true
		taken, _ = l.memory.TakeLimits(ctx, at, a.by, buckets)
	}
	var given []Given
	for i, t := range taken {
		a.states = append(a.states, t.State)
		if t.OK {
			given = append(given, Given{buckets[i], 1})
			continue
		}
		wait = max(wait, buckets[i].Rule.Wait(t.State, at), time.Millisecond)
		if l.markFull(at, buckets[i], buckets[i].Rule.Wait(t.State, at)) && !a.inMemory {
			full = append(full, buckets[i])
		}
	}
	if len(given) == len(buckets) {
		return a, 0, nil
	}
	if len(given) > 0 {
		a.give(ctx, at, given)
	}
	return nil, wait, full
}

// Full returns how long a bucket that this process found full a moment ago takes no attempt, or 0. A flood of
// requests then costs no statement.
func (l *Limiter) Full(at time.Time, buckets []Bucket) (wait time.Duration) {
	now := at.UnixMilli()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range buckets {
		if f, found := l.full[b.Name]; found && now < f.until && now >= f.at {
			wait = max(wait, f.waiting-time.Duration(now-f.at)*time.Millisecond)
		}
	}
	return wait
}

// markFull remembers that a bucket is full. It reports whether Take has not returned it for a minute.
func (l *Limiter) markFull(now int64, b Bucket, wait time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full == nil || len(l.full) >= maxFull {
		l.full = map[string]fullBucket{}
	}
	l.full[b.Name] = fullBucket{until: now + min(wait, remember).Milliseconds(), waiting: wait, at: now}
	if told, found := l.told[b.Name]; found && now < told+tellAgain.Milliseconds() && now >= told {
		return false
	}
	if l.told == nil || len(l.told) >= maxFull {
		l.told = map[string]int64{}
	}
	l.told[b.Name] = now
	return true
}

// report logs that the store fails, once until it works again.
func (l *Limiter) report(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil && l.Failed != nil {
		l.Failed(ctx)
	}
	if ctx.Err() != nil || l.failing.Swap(err != nil) || err == nil {
		return
	}
	l.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: the store of limits failed; each instance counts by itself until it works again",
		slog.String("error", err.Error()))
}

// Given returns what a success takes back.
func (a *Attempt) Given() []Given {
	counts := map[string]int64{}
	for i, b := range a.buckets {
		counts[b.Name] = a.states[i].Count
	}
	given := make([]Given, 0, len(a.buckets))
	for _, b := range a.buckets {
		given = append(given, Given{b, max(1, counts[b.Tally])})
	}
	return given
}

// One returns what takes back this attempt alone.
func (a *Attempt) One() []Given {
	given := make([]Given, 0, len(a.buckets))
	for _, b := range a.buckets {
		given = append(given, Given{b, 1})
	}
	return given
}

// HalfUsed reports whether half of the attempts of a bucket were used up before this one.
func (a *Attempt) HalfUsed(now time.Time) bool {
	for i, b := range a.buckets {
		if b.Rule.HalfUsed(a.states[i], now.UnixMilli()) {
			return true
		}
	}
	return false
}

// By returns the random name of the attempt.
func (a *Attempt) By() string { return a.by }

// InMemory reports whether the attempt was counted by this process alone.
func (a *Attempt) InMemory() bool { return a.inMemory }

// NotFull makes this process ask the store again for buckets that it found full. Call it when attempts are taken back.
func (a *Attempt) NotFull() {
	a.limiter.mu.Lock()
	defer a.limiter.mu.Unlock()
	for _, b := range a.buckets {
		delete(a.limiter.full, b.Name)
	}
}

// Give takes attempts back.
func (a *Attempt) Give(ctx context.Context, now time.Time, given []Given) {
	a.NotFull()
	a.give(ctx, now.UnixMilli(), given)
}

func (a *Attempt) give(ctx context.Context, now int64, given []Given) {
	if a.inMemory {
		_ = a.limiter.memory.GiveLimits(ctx, now, a.by, given)
		return
	}
	a.limiter.report(ctx, a.limiter.Store.GiveLimits(ctx, now, a.by, given))
}
