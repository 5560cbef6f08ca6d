package dbtest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/ginauth/gin-rest-auth/config/ratelimit"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"
	"github.com/ginauth/gin-rest-auth/ginauth/metrics"
	"github.com/ginauth/gin-rest-auth/ginauth/redislimit"
	"github.com/ginauth/gin-rest-auth/ginauth/tracing"
)

// TestCanaries: secrets are not in metrics, traces and Redis either. The group canary searches the other places on all databases.
func TestCanaries(t *testing.T) {
	t.Parallel()
	client := redis.NewClient(&redis.Options{Addr: testdb.DSN(t, "GINAUTH_TEST_REDIS")})
	t.Cleanup(func() { _ = client.Close() })
	prefix := testdb.Fresh() + ":"
	spans, registry := tracetest.NewInMemoryExporter(), prometheus.NewPedanticRegistry()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	limits := func(testing.TB) ratelimit.Store { return redislimit.New(client, redislimit.Options{Prefix: prefix}) }
	dbtest.SearchCanaries(t, testdb.SQLite, limits, func(c *dbtest.Case) map[string]string {
		texts := map[string]string{
			"the metrics": fmt.Sprint(series(c, registry)), "the traces": strings.Join(spanLines(spans), "\n"), "Redis": redisDump(t, client, prefix),
		}
		for name, text := range texts {
			if len(text) < 100 {
				t.Errorf("%s: %q", name, text)
			}
		}
		return texts
	}, metrics.Feature(metrics.Options{Registerer: registry}), tracing.Feature(tracing.Options{TracerProvider: provider}))
}

// redisDump returns all keys with a prefix and their values, and deletes them.
func redisDump(t *testing.T, client *redis.Client, prefix string) string {
	t.Helper()
	var dump strings.Builder
	keys := client.Scan(t.Context(), 0, prefix+"*", 1000).Iterator()
	for keys.Next(t.Context()) {
		value, err := client.Dump(t.Context(), keys.Val()).Result()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&dump, "%s is %s\n", keys.Val(), value)
		client.Del(t.Context(), keys.Val())
	}
	return dump.String()
}
