// Command bench compares this library with alternatives for Gin applications.
//
//	go run .            compares them in one process
//	go run . load       measures requests per second over HTTP, on SQLite and PostgreSQL
//	go run . scale      compares 1,000,000 users and sessions with 1,000, on three databases
//	go run . memory     measures the memory of the example's process, at rest and after logins
//	go run . storm      measures memory and other requests while 500 users log in at the same time
//	go run . rows       measures the bytes of a row in each table that grows, on PostgreSQL and MariaDB
//
// The README explains the figures. Each command has -h.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/gin-gonic/gin"
)

func main() {
	gin.SetMode(gin.ReleaseMode)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	command := ""
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		command, args = args[0], args[1:]
	}
	switch command {
	case "":
		return compare(ctx, args)
	case "load":
		return load(ctx, args)
	case "scale":
		return scale(ctx, args)
	case "memory":
		return memory(ctx, args)
	case "storm":
		return storm(ctx, args)
	case "rows":
		return rows(ctx, args)
	case "serve":
		return serve(ctx)
	case "users":
		return users(ctx, args)
	case "control":
		return listen(ctx, control())
	}
	return fmt.Errorf("there is no command %q; use none, load, scale, memory, storm or rows", command)
}
