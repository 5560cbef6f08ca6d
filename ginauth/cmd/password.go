package cmd

// Passwords: from the terminal without echo, or from standard input, never from an argument.

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// password asks twice on a terminal. With --password-stdin it reads one line of the input.
func (l *call) password(fromStdin bool) (string, error) {
	if fromStdin {
		line, err := bufio.NewReader(io.LimitReader(l.In, 1<<16)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			return "", errors.New("--password-stdin: standard input is empty")
		}
		return line, nil
	}
	terminal, isFile := l.In.(*os.File)
	if !isFile || !term.IsTerminal(int(terminal.Fd())) {
		return "", usageError("there is no terminal to ask for the password; use --password-stdin")
	}
	var typed [2]string
	for i, prompt := range []string{"Password: ", "Repeat password: "} {
		fmt.Fprint(l.Err, prompt)
		b, err := term.ReadPassword(int(terminal.Fd()))
		fmt.Fprintln(l.Err)
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
