package limit

// What this process remembers of buckets for a few seconds, so that floods cost no statement.

import "time"

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

// Full returns how long a bucket that this process found full a moment ago takes no attempt, or 0, and which ones. A flood of
// requests then costs no statement.
func (l *Limiter) Full(at time.Time, buckets []Bucket) (wait time.Duration, hits []Hit) {
	now := at.UnixMilli()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range buckets {
		if f, found := l.full[b.Name]; found && !b.Soft && now < f.until && now >= f.at {
			h := Hit{Bucket: b, Wait: f.waiting - time.Duration(now-f.at)*time.Millisecond}
			wait, hits = max(wait, h.Wait), append(hits, h)
		}
	}
	return wait, hits
}

// HalfUsed reports whether this process found a moment ago that half of a bucket's attempts were used up. Once that is forgotten, it returns
// false to one caller, who asks the store, and goes on to return true to others.
func (l *Limiter) HalfUsed(at time.Time, buckets []Bucket) bool {
	now := at.UnixMilli()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range buckets {
		until, found := l.half[b.Name]
		if found && now < until && until <= now+remember.Milliseconds() {
			return true
		}
		if found {
			l.half[b.Name] = now + remember.Milliseconds()
		}
	}
	return false
}

// markFull remembers that a bucket is full. It reports whether Take has not returned it for a minute.
func (l *Limiter) markFull(now int64, h Hit) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full == nil || len(l.full) >= maxFull {
		l.full = map[string]fullBucket{}
	}
	name := h.Bucket.Name
	l.full[name] = fullBucket{until: now + min(h.Wait, remember).Milliseconds(), waiting: h.Wait, at: now}
	if told, found := l.told[name]; found && max(now-told, told-now) < tellAgain.Milliseconds() { // the clocks of requests differ
		return false
	}
	if l.told == nil || len(l.told) >= maxFull {
		l.told = map[string]int64{}
	}
	l.told[name] = now
	return true
}

// RememberHalf lets Limiter.HalfUsed return true for the buckets of which half was used up.
func (a *Attempt) RememberHalf(now time.Time) {
	l := a.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.half == nil || len(l.half) >= maxFull {
		l.half = map[string]int64{}
	}
	for i, b := range a.buckets {
		if b.Rule.HalfUsed(a.states[i], now.UnixMilli()) {
			l.half[b.Name] = now.Add(remember).UnixMilli()
		}
	}
}

// NotFull makes this process ask the store again for buckets that it found full. Call it when attempts are taken back.
func (a *Attempt) NotFull() {
	a.limiter.mu.Lock()
	defer a.limiter.mu.Unlock()
	for _, b := range a.buckets {
		delete(a.limiter.full, b.Name)
		delete(a.limiter.half, b.Name)
	}
}
