// Package ratelimit is what stores of rate limits share: a Rule says how many attempts a bucket takes, and a [Store] keeps the state of
// buckets. Applications need it only to write a store of their own for config.Limits.Store.
package ratelimit

// Rules and the state of buckets. The SQL of the library's store and the script of package redislimit compute the same.

import "time"

// A Rule says how many attempts a bucket takes.
//
// Without Delay, a bucket takes Attempts, and one comes back after each Back (GCRA). With Delay, it takes Attempts, and each further one
// waits twice as long as the one before, from Delay to MaxDelay. While it counts fewer than Attempts, none waits, also if their clocks
// differ. It forgets one for each Back without an attempt, after the wait.
// So whatever the pauses, a client gets one attempt for each Back, and about a dozen more.
type Rule struct {
	Attempts        int64
	Back            time.Duration // whole milliseconds, at least one
	Delay, MaxDelay time.Duration // whole milliseconds; zero, or Delay at most MaxDelay
}

// Skew is how far clocks may differ. A bucket whose state lies further in the future than its rule can produce was written by a clock
// that was wrong, and does not block.
const Skew = 10 * time.Minute

// A Bucket is what a Rule counts, such as the logins of one identifier.
type Bucket struct {
	Name string // up to 64 characters; a hash, which says nothing about whose attempts are counted
	Kind string // up to 24 characters: what is counted. All buckets of a kind have the same rule
	Rule Rule
}

// A State is what a bucket remembers. The zero State is a bucket without attempts.
type State struct {
	Until int64  // in Unix milliseconds. With Delay: if Count is Attempts or more, no attempt before it. Without: when all attempts are back
	Count int64  // attempts that count, with Delay
	By    string // the attempt that was taken last
}

// Step is Back in milliseconds.
func (r Rule) Step() int64 { return max(1, r.Back.Milliseconds()) }

// Open returns the latest Until with which a bucket takes an attempt, whatever it has counted.
func (r Rule) Open(now int64) int64 {
	if r.Delay > 0 {
		return now
	}
	return now + (r.Attempts-1)*r.Step()
}

// Latest returns the latest Until of a bucket, if clocks differ by up to Skew.
func (r Rule) Latest(now int64) int64 {
	if r.Delay > 0 {
		return now + r.MaxDelay.Milliseconds() + Skew.Milliseconds()
	}
	return now + r.Attempts*r.Step() + Skew.Milliseconds()
}

// Waits returns the delays after the attempts from Attempts on. The last one is MaxDelay, and holds for all that follow.
func (r Rule) Waits() []int64 {
	waits := []int64{}
	for d := r.Delay; d < r.MaxDelay; d *= 2 {
		waits = append(waits, d.Milliseconds())
	}
	return append(waits, r.MaxDelay.Milliseconds())
}

// Most returns the highest Count. More would only make a bucket remember for longer.
func (r Rule) Most() int64 { return r.Attempts + int64(len(r.Waits())) - 1 }

// Expires returns when the state after an attempt says nothing any more, so that it can be forgotten.
func (r Rule) Expires(s State, now int64) int64 {
	if r.Delay == 0 {
		return s.Until
	}
	return now + r.MaxDelay.Milliseconds() + s.Count*r.Step()
}

// Take returns the state after an attempt, or false if the bucket takes none now.
func (r Rule) Take(s State, now int64, by string) (State, bool) {
	wrong := s.Until > r.Latest(now)
	if s.Until > r.Open(now) && !r.below(s) && !wrong {
		return s, false
	}
	if r.Delay == 0 {
		until := max(s.Until, now)
		if wrong {
			until = r.Open(now)
		}
		return State{Until: until + r.Step(), By: by}, true
	}
	count := s.Count
	if s.Until < now {
		count = max(0, count-(now-s.Until)/r.Step())
	}
	count = min(count+1, r.Most())
	until := now
	if over := count - r.Attempts; over >= 0 {
		until += r.Waits()[over]
	} else if !wrong {
		until = max(until, s.Until) // of a clock that is ahead
	}
	return State{until, count, by}, true
}

// below reports whether a bucket with Delay has counted too few attempts for a wait.
func (r Rule) below(s State) bool { return r.Delay > 0 && s.Count < r.Attempts }

// Give returns the state after n attempts are taken back that the attempt by has seen, itself among them. If other attempts came after it,
// they have seen it too, and take back the rest if they are right: then only one is taken back, and the wait stays.
func (r Rule) Give(s State, n, now int64, by string) State {
	switch {
	case r.Delay == 0:
		s.Until -= n * r.Step()
	case s.By == by: // the bucket was open before: it does not wait
		s.Until, s.Count = min(s.Until, now), max(0, s.Count-n)
	default:
		s.Count = max(0, s.Count-1)
	}
	return s
}

// HalfUsed reports whether half of the attempts were used up before the one that led to this state.
func (r Rule) HalfUsed(s State, now int64) bool {
	used := s.Count
	if r.Delay == 0 {
		used = (max(0, s.Until-now) + r.Step() - 1) / r.Step()
	}
	return 2*(used-1) >= r.Attempts
}

// Wait returns how long a bucket with this state takes no attempt.
func (r Rule) Wait(s State, now int64) time.Duration {
	if s.Until > r.Latest(now) || r.below(s) {
		return 0
	}
	return time.Duration(max(0, s.Until-r.Open(now))) * time.Millisecond
}
