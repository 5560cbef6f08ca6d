package limit

import (
	"time"

	"github.com/ginauth/gin-rest-auth/config/ratelimit"
)

// A Bucket is what an attempt is counted in.
type Bucket struct {
	ratelimit.Bucket

	// Tally is the name of a bucket that counts a part of the same attempts, such as those from one network. A success
	// takes back what that bucket has counted. If it is empty, a success takes back one attempt.
	Tally string

	Of []string // what it counts, for reports

	Soft bool // if it is full, the attempt is taken from the other buckets, and is Crowded
}

// A Hit is a bucket that was full.
type Hit struct {
	Bucket   Bucket
	Wait     time.Duration // how long it takes no attempt
	New      bool          // Take has not said so for a minute
	InMemory bool          // the store failed, and this process counted by itself
}
