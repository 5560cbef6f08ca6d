package main

// The command memory: how much memory the example's process takes.

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const memoryUsers = 16

func memory(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench memory", flag.ContinueOnError)
	rest := flags.Duration("rest", 10*time.Second, "how long the example runs before the first measurement")
	logins := flags.Duration("logins", time.Minute, "how long users log in at full speed")
	after := flags.Duration("after", 5*time.Minute, "how long it is measured after that")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return withExample(ctx, nil, func(server *process) error {
		fmt.Printf("%s, the example on SQLite, %d users\n\n", machine(), memoryUsers)
		return watch(ctx, server, *rest, *logins, *after)
	})
}

// withExample builds the example, and runs it with its users on an empty SQLite database, and with more settings, while measure measures it.
func withExample(ctx context.Context, more []string, measure func(*process) error) error {
	dir, err := os.MkdirTemp("", "ginauth-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	example, err := buildExample(ctx, dir)
	if err != nil {
		return err
	}
	settings := append([]string{"ADDR=127.0.0.1:0", "DATABASE_URL=sqlite:" + filepath.Join(dir, "example.db")}, more...)
	if err := createUsers(ctx, example, settings); err != nil {
		return err
	}
	server, err := start(ctx, settings, example)
	if err != nil {
		return err
	}
	defer server.stop()
	return measure(server)
}

// buildExample builds it with the versions of the library's own go.mod.
func buildExample(ctx context.Context, dir string) (string, error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/ginauth/gin-rest-auth").Output()
	if err != nil {
		return "", fmt.Errorf("run this in ginauth/internal/bench: %w", err)
	}
	file := filepath.Join(dir, "example")
	build := exec.CommandContext(ctx, "go", "build", "-C", strings.TrimSpace(string(root)), "-o", file, "./example") //nolint:gosec // a module's directory
	build.Stderr = os.Stderr
	return file, build.Run()
}

func createUsers(ctx context.Context, example string, settings []string) error {
	for i := 1; i <= memoryUsers; i++ {
		args := []string{"createuser", "--username", username(i), "--email", username(i) + "@example.com", "--password-stdin"}
		create := exec.CommandContext(ctx, example, args...) //nolint:gosec // the file that was built
		create.Env, create.Stdin = append(os.Environ(), settings...), strings.NewReader(password+"\n")
		if out, err := create.CombinedOutput(); err != nil {
			return fmt.Errorf("createuser: %w: %s", err, out)
		}
	}
	return nil
}

// watch writes a row for each measurement.
func watch(ctx context.Context, server *process, rest, logins, after time.Duration) error {
	rows := [][]string{{"", "anonymous", "resident", "highest resident"}}
	look := func(when string) error {
		m, err := server.memory()
		mib := func(name string) string { return fmt.Sprintf("%.1f MiB", m[name]) }
		rows = append(rows, []string{when, mib("RssAnon"), mib("VmRSS"), mib("VmHWM")})
		return err
	}
	wait(ctx, rest)
	if err := look(fmt.Sprintf("at rest, %v after the start", rest)); err != nil {
		return err
	}
	var posts [][]byte
	for i := 1; i <= memoryUsers; i++ {
		posts = append(posts, plain("POST", "/auth/login/", namePassword(username(i)), nil))
	}
	done, err := fire(server.address, posts, logins)
	if err != nil {
		return err
	}
	if err := look(fmt.Sprintf("after %v of logins, %.0f a second", logins, float64(len(done.latencies))/done.elapsed.Seconds())); err != nil {
		return err
	}
	for passed := time.Duration(0); passed < after && ctx.Err() == nil; {
		step := min(time.Minute, after-passed)
		wait(ctx, step)
		passed += step
		if err := look(fmt.Sprintf("%v later", passed)); err != nil {
			return err
		}
	}
	writeTable(os.Stdout, rows)
	return ctx.Err()
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
