package dbtest_test

import (
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"

	"github.com/redis/go-redis/v9"

	"github.com/ginauth/gin-rest-auth/config/ratelimit"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/redislimit"
)

// TestRedis: rate limits with their state in Redis, the application's data in SQLite.
func TestRedis(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: testdb.DSN(t, "GINAUTH_TEST_REDIS")})
	t.Cleanup(func() { _ = client.Close() })
	dbtest.RunLimits(t, testdb.SQLite, func(t testing.TB) ratelimit.Store { return redisStore(t, client) })
}

// TestRedisByKey: as with Redis Cluster, one call for each key.
func TestRedisByKey(t *testing.T) {
	client := struct{ *redis.Client }{redis.NewClient(&redis.Options{Addr: testdb.DSN(t, "GINAUTH_TEST_REDIS")})} // of a type that may be a cluster
	t.Cleanup(func() { _ = client.Close() })
	dbtest.RunLimits(t, testdb.SQLite, func(t testing.TB) ratelimit.Store { return redisStore(t, client) })
}

// TestMemory: rate limits with their state in memory, as while a store fails.
func TestMemory(t *testing.T) {
	dbtest.RunLimits(t, testdb.SQLite, func(testing.TB) ratelimit.Store { return &ratelimit.MemoryStore{} })
}

// redisStore returns a store with keys of its own, which are deleted after the test.
func redisStore(t testing.TB, client redis.UniversalClient) ratelimit.Store {
	prefix := testdb.Fresh() + ":"
	t.Cleanup(func() {
		keys := client.Scan(t.Context(), 0, prefix+"*", 1000).Iterator()
		for keys.Next(t.Context()) {
			_ = client.Del(t.Context(), keys.Val()).Err()
		}
	})
	return redislimit.New(client, redislimit.Options{Prefix: prefix, Timeout: 30 * time.Second})
}
