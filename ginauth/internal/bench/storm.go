package main

// The command storm: what many logins at the same time do to memory and to other requests.

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

const (
	probeEvery = 2 * time.Millisecond // how often an authenticated GET is sent
	probeIdle  = 3 * time.Second      // how long it is measured without other requests, and with one login at a time
)

func storm(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench storm", flag.ContinueOnError)
	rounds := flags.Int("rounds", 5, "`number` of rounds")
	var c crowd
	flags.IntVar(&c.logins, "logins", 500, "`number` of logins at the same time")
	flags.IntVar(&c.networks, "networks", 1, "`number` of networks of the users, at most the number of logins")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if c.networks < 1 {
		return errors.New("bench storm: -networks must be at least 1")
	}
	return withExample(ctx, []string{"TRUSTED_NETWORKS=127.0.0.1"}, func(server *process) error {
		return stormRounds(ctx, server, *rounds, c)
	})
}

// stormRounds lets storms pass over the example and over the control, in turns, and writes a row for each.
func stormRounds(ctx context.Context, server *process, rounds int, c crowd) error {
	bare, err := startSelf(ctx, "control")
	if err != nil {
		return err
	}
	defer bare.stop()
	get, err := authenticatedGet(ctx, server.address)
	if err != nil {
		return err
	}
	base, err := server.memory()
	if err != nil {
		return err
	}
	rows := [][]string{{"server", "GET: p50, p99 idle", "one login at a time", "p50, p99, worst in the storm", "p99, multiples", "lasts", "compared", "429 and 503", "without Retry-After"}}
	ours, control := &probed{name: "example", address: server.address}, &probed{name: "control", address: bare.address}
	for round := range rounds {
		for _, p := range []*probed{ours, control} {
			row, err := stormRow(ctx, p, get, round, c)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
	}
	peak, err := server.memory()
	gate := max(1, runtime.NumCPU()-1)
	fmt.Printf("%s, the example on SQLite, %d logins at the same time from %d network(s), Hash.Parallel %d\n\n", machine(), c.logins, c.networks, gate)
	writeTable(os.Stdout, rows)
	fmt.Printf("\np99 of all rounds: %s, %s; in the storm the example has %.2f times that of the control\n", ours, control,
		float64(quantile(ours.stormy, 0.99))/float64(quantile(control.stormy, 0.99)))
	fmt.Printf("resident: %.0f MiB before, %.0f MiB at most; %.0f MiB more, of %d MiB that are allowed\n",
		base["VmRSS"], peak["VmHWM"], peak["VmHWM"]-base["VmRSS"], 20*gate+64)
	return err
}

// probed is a server, and how long its responses to the GET took in all rounds.
type probed struct {
	name, address        string
	calm, single, stormy []time.Duration
}

func (p *probed) String() string {
	calm, single, stormy := quantile(p.calm, 0.99), quantile(p.single, 0.99), quantile(p.stormy, 0.99)
	return fmt.Sprintf("%s %s idle, %s with one login at a time, %s in the storm, multiples %s",
		p.name, millis(calm), millis(single), millis(stormy), multiples(stormy, calm, single))
}

// multiples says how much longer requests take in the storm than idle, and than with one login at a time.
func multiples(stormy, calm, single time.Duration) string {
	return fmt.Sprintf("%.1f, %.1f", float64(stormy)/float64(calm), float64(stormy)/float64(single))
}

// stormRow probes a server without other requests, with one login at a time, and in a storm. It adds what it measured, and returns a
// row of the table.
func stormRow(ctx context.Context, p *probed, get []byte, round int, c crowd) ([]string, error) {
	idle, err := probeFor(ctx, probeIdle, p.address, get)
	if err != nil {
		return nil, err
	}
	single, err := probeOneByOne(ctx, p.address, get, round)
	if err != nil {
		return nil, err
	}
	s, probes, err := stormOnce(ctx, p.address, get, round, c)
	if err != nil {
		return nil, err
	}
	if n := s.Statuses["400"] + s.Statuses["429"] + s.Statuses["503"]; n != c.logins {
		return nil, fmt.Errorf("%s: statuses %v", p.name, s.Statuses)
	}
	p.calm, p.single, p.stormy = append(p.calm, idle...), append(p.single, single...), append(p.stormy, probes...)
	calm, one, p99 := quantile(idle, 0.99), quantile(single, 0.99), quantile(probes, 0.99)
	return []string{
		p.name, millis(quantile(idle, 0.5)) + ", " + millis(calm), millis(quantile(single, 0.5)) + ", " + millis(one),
		millis(quantile(probes, 0.5)) + ", " + millis(p99) + ", " + millis(quantile(probes, 1)),
		multiples(p99, calm, one), s.Elapsed.Round(time.Millisecond).String(),
		fmt.Sprint(s.Statuses["400"]), fmt.Sprint(s.Statuses["429"] + s.Statuses["503"]), fmt.Sprint(s.Silent),
	}, nil
}

// authenticatedGet logs a user in, and returns a request with the session.
func authenticatedGet(ctx context.Context, address string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/auth/login/", strings.NewReader(namePassword(username(1))))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	_ = response.Body.Close()
	var pairs []string
	for _, cookie := range response.Cookies() {
		pairs = append(pairs, cookie.Name+"="+cookie.Value)
	}
	if response.StatusCode != http.StatusOK || len(pairs) == 0 {
		return nil, fmt.Errorf("the login got %s and %d cookies", response.Status, len(pairs))
	}
	return plain(http.MethodGet, "/auth/user/", "", http.Header{"Cookie": {strings.Join(pairs, "; ")}}), nil
}

// probe sends a request at a steady rate on one connection until the context ends, and returns how long each took.
func probe(ctx context.Context, address string, request []byte) ([]time.Duration, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	responses, latencies := bufio.NewReader(conn), []time.Duration{}
	for ctx.Err() == nil {
		began := time.Now()
		if _, err := conn.Write(request); err != nil {
			return nil, err
		}
		if err := readResponse(responses); err != nil {
			return nil, err
		}
		took := time.Since(began)
		latencies = append(latencies, took)
		time.Sleep(probeEvery - took)
	}
	return latencies, nil
}

// probeFor is probe for some time.
func probeFor(ctx context.Context, long time.Duration, address string, request []byte) ([]time.Duration, error) {
	ctx, stop := context.WithTimeout(ctx, long)
	defer stop()
	return probe(ctx, address, request)
}

// probeOneByOne probes a server while unknown users log in one after the other: what a single hash does to other requests.
func probeOneByOne(ctx context.Context, address string, get []byte, round int) (probes []time.Duration, err error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	loggedIn := make(chan error, 1)
	go func() { loggedIn <- logInOneByOne(conn, round) }()
	probes, err = probeFor(ctx, probeIdle, address, get)
	_ = conn.Close()
	return probes, errors.Join(err, <-loggedIn)
}

// logInOneByOne logs unknown users in, one after the other, until the connection is closed.
func logInOneByOne(conn net.Conn, round int) error {
	responses := bufio.NewReader(conn)
	for i := 0; ; i++ {
		name := fmt.Sprintf("unknown%d-%d", round, i)
		status, err := exchange(conn, responses, plain(http.MethodPost, "/auth/login/", namePassword(name), nil))
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			return err
		case status != http.StatusBadRequest:
			return fmt.Errorf("a login, with one at a time: status %d", status)
		}
	}
}

// exchange sends a request and returns the status of the response.
func exchange(conn net.Conn, responses *bufio.Reader, request []byte) (status int, err error) {
	if _, err := conn.Write(request); err != nil {
		return 0, err
	}
	response, err := http.ReadResponse(responses, nil)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// stormOnce lets many users log in at the same time, and probes until each has a response.
func stormOnce(ctx context.Context, address string, get []byte, round int, c crowd) (s stormed, probes []time.Duration, err error) {
	logIn, err := startUsers(ctx, address, round, c)
	if err != nil {
		return s, nil, err
	}
	probing, stop := context.WithCancel(ctx)
	defer stop()
	probed := make(chan error, 1)
	go func() {
		var err error
		probes, err = probe(probing, address, get)
		probed <- err
	}()
	s, err = logIn()
	stop()
	return s, probes, errors.Join(err, <-probed)
}

// quantile returns a quantile of durations.
func quantile(list []time.Duration, share float64) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}
