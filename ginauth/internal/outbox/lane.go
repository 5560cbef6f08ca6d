package outbox

// Lanes: rows that compete with each other for Parallel slots, and not with others.

import (
	"sync"
)

// maxLanes is how many lanes can have all their rows in flight at the same time.
const maxLanes = 16

// lanes counts the rows in flight of each lane. It is safe for concurrent use.
type lanes struct {
	most  int
	freed chan struct{} // a lane that was full has room

	mu    sync.Mutex
	count map[string]int
}

// enter takes a place in a lane, or reports that it has none.
func (l *lanes) enter(lane string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count[lane] >= l.most {
		return false
	}
	if l.count == nil {
		l.count = map[string]int{}
	}
	l.count[lane]++
	return true
}

// leave gives a place back.
func (l *lanes) leave(lane string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count[lane] == l.most {
		select {
		case l.freed <- struct{}{}:
		default:
		}
	}
	if l.count[lane]--; l.count[lane] == 0 {
		delete(l.count, lane)
	}
}

// full returns the lanes without a place.
func (l *lanes) full() (all []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for lane, n := range l.count {
		if n >= l.most {
			all = append(all, lane)
		}
	}
	return all
}
