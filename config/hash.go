package config

import (
	"runtime"
	"time"
)

// Hash sets how new passwords are hashed and how many hashes can run at the same time. Zero fields get
// defaults. Stored hashes of other algorithms and strengths, including Django's, are accepted,
// and renewed at the user's next login (see Django).
type Hash struct {
	// Algorithm is "argon2id", "bcrypt" or "scrypt". Default: "argon2id".
	Algorithm string
	// Memory is the memory of one argon2id hash in KiB, up to 262144 (256 MiB). The minimum is OWASP's:
	// 47104 for 1 pass, 19456 for 2, 12288 for 3, 9216 for 4 and 7168 for 5 or more. Default: 19456 (19 MiB).
	Memory uint32
	// Time is the number of passes of argon2id, up to 10. Default: 2.
	Time uint32
	// Threads is the parallelism of argon2id, up to 16. Default: 1.
	Threads uint8
	// Cost is the cost of bcrypt, from 10 to 16, or the base-2 logarithm of N for scrypt, 17 or 18. Each
	// step doubles the work. Default: 12 for bcrypt, 17 for scrypt.
	Cost int
	// Django stores new hashes in Django's encoding of argon2id, and keeps stored hashes that Django can read as
	// they are, while Django and the library use one users' table. Then a login does not end the user's sessions in
	// Django. It needs Algorithm "argon2id" here, and argon2-cffi and Argon2PasswordHasher in Django. The time of a login
	// reveals names that have a hash of another algorithm, so turn it off after you stopped Django. Default: false.
	Django bool
	// Parallel is how many hashes can run at the same time, at least 1. It limits the memory that many logins at
	// once take to Parallel times Memory. Default: one less than the number of CPUs, at least 1, so that one is
	// left for other requests.
	Parallel int
	// Wait is how long a request waits to become one of the next to hash, and then at most as long again for its hash. Requests with
	// a session or a valid link only wait for the hash. After that the response is 503 with Retry-After. A login gets it at once if it
	// would wait longer behind others of its network. Default: 2 seconds.
	Wait time.Duration
	// InsecureCheapForTests turns the minimum values off, for tests that log in often. Check reports it as an
	// error. Default: false.
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
	or(&h.Parallel, max(1, runtime.NumCPU()-1))
	or(&h.Wait, 2*time.Second)
	return h
}

// strongEnough reports whether h reaches the minimum of OWASP's Password Storage Cheat Sheet.
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
