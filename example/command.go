package main

import (
	"context"
	"fmt"
	"io"

	"github.com/ginauth/gin-rest-auth/ginauth/cmd"
)

// exitCode is how a command ended that has printed its error itself.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// command runs a command of the library, such as createuser, with the settings of the environment. The server does not need to run.
func command(ctx context.Context, args []string, env func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	var s settings
	if err := s.parse("example", nil, env, stderr, nil); err != nil {
		return err
	}
	db, auth, err := connect(&s, stderr)
	if err != nil {
		return err
	}
	if pool, err := db.DB(); err == nil {
		defer pool.Close()
	}
	if args[0] != "migrate" && args[0] != "help" {
		if err := auth.Migrate(ctx); err != nil {
			return err
		}
	}
	program := cmd.Program{Name: "example", In: stdin, Out: stdout, Err: stderr}
	if code := program.Run(ctx, auth, args); code != cmd.OK {
		return exitCode(code)
	}
	return nil
}
