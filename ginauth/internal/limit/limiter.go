package limit

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// A Limiter takes attempts. It is safe for concurrent use once its fields are set.
type Limiter struct {
	Store  Store
	Logger *slog.Logger

	memory  MemoryStore // counts while the store fails, and remembers which buckets are full
	mu      sync.Mutex
	full    map[string]fullBucket
	failing bool
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
)

// An Attempt was taken from buckets. It counts unless it is given back.
type Attempt struct {
	limiter  *Limiter
	buckets  []Bucket
	states   []State
	inMemory bool
}

// Take takes an attempt from all buckets, or from none. A positive wait says that one of them is full, and for how long.
// If the store fails, this process counts by itself for this request.
func (l *Limiter) Take(ctx context.Context, now time.Time, buckets ...Bucket) (attempt *Attempt, wait time.Duration) {
	at := now.UnixMilli()
	if wait := l.isFull(at, buckets); wait > 0 {
		return nil, wait
	}
	a := &Attempt{limiter: l, buckets: buckets}
	taken, err := l.Store.Take(ctx, at, buckets)
	l.report(ctx, err)
	if err != nil {
		a.inMemory = true
		taken, _ = l.memory.Take(ctx, at, buckets)
	}
	var given []Given
	for i, t := range taken {
		a.states = append(a.states, t.State)
		if t.OK {
			given = append(given, Given{buckets[i], 1})
			continue
		}
		wait = max(wait, buckets[i].Rule.Wait(t.State, at), time.Millisecond)
		l.markFull(at, buckets[i], buckets[i].Rule.Wait(t.State, at))
	}
	if len(given) == len(buckets) {
		return a, 0
	}
	if len(given) > 0 {
		if a.inMemory {
			_ = l.memory.Give(ctx, at, given)
		} else {
			l.report(ctx, l.Store.Give(ctx, at, given))
		}
	}
	return nil, wait
}

// isFull returns how long a bucket that this process found full a moment ago takes no attempt. A flood of requests
// then costs no statement.
func (l *Limiter) isFull(now int64, buckets []Bucket) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range buckets {
		if f, found := l.full[b.Name]; found && now < f.until && now >= f.at {
			wait = max(wait, f.waiting-time.Duration(now-f.at)*time.Millisecond)
		}
	}
	return wait
}

func (l *Limiter) markFull(now int64, b Bucket, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full == nil || len(l.full) >= maxFull {
		l.full = map[string]fullBucket{}
	}
	l.full[b.Name] = fullBucket{until: now + min(wait, remember).Milliseconds(), waiting: wait, at: now}
}

// report logs that the store fails, once until it works again.
func (l *Limiter) report(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	l.mu.Lock()
	changed := l.failing != (err != nil)
	l.failing = err != nil
	l.mu.Unlock()
	if changed && err != nil {
		l.Logger.LogAttrs(ctx, slog.LevelError, "ginauth: the store of limits failed; each instance counts by itself until it works again",
			slog.String("error", err.Error()))
	}
}

// Given returns what a success takes back: all attempts of this identifier from this network, which the bucket at
// index tally counted, from the buckets at index tally and of, and one from every other bucket.
func (a *Attempt) Given(tally, of int) []Given {
	given := make([]Given, 0, len(a.buckets))
	for i, b := range a.buckets {
		n := int64(1)
		if tally >= 0 && (i == tally || i == of) {
			n = max(1, a.states[tally].Count)
		}
		given = append(given, Given{b, n})
	}
	return given
}

// InMemory reports whether the attempt was counted by this process alone.
func (a *Attempt) InMemory() bool { return a.inMemory }

// GiveBack takes the attempt back.
func (a *Attempt) GiveBack(ctx context.Context, now time.Time, given []Given) {
	if a.inMemory {
		_ = a.limiter.memory.Give(ctx, now.UnixMilli(), given)
		return
	}
	a.limiter.report(ctx, a.limiter.Store.Give(ctx, now.UnixMilli(), given))
}
