// Package limit decides how often something may be tried: a Rule says how many attempts a bucket takes, and a Store keeps
// the state of buckets. A Limiter takes an attempt from several buckets at once, and keeps limits when its store fails.
package limit

// Rules and the state of buckets. The SQL of package store computes the same.

import "time"

// A Rule says how many attempts a bucket takes.
//
// Without Delay, attempts come back one after the other, evenly over Per (GCRA). With Delay, a bucket takes Attempts, and each
// further attempt waits twice as long as the one before, from Delay to MaxDelay. Such a bucket starts anew after Per without
// an attempt, or after [Memory] once it had to wait.
type Rule struct {
	Attempts        int
	Per             time.Duration
	Delay, MaxDelay time.Duration
}

// Memory is how long a bucket that had to wait keeps its count. It bounds what a patient attacker gets: at 15 minutes
// between attempts, about 100 a day (NIST SP 800-63B, section 3.2.2).
const Memory = 24 * time.Hour

// A Bucket is what a Rule counts, such as the logins of one identifier.
type Bucket struct {
	Name string // up to 64 characters; a hash, which says nothing about whose attempts are counted
	Kind string // up to 24 characters: what is counted. All buckets of a kind have the same rule
	Rule Rule

	// Tally is the name of a bucket that counts a part of the same attempts, such as those from one network. A success
	// takes back what that bucket has counted. If it is empty, a success takes back one attempt.
	Tally string

	Of []string // what it counts, for reports
}

// A State is what a bucket remembers. The zero State is a bucket without attempts.
type State struct {
	Until int64 // in Unix milliseconds. With Delay: no attempt before it. Without: when all attempts are back
	Count int64 // attempts that count, with Delay
}

// Step is the time after which one attempt comes back.
func (r Rule) Step() int64 { return max(1, r.Per.Milliseconds()/int64(r.Attempts)) }

// Open returns the latest Until with which a bucket takes an attempt.
func (r Rule) Open(now int64) int64 {
	if r.Delay > 0 {
		return now
	}
	return now + r.Per.Milliseconds() - r.Step()
}

// Keep returns for how long the count of a bucket is kept after Until.
func (r Rule) Keep(count int64) int64 {
	if count < int64(r.Attempts) {
		return r.Per.Milliseconds()
	}
	return Memory.Milliseconds()
}

// Waits returns the delays after the attempts from Attempts on. The last one is MaxDelay, and holds for all that follow.
func (r Rule) Waits() []int64 {
	waits := []int64{}
	for d := r.Delay; d < r.MaxDelay; d *= 2 {
		waits = append(waits, d.Milliseconds())
	}
	return append(waits, r.MaxDelay.Milliseconds())
}

// Expires returns when the state of a bucket that has taken an attempt now can be forgotten, at the latest. count is the new one.
func (r Rule) Expires(count, now int64) int64 {
	if r.Delay == 0 || count < int64(r.Attempts) {
		return now + r.Per.Milliseconds()
	}
	return now + r.MaxDelay.Milliseconds() + Memory.Milliseconds()
}

// Take returns the state after an attempt, or false if the bucket takes none now.
func (r Rule) Take(s State, now int64) (State, bool) {
	if s.Until > r.Open(now) {
		return s, false
	}
	if r.Delay == 0 {
		return State{Until: max(s.Until, now) + r.Step()}, true
	}
	if s.Until+r.Keep(s.Count) <= now {
		s.Count = 0
	}
	s.Count++
	s.Until = now
	if over := int(s.Count) - r.Attempts; over >= 0 {
		waits := r.Waits()
		s.Until += waits[min(over, len(waits)-1)]
	}
	return s, true
}

// Give returns the state after n attempts are taken back. The bucket took them, so it was open before: it does not wait.
func (r Rule) Give(s State, n, now int64) State {
	if r.Delay == 0 {
		return State{Until: s.Until - n*r.Step()}
	}
	return State{Until: min(s.Until, now), Count: max(0, s.Count-n)}
}

// HalfUsed reports whether half of the attempts were used up before the one that led to this state.
func (r Rule) HalfUsed(s State, now int64) bool {
	used := s.Count
	if r.Delay == 0 {
		used = (max(0, s.Until-now) + r.Step() - 1) / r.Step()
	}
	return 2*(used-1) >= int64(r.Attempts)
}

// Wait returns how long a bucket with this state takes no attempt.
func (r Rule) Wait(s State, now int64) time.Duration {
	return time.Duration(max(0, s.Until-r.Open(now))) * time.Millisecond
}
