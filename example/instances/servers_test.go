//go:build unix

package instances

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// server is a database or Redis of the test, which the test may kill.
type server struct {
	t     *testing.T
	dir   string
	port  int
	uid   uint32 // of the user that runs it, or 0 for that of the test
	args  func(s *server) []string
	alive func(s *server) bool

	cmd   *exec.Cmd
	ended chan struct{}
}

// program returns the path of a program, which can also be where Debian has those of PostgreSQL. Without it, the test is skipped, or
// fails with GINAUTH_TEST_ALL.
func program(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil && name != "postgres" {
		return path
	}
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name); len(found) > 0 {
		return found[len(found)-1]
	}
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	if os.Getenv("GINAUTH_TEST_ALL") == "1" {
		t.Fatalf("GINAUTH_TEST_ALL is set, but %s is not installed", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// newServer returns a server with a folder and a port of its own. Programs that refuse to run as root run as a user.
func newServer(t *testing.T, as string) *server {
	t.Helper()
	dir, err := os.MkdirTemp("", "instances-server")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &server{t: t, dir: dir, port: freePort(t)}
	if os.Getuid() != 0 || as == "" {
		return s
	}
	account, err := user.Lookup(as)
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	s.uid = uint32(uid)
	if err := os.Chown(dir, int(uid), -1); err != nil {
		t.Fatal(err)
	}
	return s
}

// freePort returns a port that no server has now, below those that the kernel gives to clients.
func freePort(t *testing.T) int {
	t.Helper()
	for port := 20000 + os.Getpid()%500*20; port < 32000; port++ {
		if taken[port] {
			continue
		}
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		_ = listener.Close()
		taken[port] = true
		return port
	}
	t.Fatal("no port is free")
	return 0
}

// taken are the ports of servers of this process. Tests do not run in parallel.
var taken = map[int]bool{}

// command prepares a program that runs as the server's user.
func (s *server) command(args ...string) *exec.Cmd {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if s.uid != 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: s.uid, Gid: s.uid}
	}
	return cmd
}

// prepare runs a program to its end.
func (s *server) prepare(args ...string) {
	s.t.Helper()
	if out, err := s.command(args...).CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %v: %s", args, err, out)
	}
}

// begin starts the server.
func (s *server) begin() {
	s.t.Helper()
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := s.command(s.args(s)...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	_ = log.Close()
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	s.cmd, s.ended = cmd, ended
	until(s.t, time.Minute, s.args(s)[0]+" does not start", func() bool {
		select {
		case <-ended:
			text, _ := os.ReadFile(log.Name())
			s.t.Fatalf("%v ended: %s", s.args(s), text)
		default:
		}
		return s.alive(s)
	})
}

// start starts the server until the test ends.
func (s *server) start() *server {
	s.t.Helper()
	s.begin()
	s.t.Cleanup(s.kill)
	return s
}

// kill kills the server and its children.
func (s *server) kill() {
	children := childrenOf(s.cmd.Process.Pid)
	_ = s.cmd.Process.Kill()
	for _, pid := range children {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	<-s.ended
	until(s.t, time.Minute, "a child of the server lives", func() bool {
		for _, pid := range children {
			if status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil && !strings.Contains(string(status), ") Z ") {
				return false
			}
		}
		return true
	})
}

// childrenOf returns the processes that a process has started.
func childrenOf(pid int) (children []int) {
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range all {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(text), ") ") // state, then the parent
		if fields := strings.Fields(rest); len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			if child, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
				children = append(children, child)
			}
		}
	}
	return children
}

// answers reports whether a database accepts a statement.
func answers(dialector gorm.Dialector) bool {
	db, err := gorm.Open(dialector, &gorm.Config{Logger: logger.Discard})
	if err != nil {
		return false
	}
	pool, err := db.DB()
	if err != nil {
		return false
	}
	defer pool.Close()
	return db.Exec("SELECT 1").Error == nil
}

// newPostgres starts a PostgreSQL. In the long form it has Debian's settings, so that a commit is on the disk. The short form leaves
// it to the kernel, which a killed process does not change.
func newPostgres(t *testing.T) *server {
	t.Helper()
	initdb, postgres := program(t, "initdb"), program(t, "postgres")
	s := newServer(t, "postgres")
	s.prepare(initdb, "--pgdata="+s.data(), "--auth=trust", "--username=postgres", "--no-sync", "--no-instructions")
	s.args = func(s *server) []string {
		args := []string{postgres, "-D", s.data(), "-p", strconv.Itoa(s.port), "-k", "", "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"}
		if !long() {
			args = append(args, "-F")
		}
		return args
	}
	s.alive = postgresAlive
	return s.start()
}

func (s *server) data() string { return filepath.Join(s.dir, "data") }

func (s *server) postgres() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", s.port)
}

func postgresAlive(s *server) bool { return answers(postgres.Open(s.postgres())) }

// newMariaDB starts a MariaDB with its default settings, so that a commit is on the disk.
func newMariaDB(t *testing.T) *server {
	t.Helper()
	install, mariadbd := program(t, "mariadb-install-db"), program(t, "mariadbd")
	s := newServer(t, "mysql")
	s.prepare(install, "--no-defaults", "--datadir="+s.data(), "--auth-root-authentication-method=normal", "--skip-test-db")
	s.args = func(s *server) []string {
		return []string{
			mariadbd, "--no-defaults", "--datadir=" + s.data(), "--port=" + strconv.Itoa(s.port), "--bind-address=127.0.0.1",
			"--socket=" + filepath.Join(s.dir, "s"), "--pid-file=" + filepath.Join(s.dir, "pid"),
		}
	}
	s.alive = func(s *server) bool { return answers(mysql.Open(s.mariadb())) }
	return s.start()
}

func (s *server) mariadb() string { return fmt.Sprintf("root@tcp(127.0.0.1:%d)/", s.port) }

// newRedis starts a Redis. It writes no file by itself.
func newRedis(t *testing.T, args ...string) *server {
	t.Helper()
	path := program(t, "redis-server")
	s := newServer(t, "")
	s.args = func(s *server) []string {
		return append([]string{path, "--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--daemonize", "no"}, args...)
	}
	s.alive = func(s *server) bool {
		client := redis.NewClient(&redis.Options{Addr: s.addr()})
		defer client.Close()
		return client.Ping(context.Background()).Err() == nil
	}
	return s.start()
}

func (s *server) addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }
