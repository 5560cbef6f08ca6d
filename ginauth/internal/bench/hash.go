package main

// One password hash for all systems, cheap enough to make the other work of a login visible.

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
)

// cheapHash has the smallest parameters that argon2id allows. Its time and allocations are measured and subtracted.
var cheapHash = config.Hash{
	Algorithm: "argon2id", Memory: 8, Time: 1, Threads: 1, Parallel: 8, Wait: time.Minute, InsecureCheapForTests: true,
}

var hasher = newHasher()

func newHasher() *passhash.Hasher {
	h, err := passhash.New(passhash.Params{
		Algorithm: cheapHash.Algorithm, Memory: cheapHash.Memory, Time: cheapHash.Time, Threads: cheapHash.Threads,
		Parallel: cheapHash.Parallel, Wait: cheapHash.Wait, Rand: rand.Reader,
	})
	if err != nil {
		panic(err) // the parameters are constants
	}
	return h
}

// matches checks a password, for every system.
func matches(ctx context.Context, encoded, password string) bool {
	result, err := hasher.Verify(ctx, encoded, password)
	return err == nil && result.OK
}
