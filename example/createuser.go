package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// createUser adds a user to the database. The server does not need to run.
func createUser(ctx context.Context, args []string, env func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	var s settings
	var user models.User
	var fromStdin, unconfirmed bool
	err := s.parse("example createuser", args, env, stderr, func(flags *flag.FlagSet) {
		flags.StringVar(&user.Username, "username", "", "`name` to log in with")
		flags.StringVar(&user.Email, "email", "", "e-mail `address`")
		flags.BoolVar(&unconfirmed, "unconfirmed", false, "do not mark the address as confirmed")
		flags.BoolVar(&user.IsStaff, "staff", false, "mark as staff")
		flags.BoolVar(&user.IsSuperuser, "superuser", false, "mark as superuser")
		flags.BoolVar(&fromStdin, "password-stdin", false, "read the password from standard input")
	})
	if err != nil {
		return err
	}
	password, err := readPassword(stdin, stderr, fromStdin)
	if err != nil {
		return err
	}
	_, auth, err := open(ctx, &s, stderr)
	if err != nil {
		return err
	}
	err = auth.CreateUser(ctx, &user, password)
	if invalid, ok := errors.AsType[*binding.Error](err); ok {
		return readable(invalid)
	}
	if err != nil {
		return err
	}
	if user.Email != "" && !unconfirmed {
		if err := auth.ConfirmEmail(ctx, user.ID, user.Email); err != nil {
			return err
		}
	}
	fmt.Fprintf(stdout, "User %d created.\n", user.ID)
	return nil
}

// readPassword asks twice on a terminal. With --password-stdin it reads one line of standard input.
func readPassword(stdin io.Reader, stderr io.Writer, fromStdin bool) (string, error) {
	terminal, isFile := stdin.(*os.File)
	if fromStdin {
		line, err := bufio.NewReader(stdin).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			return "", errors.New("--password-stdin: standard input is empty")
		}
		return line, nil
	}
	if !isFile || !term.IsTerminal(int(terminal.Fd())) {
		return "", errors.New("there is no terminal to ask for the password; use --password-stdin")
	}
	var typed [2]string
	for i, prompt := range []string{"Password: ", "Repeat password: "} {
		fmt.Fprint(stderr, prompt)
		b, err := term.ReadPassword(int(terminal.Fd()))
		fmt.Fprintln(stderr)
		if err != nil {
			return "", err
		}
		typed[i] = string(b)
	}
	if typed[0] != typed[1] {
		return "", errors.New("the two passwords differ")
	}
	if typed[0] == "" {
		return "", errors.New("the password is empty")
	}
	return typed[0], nil
}

// readable lists the errors of fields, one per line.
func readable(e *binding.Error) error {
	var lines []error
	for _, field := range e.FieldNames() {
		for _, p := range e.Fields[field] {
			lines = append(lines, fmt.Errorf("%s: %s (%s)", field, p.Message, p.Code))
		}
	}
	return errors.Join(lines...)
}
