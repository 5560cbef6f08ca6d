package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// server runs the example in this process until the test ends.
type server struct {
	url  string
	stop func() error
}

func start(t *testing.T, env map[string]string) server {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	get := func(name string) string {
		if name == "ADDR" {
			return "127.0.0.1:0"
		}
		return env[name]
	}
	go func() {
		err := run(ctx, nil, get, strings.NewReader(""), writer, io.Discard)
		_ = writer.CloseWithError(err)
		done <- err
	}()
	lines := bufio.NewReader(reader)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	s := server{url: strings.TrimSpace(strings.TrimPrefix(line, "Listening on "))}
	s.stop = func() error {
		cancel()
		return <-done
	}
	t.Cleanup(cancel)
	return s
}

func sqliteEnv(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{"DATABASE_URL": "sqlite:" + filepath.Join(t.TempDir(), "a path%3f with spaces.db")}
}

// databases returns the environment for each database that the tests can use.
func databases(t *testing.T) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{"SQLite": sqliteEnv(t)}
	open := func(d gorm.Dialector) *gorm.DB {
		db, err := gorm.Open(d, &gorm.Config{Logger: logger.Discard})
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	name := "ginauth_example_" + strings.ToLower(rand.Text())
	fresh := func(db *gorm.DB, kind string) {
		if err := db.Exec("CREATE " + kind + " " + name).Error; err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Exec("DROP " + kind + " " + name) })
	}
	if dsn := os.Getenv("GINAUTH_TEST_POSTGRES"); dsn != "" {
		fresh(open(postgres.Open(dsn)), "DATABASE")
		u, err := url.Parse(dsn)
		if err != nil {
			t.Fatal(err)
		}
		u.Path = name
		all["PostgreSQL"] = map[string]string{"DATABASE_URL": u.String(), "AUTH_SECRET": rand.Text() + rand.Text()}
	}
	if dsn := os.Getenv("GINAUTH_TEST_MYSQL"); dsn != "" {
		fresh(open(mysql.Open(dsn)), "DATABASE")
		m := regexp.MustCompile(`^([^@]*)@tcp\(([^)]*)\)/`).FindStringSubmatch(dsn)
		if m == nil {
			t.Fatalf("GINAUTH_TEST_MYSQL is not of the form USER:PASS@tcp(HOST:PORT)/DB")
		}
		all["MySQL"] = map[string]string{"DATABASE_URL": "mysql://" + m[1] + "@" + m[2] + "/" + name, "AUTH_SECRET": rand.Text() + rand.Text()}
	}
	return all
}

// TestReadmeCurl runs the README's curl lines against the example on every database.
func TestReadmeCurl(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil && os.Getenv("GINAUTH_TEST_ALL") != "1" {
		t.Skip("no curl on this machine")
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```sh\n(U=http.*?)```").FindSubmatch(readme)
	if block == nil {
		t.Fatal("the README has no curl lines")
	}
	for name, env := range databases(t) {
		t.Run(name, func(t *testing.T) {
			s := start(t, env)
			script := strings.ReplaceAll(string(block[1]), "http://127.0.0.1:8080", s.url)
			script = strings.ReplaceAll(script, "curl ", `curl -s -o /dev/null -w '%{http_code}\n' `)
			cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", script)
			cmd.Dir = t.TempDir()
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if got, want := strings.Fields(string(out)), "201 200 200 200 401 200 200 401"; strings.Join(got, " ") != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if err := s.stop(); err != nil {
				t.Errorf("shutdown: %v", err)
			}
		})
	}
}

func TestHealthAndOwnRoute(t *testing.T) {
	s := start(t, sqliteEnv(t))
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/api/me": 401, "/nothing": 404} {
		r, err := http.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, r.StatusCode, want)
		}
	}
}

// TestReadinessOfADeletedDatabase: the response is 503 after the SQLite file was deleted.
func TestReadinessOfADeletedDatabase(t *testing.T) {
	env := sqliteEnv(t)
	s := start(t, env)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(strings.TrimPrefix(env["DATABASE_URL"], "sqlite:") + suffix); err != nil && suffix == "" {
			t.Fatal(err)
		}
	}
	for range 3 {
		r, err := http.Get(s.url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("got %d", r.StatusCode)
		}
	}
}

func TestSecretIsKept(t *testing.T) {
	env := sqliteEnv(t)
	path := strings.TrimPrefix(env["DATABASE_URL"], "sqlite:") + ".secret"
	if err := start(t, env).stop(); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || len(first) < 43 {
		t.Errorf("mode %v, %d bytes, %v", info.Mode(), len(first), err)
	}
	if err := start(t, env).stop(); err != nil {
		t.Fatal(err)
	}
	if second, _ := os.ReadFile(path); string(second) != string(first) {
		t.Error("the secret changed")
	}
}

func TestCommands(t *testing.T) {
	env := sqliteEnv(t)
	command := func(stdin string, args ...string) (stdout, stderr string, err error) {
		var out, errs strings.Builder
		err = run(t.Context(), args, func(n string) string { return env[n] }, strings.NewReader(stdin), &out, &errs)
		return out.String(), errs.String(), err
	}
	if out, _, err := command("", "migrate", "--dry-run"); err == nil || !strings.Contains(out, "CREATE TABLE") {
		t.Fatalf("%q, %v", out, err)
	}
	if out, _, err := command("Looking-Glass-7\n", "createuser", "--username", "root", "--email", "root@example.com", "--staff", "--superuser", "--password-stdin"); err != nil || out != "User 1 created.\n" {
		t.Fatalf("%q, %v", out, err)
	}
	for want, args := range map[string][]string{
		"username: This is already taken. Choose another one. (taken)": {"--username", "ROOT", "--password-stdin"},
		"password: Use at least 8 characters.":                         {"--username", "x", "--password-stdin"},
		"use --password-stdin":                                         {"--username", "x"},
		"username: Give a name or an address. (required)":              {"--password-stdin"},
	} {
		if _, errs, err := command("short\n", append([]string{"createuser"}, args...)...); err == nil || !strings.Contains(errs, want) {
			t.Errorf("%v: got %v, %s, want %q", args, err, errs, want)
		}
	}
	if _, errs, err := command("", "nonsense"); !errors.Is(err, exitCode(2)) || !strings.Contains(errs, "help") {
		t.Errorf("%v %s", err, errs)
	}
	if out, _, err := command("", "help"); err != nil || !strings.Contains(out, "createuser") {
		t.Errorf("%v %s", err, out)
	}
	s := start(t, env)
	r, err := http.PostForm(s.url+"/auth/login/", url.Values{"username": {"root"}, "password": {"Looking-Glass-7"}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var body struct{ User struct{ Email string } }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.StatusCode != 200 || body.User.Email != "root@example.com" {
		t.Errorf("%d %+v %v", r.StatusCode, body, err)
	}
}

// TestWithoutCgo builds the example with the SQLite written in Go. It registers the same name several times at once,
// because that driver reports a duplicate with another error.
func TestWithoutCgo(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles SQLite in Go")
	}
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "example"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	url, _ := startedProcess(t, filepath.Join(dir, "example"), dir)
	statuses := make(chan int, 8)
	for i := range cap(statuses) {
		go func() {
			form := "username=ann&password1=Looking-Glass-7&password2=Looking-Glass-7&email=" + fmt.Sprintf("a%d@example.com", i)
			for status := 503; ; { // try again: on a loaded machine a hash can wait longer than Hash.Wait
				if status != 503 {
					statuses <- status
					return
				}
				r, err := http.Post(url+"/auth/registration/", "application/x-www-form-urlencoded", strings.NewReader(form))
				if err != nil {
					statuses <- 0
					return
				}
				_ = r.Body.Close()
				status = r.StatusCode
			}
		}()
	}
	got := map[int]int{}
	for range cap(statuses) {
		got[<-statuses]++
	}
	if got[201] != 1 || got[400] != cap(statuses)-1 {
		t.Errorf("got %v, want one 201 and the rest 400", got)
	}
}

// startedProcess runs a compiled example, waits until it listens, and stops it after the test.
func startedProcess(t *testing.T, binary, dir string, env ...string) (string, *os.Process) {
	t.Helper()
	at, cmd := spawn(t, binary, dir, env...)
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		timer := time.AfterFunc(15*time.Second, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	})
	return at, cmd.Process
}
