package core

// What was logged of foreign origins, so that each line comes once.

import "sync"

// Mistakes with origins show in the browser's console, if at all. So the server's log names the
// setting, once for each origin.

// maxOrigins is how many lines an originLog allows: clients make up any number of origins.
const maxOrigins = 100

// originLog remembers what was logged.
type originLog struct {
	mu   sync.Mutex
	seen map[string]bool
}

// first reports whether this was not logged before, and there is room for it.
func (l *originLog) first(what string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen[what] || len(l.seen) >= maxOrigins {
		return false
	}
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	l.seen[what] = true
	return true
}
