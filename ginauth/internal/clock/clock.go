// Package clock compares times that different clocks have written.
package clock

import (
	"math"
	"time"

	"github.com/ginauth/gin-rest-auth/config/ratelimit"
)

// Age returns how long ago a time was. A time that is further ahead than clocks may differ was written by a clock that was wrong. It proves
// nothing, so it is older than any other.
func Age(at, now time.Time) time.Duration {
	if age := now.Sub(at); age > -ratelimit.Skew {
		return age
	}
	return math.MaxInt64
}
