package ratelimit

import (
	"context"
	"sync"
)

// A Store keeps the state of buckets. It is safe for concurrent use, by any number of processes if it is shared. The context of a call
// ends after 2 seconds, or half of config.Config.Timeout if that is less. After an error the library counts the attempt in memory, and asks
// the store again a second later. If a store has a method Check() error, ginauth.New reports its error.
type Store interface {
	// TakeLimits takes an attempt from each bucket that has one, atomically for each bucket, and returns what it found. now is in
	// Unix milliseconds, by is a random text of 26 characters. The names of the buckets differ.
	TakeLimits(ctx context.Context, now int64, by string, buckets []Bucket) ([]Taken, error)

	// GiveLimits takes attempts back; see [Rule.Give].
	GiveLimits(ctx context.Context, now int64, by string, given []Given) error
}

// Taken says whether a bucket took an attempt, and its state afterwards.
type Taken struct {
	OK    bool
	State State
}

// Given is a number of attempts to take back from a bucket.
type Given struct {
	Bucket Bucket
	N      int64
}

// memorySize is how many buckets a MemoryStore holds at most.
const memorySize = 100_000

// MemoryStore is a Store in the memory of the process. The zero value is ready to use.
type MemoryStore struct {
	mu     sync.Mutex
	states map[string]kept
	tidyAt int // with how many buckets put looks for expired ones
}

type kept struct {
	State
	expires int64
}

// TakeLimits implements Store. Its error is always nil.
func (m *MemoryStore) TakeLimits(_ context.Context, now int64, by string, buckets []Bucket) ([]Taken, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	taken := make([]Taken, len(buckets))
	for i, b := range buckets {
		state, ok := b.Rule.Take(m.states[b.Name].State, now, by)
		if ok {
			m.put(b.Name, kept{state, b.Rule.Expires(state, now)}, now)
		}
		taken[i] = Taken{ok, state}
	}
	return taken, nil
}

// tidySize is with how many buckets a MemoryStore first looks for expired ones.
const tidySize = 1000

// put stores a state, and makes room for it first: it drops what has expired, each time the number of buckets has doubled, or if that is not
// enough, anything.
func (m *MemoryStore) put(name string, k kept, now int64) {
	if m.states == nil {
		m.states = map[string]kept{}
	}
	if _, found := m.states[name]; !found && len(m.states) >= min(max(m.tidyAt, tidySize), memorySize) {
		for other, old := range m.states {
			if old.expires <= now {
				delete(m.states, other)
			}
		}
		m.tidyAt = 2 * len(m.states)
		full := len(m.states) >= memorySize
		for other := range m.states {
			if !full || len(m.states) < memorySize*9/10 {
				break
			}
			delete(m.states, other)
		}
	}
	m.states[name] = k
}

// GiveLimits implements Store. Its error is always nil.
func (m *MemoryStore) GiveLimits(_ context.Context, now int64, by string, given []Given) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, g := range given {
		if k, found := m.states[g.Bucket.Name]; found {
			k.State = g.Bucket.Rule.Give(k.State, g.N, now, by)
			m.states[g.Bucket.Name] = k
		}
	}
	return nil
}
