// Package deploy_test holds the files of this folder to the example: the settings that they name, the programs that read them, and
// the server behind them.
package deploy_test

import (
	"bytes"
	"debug/elf"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// built is where the binary is, for all tests of the package.
var built, folder = sync.OnceValues(func() (string, error) {
	dockerfile, err := os.ReadFile("Dockerfile")
	if err != nil {
		return "", err
	}
	flags := strings.Fields(strings.Replace(buildLine.FindStringSubmatch(string(dockerfile))[1], "-trimpath", "", 1)) // with it, Go compiles everything again
	path := filepath.Join(folder, "example")
	cmd := exec.Command("go", append(append([]string{"build"}, flags...), "-o", path, "..")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	return path, cmd.Run()
}), filepath.Join(os.TempDir(), "ginauth-deploy-"+time.Now().Format("150405.000000"))

var buildLine = regexp.MustCompile(`CGO_ENABLED=0 go build (.*) -o \S+ \./example\b`)

func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// binary builds the example as the Dockerfile does, once, but with the paths of this machine.
func binary(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the example without cgo")
	}
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// program returns a program of the system. Without it the test is skipped, unless all must run.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("GINAUTH_TEST_ALL") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
	return path
}

// passes runs a program, which must succeed, and returns what it says.
func passes(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// settings are the variables of example.env, with changes. The rest of the environment of the test is not in it.
func settings(t *testing.T, changes ...string) []string {
	t.Helper()
	var env []string
	for _, line := range regexp.MustCompile(`(?m)^([A-Z_]+)="?(.*?)"?$`).FindAllStringSubmatch(read(t, "example.env"), -1) {
		env = append(env, line[1]+"="+line[2])
	}
	if len(env) < 6 {
		t.Fatalf("example.env has only %v", env)
	}
	return append(env, changes...)
}

// TestStaticBinary: the binary needs no loader and no library, so it runs in an empty image.
func TestStaticBinary(t *testing.T) {
	file, err := elf.Open(binary(t))
	if err != nil {
		t.Skip(err) // another system than Linux
	}
	defer file.Close()
	libraries, err := file.ImportedLibraries()
	if err != nil || len(libraries) != 0 || file.Section(".interp") != nil {
		t.Errorf("it needs %v, %v", libraries, err)
	}
	if !buildLine.MatchString(read(t, "README.md")) || buildLine.FindStringSubmatch(read(t, "README.md"))[1] != buildLine.FindStringSubmatch(read(t, "Dockerfile"))[1] {
		t.Error("README.md and the Dockerfile build in different ways")
	}
}

// TestSettingsExist: the example has every variable that the files set.
func TestSettingsExist(t *testing.T) {
	usage, _ := exec.CommandContext(t.Context(), binary(t), "-h").CombinedOutput()
	for file, line := range map[string]string{
		"example.env": `(?m)^#?([A-Z][A-Z_]+)=`, "Dockerfile": `([A-Z_]+)=(?:sqlite)?:`, "README.md": "`([A-Z]+_[A-Z_]+)`",
	} {
		found := regexp.MustCompile(line).FindAllStringSubmatch(read(t, file), -1)
		if len(found) < 2 {
			t.Errorf("%s has only %v", file, found)
		}
		for _, name := range found {
			if !bytes.Contains(usage, []byte("["+name[1]+"]")) {
				t.Errorf("%s: the example has no %s", file, name[1])
			}
		}
	}
}

// TestCheckPasses: with the settings of example.env, and a database of its own, check finds nothing.
func TestCheckPasses(t *testing.T) {
	env := settings(t, "DATABASE_URL=sqlite:"+filepath.Join(t.TempDir(), "example.db"))
	for _, command := range []string{"migrate", "check"} {
		cmd := exec.CommandContext(t.Context(), binary(t), command)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		if err != nil || command == "check" && string(out) != "No problems found.\n" {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	}
}

// TestUnit: systemd accepts the unit and rates it as well protected. It waits longer for the end than the example takes.
func TestUnit(t *testing.T) {
	analyze := program(t, "systemd-analyze")
	text := read(t, "example.service")
	unit := filepath.Join(t.TempDir(), "example.service")
	if err := os.WriteFile(unit, []byte(strings.ReplaceAll(text, "/usr/local/bin/example", binary(t))), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := passes(t, analyze, "verify", unit); strings.Contains(out, "example.service") {
		t.Error(out)
	}
	passes(t, analyze, "security", "--offline=yes", "--threshold=15", unit) // 1.5 of 10
	wait := regexp.MustCompile(`TimeoutStopSec=(\d+s)`).FindStringSubmatch(text)
	if end, err := time.ParseDuration(wait[1]); err != nil || end <= 10*time.Second { // the default of SHUTDOWN_TIMEOUT
		t.Errorf("%v, %v", end, err)
	}
}

func TestCaddyfile(t *testing.T) {
	passes(t, program(t, "caddy"), "validate", "--adapter", "caddyfile", "--config", "Caddyfile")
}

// TestDockerfile: dockerfilelint has no complaint, and the image runs the binary as a user without rights.
func TestDockerfile(t *testing.T) {
	text := read(t, "Dockerfile")
	for _, want := range []string{"USER 65532:65532", `ENTRYPOINT ["/usr/local/bin/example"]`, `CMD ["/usr/local/bin/example", "health"]`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if os.Getenv("GINAUTH_TEST_NPM") == "" {
		t.Skip("set GINAUTH_TEST_NPM=1 to lint it")
	}
	passes(t, "npm", "--prefix", "testdata", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	passes(t, "testdata/node_modules/.bin/dockerfilelint", "Dockerfile")
}

// TestEnd: SIGTERM ends the process in order, with status 0. health says whether it runs.
func TestEnd(t *testing.T) {
	s := serve(t, "DATABASE_URL=sqlite:"+filepath.Join(t.TempDir(), "example.db"))
	if out, err := s.run("", "health"); err != nil || out != "ok\n" {
		t.Errorf("%s %v", out, err)
	}
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(s.out)
	if err != nil || !strings.Contains(string(rest), "Shutting down.") {
		t.Errorf("%s, %v", rest, err)
	}
	if err := s.process.Wait(); err != nil {
		t.Error(err)
	}
	if out, err := s.run("", "health"); err == nil {
		t.Errorf("after the end: %s", out)
	}
}
