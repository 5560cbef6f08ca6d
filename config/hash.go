package config

import (
	"runtime"
	"time"
)

// Hash says how new passwords are hashed and how many hashes may run at once. Zero
// fields get defaults. Stored hashes of other algorithms and strengths, Django's
// among them, are always read, and renewed at the user's next login.
type Hash struct {
	// Algorithm is "argon2id" (default), "bcrypt" or "scrypt".
	Algorithm string
	// Memory is argon2id's memory in KiB. Default 19456 (19 MiB). OWASP's minimum for 2
	// passes is the same; with 3, 4 or 5 passes it is 12288, 9216 or 7168.
	Memory uint32
	// Time is argon2id's number of passes. Default 2.
	Time uint32
	// Threads is argon2id's parallelism. Default 1.
	Threads uint8
	// Cost is bcrypt's cost (default 12, minimum 10) or the base-2 logarithm of
	// scrypt's N (default and minimum 17).
	Cost int
	// Parallel is how many hashes may run at once, so that a storm of logins costs
	// Parallel times Memory. Default: the number of CPUs, at least 2.
	Parallel int
	// Wait is how long a request may wait for its turn before it is answered 503
	// with Retry-After. Default 2 seconds.
	Wait time.Duration
	// InsecureCheapForTests lifts the minima above, for tests that log in a lot.
	InsecureCheapForTests bool
}

func (h Hash) withDefaults() Hash {
	or(&h.Algorithm, "argon2id")
	or(&h.Memory, 19456)
	or(&h.Time, 2)
	or(&h.Threads, 1)
	if h.Algorithm == "scrypt" {
		or(&h.Cost, 17)
	} else {
		or(&h.Cost, 12)
	}
	or(&h.Parallel, max(2, runtime.NumCPU()))
	or(&h.Wait, 2*time.Second)
	return h
}

// strongEnough compares with OWASP's Password Storage Cheat Sheet.
func (h Hash) strongEnough() bool {
	switch h.Algorithm {
	case "bcrypt":
		return h.Cost >= 10
	case "scrypt":
		return h.Cost >= 17
	case "argon2id":
	default:
		return true // reported as unknown
	}
	for _, minimum := range []struct{ memory, time uint32 }{{47104, 1}, {19456, 2}, {12288, 3}, {9216, 4}, {7168, 5}} {
		if h.Memory >= minimum.memory && h.Time >= minimum.time {
			return true
		}
	}
	return false
}
