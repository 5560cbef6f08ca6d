package limit

// What this process found out a moment ago. A flood of requests then costs no statement.

import (
	"sync"
	"time"
)

const (
	remember = 5 * time.Second
	maxKept  = 10_000 // buckets

	tellAgain = time.Minute // how often the same full bucket is new
)

// Recent has the buckets that this process found full or half used up a moment ago. The zero value is ready to use. It is safe for
// concurrent use.
type Recent struct {
	mu   sync.Mutex
	full map[string]fullBucket
	told map[string]int64 // when a full bucket was new
	half map[string]int64 // buckets of which half was used up, and when that is forgotten
}

// fullBucket is a bucket that took no attempt a moment ago.
type fullBucket struct {
	until   int64 // asked no more until then
	waiting time.Duration
	at      int64
}

// Full returns how long a bucket that this process found full a moment ago takes no attempt, or 0, and which ones.
func (r *Recent) Full(at time.Time, buckets []Bucket) (wait time.Duration, hits []Hit) {
	now := at.UnixMilli()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range buckets {
		if f, found := r.full[b.Name]; found && !b.Soft && now < f.until && now >= f.at {
			h := Hit{Bucket: b, Wait: f.waiting - time.Duration(now-f.at)*time.Millisecond}
			wait, hits = max(wait, h.Wait), append(hits, h)
		}
	}
	return wait, hits
}

// HalfUsed reports whether this process found a moment ago that half of a bucket's attempts were used up. Once that is forgotten, it
// returns false to one caller, who asks the store, and goes on to return true to others.
func (r *Recent) HalfUsed(at time.Time, buckets []Bucket) bool {
	now := at.UnixMilli()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range buckets {
		until, found := r.half[b.Name]
		if found && now < until && until <= now+remember.Milliseconds() {
			return true
		}
		if found {
			r.half[b.Name] = now + remember.Milliseconds()
		}
	}
	return false
}

// markFull remembers that a bucket is full. It reports whether that is new.
func (r *Recent) markFull(now int64, h Hit) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	put(&r.full, h.Bucket.Name, fullBucket{until: now + min(h.Wait, remember).Milliseconds(), waiting: h.Wait, at: now})
	return r.tell(now, h.Bucket.Name)
}

// Tell reports whether a name was not told within the last minute. It must not be the name of a bucket.
func (r *Recent) Tell(at time.Time, name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tell(at.UnixMilli(), name)
}

func (r *Recent) tell(now int64, name string) bool {
	if told, found := r.told[name]; found && max(now-told, told-now) < tellAgain.Milliseconds() { // the clocks of requests differ
		return false
	}
	put(&r.told, name, now)
	return true
}

// markHalf remembers that half of a bucket was used up.
func (r *Recent) markHalf(at time.Time, b Bucket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	put(&r.half, b.Name, at.Add(remember).UnixMilli())
}

// forget makes this process ask the store about buckets again.
func (r *Recent) forget(buckets []Bucket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range buckets {
		delete(r.full, b.Name)
		delete(r.half, b.Name)
	}
}

// put adds to a map, which forgets everything when it has too many entries.
func put[V any](m *map[string]V, name string, v V) {
	if *m == nil || len(*m) >= maxKept {
		*m = map[string]V{}
	}
	(*m)[name] = v
}
