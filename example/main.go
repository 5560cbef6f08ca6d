// The example is a whole server: gin-rest-auth on SQLite, PostgreSQL or MySQL, with
// one protected route of its own.
//
//	go run ./example                    serve
//	go run ./example createuser ...     add a user
//	go run ./example check              look for what is wrong or risky, before going live
//
// Every setting is a flag and an environment variable; run it with -h to see them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if os.Getenv("GOGC") == "" {
		// A hash leaves 19 MiB behind. Collecting earlier costs little in a heap that is otherwise
		// small, and keeps a storm of logins 20 MiB lower at its peak and 35 MiB in between.
		debug.SetGCPercent(25)
	}
	go func() { // Go by itself gives that back after two to five minutes
		for range time.Tick(time.Minute) {
			debug.FreeOSMemory()
		}
	}()
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "example:", err)
		stop()
		os.Exit(1)
	}
}

// run is main without the process, so that tests can call it.
func run(ctx context.Context, args []string, env func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	if len(args) > 0 && args[0] == "createuser" {
		return createUser(ctx, args[1:], env, stdin, stdout, stderr)
	}
	if len(args) > 0 && args[0] == "check" {
		return check(ctx, args[1:], env, stdout, stderr)
	}
	var s settings
	if err := s.parse("example", args, env, stderr, nil); err != nil {
		return err
	}
	return serve(ctx, s, stdout)
}
