// The example is a complete server with user accounts: gin-rest-auth on SQLite, PostgreSQL, MySQL or MariaDB, and one
// protected route, /api/me. Try it, and copy from it.
//
//	go run ./example                    start the server
//	go run ./example help               list the commands, such as createuser, ban and import
//	go run ./example check              report what is wrong or risky, before going live
//	go run ./example health             ask the running server whether it is alive
//
// Every setting is a flag and an environment variable; -h lists them. README.md says more.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if os.Getenv("GOMEMLIMIT") == "" { // otherwise many logins at once take twice the memory of their hashes, and Go collects it later
		debug.SetMemoryLimit((76 + 20*int64(max(1, runtime.NumCPU()-1))) << 20)
	}
	go func() { // otherwise Go returns free memory to the system only after two to five minutes
		for range time.Tick(time.Minute) {
			debug.FreeOSMemory()
		}
	}()
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if code, isCode := errors.AsType[exitCode](err); isCode { // the command has said why
		stop()
		os.Exit(int(code))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "example:", err)
		stop()
		os.Exit(1)
	}
}

// run is main without the process state, so that tests can call it.
func run(ctx context.Context, args []string, env func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	if len(args) > 0 && args[0] == "check" {
		return check(ctx, args[1:], env, stdout, stderr)
	}
	if len(args) > 0 && args[0] == "health" {
		return health(ctx, args[1:], env, stdout, stderr)
	}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		return command(ctx, args, env, stdin, stdout, stderr)
	}
	var s settings
	if err := s.parse("example", args, env, stderr, nil); err != nil {
		return err
	}
	return serve(ctx, &s, stdout)
}
