package main

// The users of the command storm. They are a process of their own with the lowest priority, because real users do not take the
// CPU of the server or of the program that measures it.

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// stormed is what users saw.
type stormed struct {
	Elapsed  time.Duration
	Statuses map[string]int
	Silent   int // 429 and 503 without Retry-After
}

// crowd is how many users log in at the same time, and from how many networks.
type crowd struct{ logins, networks int }

// startUsers connects users in a process of their own. logIn lets all of them log in, and returns when each has a response.
func startUsers(ctx context.Context, address string, round int, c crowd) (logIn func() (stormed, error), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "nice", "-n", "19", self, "users", address, strconv.Itoa(round), strconv.Itoa(c.logins), strconv.Itoa(c.networks))
	input, output, err := startPiped(cmd)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewReader(output)
	if _, err := lines.ReadString('\n'); err != nil { // all are connected
		return nil, errors.Join(err, cmd.Wait())
	}
	return func() (s stormed, err error) {
		if err := input.Close(); err != nil {
			return s, err
		}
		err = json.NewDecoder(lines).Decode(&s)
		return s, errors.Join(err, cmd.Wait())
	}, nil
}

// users is the process of startUsers: unknown users, each on a connection of its own.
func users(ctx context.Context, args []string) error {
	if len(args) != 4 {
		return errors.New("users: want address, round, logins, networks")
	}
	logins, err := strconv.Atoi(args[2])
	networks, err2 := strconv.Atoi(args[3])
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	conns := make([]net.Conn, logins)
	for i := range conns {
		from := &net.Dialer{}
		if n := i % networks; n > 0 {
			from.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 1, byte(n/256), byte(n%256))}
		}
		if conns[i], err = from.DialContext(ctx, "tcp", args[0]); err != nil {
			return err
		}
		defer conns[i].Close()
	}
	fmt.Println("connected")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	responses, began := make([]string, logins), time.Now()
	var all sync.WaitGroup
	for i, conn := range conns {
		all.Go(func() {
			name := fmt.Sprintf("nobody%s-%d", args[1], i)
			if _, err := conn.Write(plain(http.MethodPost, "/auth/login/", namePassword(name), http.Header{"Connection": {"close"}})); err != nil {
				return
			}
			response, _ := io.ReadAll(conn)
			responses[i] = string(bytes.ToLower(response))
		})
	}
	all.Wait()
	s := stormed{Elapsed: time.Since(began), Statuses: map[string]int{}}
	for _, response := range responses {
		_, after, _ := strings.Cut(response, "http/1.1 ")
		status, _, _ := strings.Cut(after, " ")
		s.Statuses[status]++
		if (status == "429" || status == "503") && !strings.Contains(response, "\r\nretry-after: ") {
			s.Silent++
		}
	}
	return json.NewEncoder(os.Stdout).Encode(s)
}
