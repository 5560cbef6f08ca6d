// Package livecache keeps sessions and their users for config.Session.CacheFor.
package livecache

import (
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/clone"
	"github.com/ginauth/gin-rest-auth/models"
)

// Cache is safe for concurrent use. A nil Cache keeps nothing. Changes by this instance take effect at once: each user,
// session and key has one of the counters (several may share one), a change raises its counter, and an entry is valid only
// while its counters stay the same.
type Cache struct {
	keep    time.Duration
	entries *otter.Cache[string, *entry]
	seed    maphash.Seed
	changes [1024]atomic.Uint64
	total   atomic.Uint64 // number of changes, raised before the counter
}

type entry struct {
	session models.Session
	account models.Account
	read    time.Time
	counts  [3]uint64
}

// maxCached is the maximum number of sessions kept. Each takes about 1 KB plus the application's columns.
const maxCached = 10_000

// New returns a cache that keeps entries for this long.
func New(keep time.Duration) (*Cache, error) {
	inline := func(fn func()) { fn() } // otter would start goroutines
	entries, err := otter.New(&otter.Options[string, *entry]{MaximumSize: maxCached, Executor: inline})
	return &Cache{keep: keep, entries: entries, seed: maphash.MakeSeed()}, err
}

// Get returns copies of the session and user cached for a key hash or a session's ID, or nil if they must be read from the
// database.
func (c *Cache) Get(value string, now time.Time) (*models.Session, models.Account) {
	if c == nil {
		return nil, nil
	}
	e, found := c.entries.GetIfPresent(value)
	if !found || now.Before(e.read) || now.Sub(e.read) >= c.keep || e.counts != c.counts(&e.session) {
		return nil, nil
	}
	session := copyOf(&e.session)
	return &session, clone.Account(e.account)
}

// Begin returns the value that Put needs. Call it before the row is read.
func (c *Cache) Begin() uint64 {
	if c == nil {
		return 0
	}
	return c.total.Load()
}

// Put keeps copies of a session and its user unless anything was changed since Begin.
func (c *Cache) Put(value string, begun uint64, session *models.Session, account models.Account, now time.Time) {
	if c == nil {
		return
	}
	e := &entry{session: copyOf(session), account: clone.Account(account), read: now, counts: c.counts(session)}
	if c.total.Load() == begun {
		c.entries.Set(value, e)
	}
}

func (c *Cache) counts(s *models.Session) [3]uint64 {
	return [3]uint64{counter(c, s.UserID).Load(), counter(c, s.ID).Load(), counter(c, s.KeyHash).Load()}
}

// counter returns the counter of a user's ID, of a session's, or of a key hash.
func counter[T int64 | string](c *Cache, of T) *atomic.Uint64 {
	return &c.changes[maphash.Comparable(c.seed, of)%uint64(len(c.changes))]
}

// Forget drops the entries of users, sessions and keys, by their IDs and hashes. Call it when their change is committed.
func (c *Cache) Forget(changed ...any) {
	if c == nil {
		return
	}
	for _, of := range changed {
		c.total.Add(1)
		switch of := of.(type) {
		case int64:
			counter(c, of).Add(1)
		case string:
			counter(c, of).Add(1)
		}
	}
}

// Deleted drops the entry of a key hash or a session's ID whose row was deleted. A value without an entry, such as one that
// a stranger made up, has no effect on others.
func (c *Cache) Deleted(value string) {
	if c == nil {
		return
	}
	if e, found := c.entries.Invalidate(value); found {
		c.Forget(e.session.ID)
	}
}

// copyOf returns a copy of a session and of everything that it refers to.
func copyOf(s *models.Session) models.Session {
	other := *s
	for _, at := range []**time.Time{&other.ProvenAt, &other.RefreshedAt} {
		if *at != nil {
			*at = new(**at)
		}
	}
	return other
}
