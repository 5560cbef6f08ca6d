package docs_test

// The first minute of a new user: go get, the first program, and its curl commands.

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
)

const (
	modulePath = "github.com/ginauth/gin-rest-auth"
	documented = "127.0.0.1:8080" // where the first program listens
)

// TestFirstMinute follows README.md in an empty directory. The module comes from the repository's files, other modules
// from the module cache or the Go module proxy.
func TestFirstMinute(t *testing.T) {
	t.Parallel()
	if os.Getenv("GINAUTH_TEST_ALL") != "1" {
		t.Skip("takes minutes: it compiles everything in an empty module cache; set GINAUTH_TEST_ALL=1")
	}
	for _, tool := range []string{"git", "curl", "gcc"} {
		if _, err := exec.LookPath(tool); err != nil {
			skip(t, "there is no "+tool+" on this machine")
		}
	}
	program, getIt, tryIt := firstSteps(t)
	proxy, version := publish(t)
	dir, env := t.TempDir(), goEnvironment(t, proxy)
	goCommand(t, dir, env, "mod", "init", "example.com/app")
	goCommand(t, dir, env, append([]string{"get"}, getIt...)...)
	if mod := readFile(t, filepath.Join(dir, "go.mod")); !strings.Contains(mod, modulePath+" "+version) {
		t.Fatalf("go get did not add %s %s:\n%s", modulePath, version, mod)
	}
	address := freeAddress(t)
	write(t, dir, "main.go", strings.ReplaceAll(program, documented, address))
	goCommand(t, dir, env, "build", "-o", "app", ".")

	var secret []string
	if strings.Contains(program, "AUTH_SECRET") {
		secret = []string{"AUTH_SECRET=" + rand.Text() + rand.Text()}
	}
	stop := startApp(t, dir, address, secret)
	statuses := curl(t, dir, strings.ReplaceAll(tryIt, documented, address))
	if statuses[0] != "201" || slices.ContainsFunc(statuses[1:], func(s string) bool { return s != "200" }) {
		t.Errorf("the commands of README.md get %v, want 201 and then 200", statuses)
	}
	stop()
	defer startApp(t, dir, address, secret)()
	if got := curl(t, dir, "curl http://"+address+"/auth/user/"); got[0] != "200" {
		t.Errorf("after a restart the session gets %v", got)
	}
}

// firstSteps returns the first program of README.md, the arguments of go get, and the curl commands.
func firstSteps(t *testing.T) (program string, getIt []string, tryIt string) {
	t.Helper()
	readme := docs.Read(t, "README.md")
	program = firstBlock(t, readme, "go", func(code string) bool { return strings.HasPrefix(code, "package main\n") })
	get := firstBlock(t, readme, "sh", func(code string) bool { return strings.Contains(code, "go get ") })
	tryIt = firstBlock(t, readme, "sh", func(code string) bool { return strings.Contains(code, "/auth/registration/") })
	if !strings.Contains(program, documented) || !strings.Contains(tryIt, documented) {
		t.Fatalf("README.md no longer uses %s; change this test", documented)
	}
	getIt = strings.Fields(regexp.MustCompile(`(?m)^go get (.*?)\s*(?:#.*)?$`).FindStringSubmatch(get)[1])
	return program, getIt, strings.Join(regexp.MustCompile(`(?m)^curl .*$`).FindAllString(tryIt, -1), "\n")
}

// skip skips the test, unless GINAUTH_TEST_ALL=1 wants all tests.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("GINAUTH_TEST_ALL") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// firstBlock returns the first block of code in a language that has what the test looks for.
func firstBlock(t *testing.T, text, language string, has func(code string) bool) string {
	t.Helper()
	for _, b := range fence.FindAllStringSubmatch(text, -1) {
		if b[1] == language && has(b[2]) {
			return b[2]
		}
	}
	t.Fatalf("README.md does not have the block of %s that this test needs", language)
	return ""
}

// publish makes a Go module proxy of the repository's files, and returns its directory and the version of the module. Other files get
// another version, because Go remembers which files a version has.
func publish(t *testing.T) (proxy, version string) {
	t.Helper()
	files, sum := moduleFiles(t), crc32.NewIEEE()
	for _, file := range files {
		_, _ = io.WriteString(sum, file+"\x00"+docs.Read(t, file))
	}
	proxy, version = t.TempDir(), fmt.Sprint("v0.0.", sum.Sum32())
	at := filepath.Join(proxy, modulePath, "@v")
	write(t, at, "list", version+"\n")
	write(t, at, version+".info", fmt.Sprintf(`{"Version": %q, "Time": "2026-01-01T00:00:00Z"}`, version))
	write(t, at, version+".mod", docs.Read(t, "go.mod"))
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, file := range files {
		entry, err := w.Create(modulePath + "@" + version + "/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(entry, docs.Read(t, file)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, at, version+".zip", archive.String())
	return proxy, version
}

// moduleFiles returns the files of the module: those that git has or would add, without other modules below it.
func moduleFiles(t *testing.T) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
	list.Dir = docs.Root(t)
	out, err := list.Output()
	if err != nil {
		skip(t, "the repository is not a clone: "+err.Error())
	}
	files := strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
	var others []string // directories of other modules
	for _, file := range files {
		if path.Base(file) == "go.mod" && file != "go.mod" {
			others = append(others, path.Dir(file)+"/")
		}
	}
	return slices.DeleteFunc(files, func(file string) bool {
		info, err := os.Lstat(filepath.Join(docs.Root(t), file))
		inOther := slices.ContainsFunc(others, func(dir string) bool { return strings.HasPrefix(file, dir) })
		return err != nil || !info.Mode().IsRegular() || inOther || strings.Contains(file, "/block_") // see TestCode
	})
}

// goEnvironment returns the environment of a user whose module proxy has the module. The module cache is a new one, so
// that the user's own stays clean; the user's own serves as another proxy. Only this module skips the checksum database.
func goEnvironment(t *testing.T, proxy string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOPROXY", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	user := strings.Fields(string(out))
	// With an empty module cache that has the same path in each run, SQLite is compiled once. It takes a minute.
	modules := filepath.Join(os.TempDir(), fmt.Sprintf("ginauth-modules-%x", crc32.ChecksumIEEE([]byte(docs.Root(t)))))
	t.Cleanup(func() { _ = os.RemoveAll(modules) })
	if err := os.RemoveAll(modules); err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(),
		"GOPROXY=file://"+proxy+",file://"+user[1]+"/cache/download,"+user[0], "GOMODCACHE="+modules,
		"GONOSUMDB="+modulePath, "GOWORK=off", "CGO_ENABLED=1",
		"GOFLAGS=-modcacherw -trimpath -buildvcs=false") // -trimpath lets runs share compiled packages
}

var offline = regexp.MustCompile(`dial tcp|no such host|connection refused|i/o timeout|TLS handshake|GOPROXY=off|Forbidden|Bad Gateway|Service Unavailable`)

func goCommand(t *testing.T, dir string, env []string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.CombinedOutput()
	if err != nil && offline.Match(out) {
		skip(t, fmt.Sprintf("the modules are neither in the module cache nor can they be downloaded: go %s: %s", strings.Join(args, " "), out))
	}
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// startApp starts the compiled program, waits until it listens, and returns a function that stops it.
func startApp(t *testing.T, dir, address string, env []string) (stop func()) {
	t.Helper()
	var output bytes.Buffer
	cmd := exec.Command(filepath.Join(dir, "app"))
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, append(os.Environ(), env...), &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = func() { _, _ = cmd.Process.Kill(), cmd.Wait() }
	for range 300 {
		if conn, err := net.Dial("tcp", address); err == nil {
			_ = conn.Close()
			return stop
		}
		time.Sleep(100 * time.Millisecond)
	}
	stop()
	t.Fatalf("the first program does not listen on %s:\n%s", address, output.String())
	return nil
}

// curl runs curl commands with a cookie jar and returns the statuses.
func curl(t *testing.T, dir, commands string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-ec", strings.ReplaceAll(commands, "curl ", `curl -s -o /dev/null -w '%{http_code}\n' -c jar -b jar `))
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v:\n%s", err, commands)
	}
	return strings.Fields(string(out))
}
