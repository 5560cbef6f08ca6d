package redislimit_test

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/config/ratelimit"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/redislimit"
)

// server returns the address of a Redis for tests.
func server(t *testing.T) string {
	t.Helper()
	address := os.Getenv("GINAUTH_TEST_REDIS")
	if address == "" && os.Getenv("GINAUTH_TEST_ALL") == "1" {
		t.Fatal("GINAUTH_TEST_ALL is set, but GINAUTH_TEST_REDIS is not")
	}
	if address == "" {
		t.Skip("GINAUTH_TEST_REDIS is not set")
	}
	return address
}

// store returns a store with keys of its own, which are deleted after the test.
func store(t *testing.T, client redis.UniversalClient) *redislimit.Store {
	t.Helper()
	return redislimit.New(client, redislimit.Options{Prefix: rand.Text() + ":"})
}

// started makes an application whose limits count in a store.
func started(t *testing.T, limits ratelimit.Store) *authtest.App {
	t.Helper()
	db, err := gorm.Open(sqlite.Open("file:"+filepath.Join(t.TempDir(), "test.db")+"?_journal_mode=WAL&_txlock=immediate"), &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return authtest.New(t, db, func(cfg *config.Config) {
		cfg.Limits = config.Limits{Store: limits}
		cfg.TrustedProxies = []string{"192.0.2.0/24"}
	})
}

// guesses sends wrong logins for ann, each from another network, and returns how many were compared, and the longest time.
func guesses(t *testing.T, app *authtest.App, n int) (compared int, longest time.Duration) {
	t.Helper()
	for i := range n {
		b := app.Client(t)
		b.Header.Set("X-Forwarded-For", "203.0.113."+strconv.Itoa(i))
		start := time.Now()
		r := b.Post("/auth/login/", map[string]string{"username": "ann", "password": "Wrong-Password-1"})
		longest = max(longest, time.Since(start))
		switch r.StatusCode {
		case http.StatusBadRequest:
			compared++
		case http.StatusTooManyRequests:
		default:
			t.Fatal(r.StatusCode, r.Text)
		}
	}
	return compared, longest
}

// proxy passes connections to a server until it hangs: then it swallows what it reads.
type proxy struct {
	net.Listener
	hangs atomic.Bool
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: l}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				_ = in.Close()
				continue
			}
			go p.pass(in, out)
			go p.pass(out, in)
		}
	}()
	return p
}

func (p *proxy) pass(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if p.hangs.Load() {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// TestOutage: Redis does not respond any more. Limits go on in memory, with one request that waits a second, and one line in the
// log. Afterwards the counts in Redis are used again.
func TestOutage(t *testing.T) {
	t.Parallel()
	p := newProxy(t, server(t))
	client := redis.NewClient(&redis.Options{Addr: p.Addr().String()})
	t.Cleanup(func() { _ = client.Close() })
	app := started(t, store(t, client))
	app.User(t, "ann")
	if n, _ := guesses(t, app, 3); n != 3 {
		t.Fatal(n)
	}
	p.hangs.Store(true)
	start := time.Now()
	n, longest := guesses(t, app, 30)
	if n != 5 || longest < 900*time.Millisecond || time.Since(start) > 20*time.Second { // each would wait a second
		t.Errorf("%d guesses were compared in memory, the longest took %v, all %v", n, longest, time.Since(start))
	}
	if log := app.Log.String(); strings.Count(log, "the store of limits failed") != 1 || !strings.Contains(log, "redis did not respond within 1s") {
		t.Error(log)
	}
	p.hangs.Store(false)
	app.Clock.Advance(6 * time.Second) // full buckets are remembered for five seconds
	if n, _ := guesses(t, app, 10); n != 2 {
		t.Errorf("%d guesses were compared when Redis was back, want the two that are left of five", n)
	}
}

// TestRefusedConnections: Redis is not there from the start.
func TestRefusedConnections(t *testing.T) {
	t.Parallel()
	p := newProxy(t, "127.0.0.1:1")
	client := redis.NewClient(&redis.Options{Addr: p.Addr().String()})
	_ = p.Close()
	t.Cleanup(func() { _ = client.Close() })
	app := started(t, store(t, client))
	app.User(t, "ann")
	if n, longest := guesses(t, app, 20); n != 5 || longest > 3*time.Second {
		t.Errorf("%d guesses were compared, the longest took %v", n, longest)
	}
	app.Client(t).Post("/auth/login/", authtest.Login("ann")).Want(http.StatusTooManyRequests)
	app.Clock.Advance(time.Minute)
	app.Client(t).Post("/auth/login/", authtest.Login("ann")).Want(http.StatusOK)
}

// commands counts the round trips and commands of a client.
type commands struct{ trips, all atomic.Int64 }

func (c *commands) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *commands) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.trips.Add(1)
		c.all.Add(1)
		return next(ctx, cmd)
	}
}

func (c *commands) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, all []redis.Cmder) error {
		c.trips.Add(1)
		c.all.Add(int64(len(all)))
		return next(ctx, all)
	}
}

// TestCommands: a login sends one command before the hash and one after it, a wrong one one, and a GET none. The first login above a limit
// gives back what its other buckets took, and those in the next five seconds send none.
func TestCommands(t *testing.T) {
	t.Parallel()
	client := redis.NewClient(&redis.Options{Addr: server(t)})
	t.Cleanup(func() { _ = client.Close() })
	app := started(t, store(t, client))
	app.User(t, "ann")
	b := app.Client(t)
	b.Post("/auth/login/", authtest.Login("ann")).Want(200) // loads the scripts
	counted := &commands{}
	client.AddHook(counted)
	want := func(what string, n int64) {
		t.Helper()
		if trips := counted.trips.Swap(0); trips != n {
			t.Errorf("%s: %d commands, want %d", what, trips, n)
		}
	}
	b.Post("/auth/login/", authtest.Login("ann")).Want(200)
	want("a login", 2)
	b.Get("/auth/user/").Want(200)
	want("a GET", 0)
	app.Client(t).Post("/auth/login/", map[string]string{"username": "ann", "password": "Wrong-Password-1"}).Want(400)
	want("a wrong login", 1)
	guesses(t, app, 6)
	want("four wrong logins, and two above the limit", 4+2)
}

// TestStateExpires: Redis deletes the state of buckets by itself.
func TestStateExpires(t *testing.T) {
	t.Parallel()
	client := redis.NewClient(&redis.Options{Addr: server(t)})
	t.Cleanup(func() { _ = client.Close() })
	prefix := rand.Text() + ":"
	s := redislimit.New(client, redislimit.Options{Prefix: prefix})
	b := ratelimit.Bucket{Name: "b", Kind: "k", Rule: ratelimit.Rule{Attempts: 5, Back: 15 * time.Minute, Delay: time.Second, MaxDelay: time.Minute}}
	now := time.Now().UnixMilli()
	if _, err := s.TakeLimits(t.Context(), now, "attempt", []ratelimit.Bucket{b}); err != nil {
		t.Fatal(err)
	}
	if err := s.GiveLimits(t.Context(), now, "attempt", []ratelimit.Given{{Bucket: b, N: 1}}); err != nil {
		t.Fatal(err)
	}
	if left := client.PTTL(t.Context(), prefix+"b").Val(); left < 15*time.Minute || left > 17*time.Minute {
		t.Error(left)
	}
	taken, err := s.TakeLimits(t.Context(), now, "again", []ratelimit.Bucket{b})
	repeated, err2 := s.TakeLimits(t.Context(), now, "again", []ratelimit.Bucket{b}) // by the client library, when a response was lost
	if err != nil || err2 != nil || taken[0] != repeated[0] || taken[0].State.Count != 1 {
		t.Error(taken, repeated, err, err2)
	}
	_ = client.Del(t.Context(), prefix+"b").Err()
}

// freePorts returns two ports that nothing listens on.
func freePorts(t *testing.T) (ports [2]string) {
	t.Helper()
	for i := range ports {
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer free.Close()
		_, ports[i], _ = net.SplitHostPort(free.Addr().String())
	}
	return ports
}

// TestCluster: the keys of one request are in different slots.
func TestCluster(t *testing.T) {
	t.Parallel()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server is not installed")
	}
	ports := freePorts(t)
	address := net.JoinHostPort("127.0.0.1", ports[0])
	node := exec.CommandContext(t.Context(), binary, "--port", ports[0], "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "",
		"--cluster-enabled", "yes", "--cluster-port", ports[1])
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = node.Wait() })
	single := redis.NewClient(&redis.Options{Addr: address, MaxRetries: 20, MinRetryBackoff: 50 * time.Millisecond})
	defer single.Close()
	if err := single.Do(t.Context(), "CLUSTER", "ADDSLOTSRANGE", 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); !strings.Contains(single.ClusterInfo(t.Context()).Val(), "cluster_state:ok"); {
		if time.Since(start) > 30*time.Second {
			t.Fatal("the cluster does not start")
		}
	}
	cluster := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{address}})
	defer cluster.Close()
	app := started(t, store(t, cluster))
	app.User(t, "ann")
	app.Client(t).Post("/auth/login/", authtest.Login("ann")).Want(200)
	if n, _ := guesses(t, app, 10); n != 5 {
		t.Error(n)
	}
	if log := app.Log.String(); strings.Contains(log, "the store of limits failed") {
		t.Error(log)
	}
	if n := single.DBSize(t.Context()).Val(); n < 10 {
		t.Errorf("%d keys", n)
	}
}

// TestMistakes: New reports a store without a client, and a negative timeout.
func TestMistakes(t *testing.T) {
	t.Parallel()
	client := redis.NewClient(&redis.Options{})
	defer client.Close()
	for want, s := range map[string]*redislimit.Store{
		"needs a client": redislimit.New(nil, redislimit.Options{}), "Options.Timeout": redislimit.New(client, redislimit.Options{Timeout: -1}),
	} {
		cfg := config.Config{Limits: config.Limits{Store: s}}
		if err := cfg.WithDefaults().Validate(); err == nil || !strings.Contains(err.Error(), "Limits.Store") || !strings.Contains(err.Error(), want) {
			t.Error(err)
		}
	}
}
