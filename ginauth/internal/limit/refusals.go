package limit

import (
	"sync"
	"time"
)

// Refusals counts by setting what limits have refused. The zero value is ready to use. It is safe for concurrent use.
type Refusals struct {
	mu  sync.Mutex
	all map[string]*refused
}

type refused struct {
	total, untold int64
	told          time.Time
}

// Count adds one. tell is true at most once a minute for a setting; n is then the number since the last time.
func (r *Refusals) Count(setting string) (n int64, tell bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = map[string]*refused{}
	}
	of := r.all[setting]
	if of == nil {
		of = &refused{}
		r.all[setting] = of
	}
	of.total++
	of.untold++
	if now := time.Now(); now.Sub(of.told) >= tellAgain { // also if the clock of the application stands
		n, of.untold, of.told = of.untold, 0, now
		return n, true
	}
	return 0, false
}

// Counts returns all counts.
func (r *Refusals) Counts() map[string]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	counts := map[string]int64{}
	for setting, of := range r.all {
		counts[setting] = of.total
	}
	return counts
}
