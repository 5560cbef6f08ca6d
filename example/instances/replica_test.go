//go:build unix

package instances

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"gorm.io/driver/postgres"
)

// replicaOf starts a streaming replica of a PostgreSQL.
func replicaOf(t *testing.T, primary *server) *server {
	t.Helper()
	s := newServer(t, "postgres")
	s.prepare(program(t, "pg_basebackup"), "--pgdata="+s.data(), "--dbname="+primary.postgres(), "--write-recovery-conf", "--checkpoint=fast", "--no-sync")
	s.args, s.alive = primary.args, postgresAlive
	return s.start()
}

// newPgbouncer starts a pgbouncer in transaction mode in front of a PostgreSQL. Its four connections are shared by all processes.
func newPgbouncer(t *testing.T, behind *server) *server {
	t.Helper()
	path := program(t, "pgbouncer")
	s := newServer(t, "postgres")
	file := filepath.Join(s.dir, "ini")
	text := fmt.Sprintf(`[databases]
* = host=127.0.0.1 port=%d user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_db_connections = 4
max_client_conn = 500
server_idle_timeout = 5
`, behind.port, s.port)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil { // another user reads it
		t.Fatal(err)
	}
	s.args = func(*server) []string { return []string{path, "-q", file} }
	s.alive = func(s *server) bool {
		conn, err := net.Dial("tcp", s.addr())
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}
	return s.start()
}

// TestReplica: PostgreSQL behind pgbouncer in transaction mode, with a streaming replica for the application's reads. Everything about
// logins also works while the replica stands still.
func TestReplica(t *testing.T) {
	matrix(t)
	primary := newPostgres(t)
	replica := replicaOf(t, primary)
	bouncer := newPgbouncer(t, primary)

	e := onPostgres(t, primary.postgres())
	at, err := url.Parse(strings.TrimPrefix(e.env[0], "DATABASE_URL="))
	if err != nil {
		t.Fatal(err)
	}
	at.Host = replica.addr()
	e.env = append(e.env, "DATABASE_REPLICA_URL="+at.String())
	until(t, time.Minute, "the replica does not have the database", func() bool { return answers(postgres.Open(at.String())) })
	behind := *at
	behind.Host = bouncer.addr()
	behind.RawQuery = "sslmode=disable&default_query_exec_mode=cache_describe"
	e.env[0] = "DATABASE_URL=" + behind.String()
	c := start(t, e, 3)
	c.play()
	c.run("StandingStill", func(c *cluster) { c.withStaleReplica(replica) })
}

// withStaleReplica stops the replica from following, and uses the application.
func (c *cluster) withStaleReplica(replica *server) {
	ann := name("stale", 0)
	c.signUp(0, ann)
	user := c.logIn(1, ann, "cookie")
	add := func() string {
		text := rand.Text()
		if r := user.send(c.all[2], http.MethodPost, "/api/items", fields{"text": text}); r.status != http.StatusCreated {
			c.t.Fatal(r)
		}
		return text
	}
	shows := func(text string) bool {
		r := user.send(c.all[0], http.MethodGet, "/api/items", nil)
		if r.status != http.StatusOK {
			c.t.Errorf("the list: %v", r)
		}
		return strings.Contains(string(r.body), text)
	}
	first := add()
	until(c.t, time.Minute, "the replica does not follow", func() bool { return shows(first) })

	admin := open(c.t, postgres.Open(replica.postgres()))
	if err := admin.Exec("SELECT pg_wal_replay_pause()").Error; err != nil {
		c.t.Fatal(err)
	}
	until(c.t, time.Minute, "the replica follows", func() bool {
		var state string
		return admin.Raw("SELECT pg_get_wal_replay_pause_state()").Scan(&state).Error == nil && state == "paused"
	})
	second := add()
	if shows(second) {
		c.t.Error("the list does not come from the replica")
	}
	c.credentials()
	c.refreshRace()
	c.limits()
	if err := admin.Exec("SELECT pg_wal_replay_resume()").Error; err != nil {
		c.t.Fatal(err)
	}
	until(c.t, time.Minute, "the replica does not follow again", func() bool { return shows(second) })
}

// TestRedisCluster: limits are counted in a Redis Cluster of three nodes, also while one of them is dead.
func TestRedisCluster(t *testing.T) {
	matrix(t)
	var nodes []*server
	var addresses []string
	for range 3 {
		s := newRedis(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-require-full-coverage", "no",
			"--cluster-port", strconv.Itoa(freePort(t)))
		nodes, addresses = append(nodes, s), append(addresses, s.addr())
	}
	nodes[0].prepare(append([]string{program(t, "redis-cli"), "--cluster-yes", "--cluster", "create"}, addresses...)...)
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addresses})
	defer client.Close()
	ctx := context.Background()
	until(t, 30*time.Second, "the Redis Cluster is not complete", func() bool {
		for _, address := range addresses {
			node := redis.NewClient(&redis.Options{Addr: address})
			info, err := node.ClusterInfo(ctx).Result()
			_ = node.Close()
			if err != nil || !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, "cluster_slots_ok:16384") {
				return false
			}
		}
		return true
	})
	e := onSQLite(t)
	e.env = append(e.env, fmt.Sprintf("LIMITS_URL=redis://%s?addr=%s&addr=%s", addresses[0], addresses[1], addresses[2]))
	c := start(t, e, 3)
	c.run("Limits", (*cluster).limits)
	for _, address := range addresses {
		node := redis.NewClient(&redis.Options{Addr: address})
		if n, err := node.DBSize(ctx).Result(); err != nil || n == 0 {
			t.Errorf("node %s has %d keys: %v", address, n, err)
		}
		_ = node.Close()
	}
	nodes[2].kill()
	c.run("WithoutANode", (*cluster).credentials)
	c.run("LimitsWithoutANode", (*cluster).limitsAlone)
}

// limitsAlone: while the store of limits fails, each process counts by itself, so at most three times as many guesses are compared.
func (c *cluster) limitsAlone() {
	ann := name("alone", 0)
	c.signUp(0, ann)
	compared := 0
	for i := range 30 {
		client := newClient()
		client.header.Set("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i))
		r := client.send(c.all[i%3], http.MethodPost, "/auth/login/", fields{"username": ann, "password": "Wrong-Password-1"})
		if r.status == http.StatusBadRequest {
			compared++
		} else if r.status != http.StatusTooManyRequests {
			c.t.Errorf("guess %d: %v", i, r)
		}
	}
	if compared < 5 || compared > 15 {
		c.t.Errorf("%d guesses were compared, want 5 to 15", compared)
	}
}
