package main

// The requests that the generator sends, with credentials of real logins.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// traffic is one kind of request, as different users send it.
type traffic struct {
	name     string
	requests [][]byte
}

// credentials are the credentials of one login.
type credentials struct{ cookie, key, access string }

// trafficOf makes the traffic of a server with users 1 to n, and logs a number of them in, spread evenly.
func trafficOf(ctx context.Context, address string, n, logins int) ([]traffic, error) {
	all, err := logInOver(ctx, address, n, min(logins, n))
	if err != nil {
		return nil, err
	}
	user := func(credential func(c credentials) (name, value string)) [][]byte {
		return mapped(all, func(c credentials) []byte {
			name, value := credential(c)
			return plain(http.MethodGet, "/auth/user/", "", http.Header{name: {value}})
		})
	}
	posts := mapped(all, func(credentials) []byte {
		return plain(http.MethodPost, "/auth/login/", namePassword(username(1+rand.IntN(n))), nil) //nolint:gosec // the choice of the user is not secret
	})
	return []traffic{
		{"a bare route", [][]byte{plain(http.MethodGet, "/bare", "", nil)}},
		{"GET user/ by session", user(func(c credentials) (string, string) { return "Cookie", c.cookie })},
		{"GET user/ by opaque token", user(func(c credentials) (string, string) { return "Authorization", "Token " + c.key })},
		{"GET user/ by JWT", user(func(c credentials) (string, string) { return "Authorization", "Bearer " + c.access })},
		{"login", posts},
	}, nil
}

// patience is how long users log in before measuring begins. If logins are slow, fewer users log in.
const patience = time.Minute

// logInOver logs in users over HTTP, each once, in random order.
func logInOver(ctx context.Context, address string, n, logins int) ([]credentials, error) {
	type result struct {
		given []credentials
		err   error
	}
	order, results, start := rand.Perm(logins), make(chan result), time.Now() //nolint:gosec // the order is not secret
	for worker := range connections {
		go func() {
			var r result
			for i := worker; i < logins && r.err == nil && time.Since(start) < patience; i += connections {
				var c credentials
				c, r.err = logInOne(ctx, address, username(1+order[i]*n/logins))
				r.given = append(r.given, c)
			}
			results <- r
		}()
	}
	var all []credentials
	var failure error
	for range connections {
		r := <-results
		all, failure = append(all, r.given...), errors.Join(failure, r.err)
	}
	return all, failure
}

func logInOne(ctx context.Context, address, name string) (credentials, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/auth/login/", bytes.NewBufferString(namePassword(name)))
	if err != nil {
		return credentials{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return credentials{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return credentials{}, err
	}
	var tokens struct{ Key, Access string }
	if err := json.Unmarshal(body, &tokens); err != nil || tokens.Key == "" || tokens.Access == "" {
		return credentials{}, fmt.Errorf("the login of %s gives %s", name, body)
	}
	for _, c := range response.Cookies() {
		if c.Name == "session" {
			return credentials{"session=" + c.Value, tokens.Key, tokens.Access}, nil
		}
	}
	return credentials{}, fmt.Errorf("the login of %s gives no session cookie", name)
}

// rate is the result of a server in one round.
type rate struct {
	perSecond float64
	cpu       float64 // of the server, nanoseconds a request
	latencies []time.Duration
}

func (t traffic) run(p *process, d time.Duration) (rate, error) {
	used := p.cpu()
	b, err := fire(p.address, t.requests, d)
	if err != nil {
		return rate{}, fmt.Errorf("%s: %w", t.name, err)
	}
	n := float64(len(b.latencies))
	return rate{n / b.elapsed.Seconds(), float64(p.cpu()-used) / n, b.latencies}, nil
}

// percentile returns a percentile of the latencies of all rounds.
func percentile(rates []rate, share float64) time.Duration {
	var all []time.Duration
	for _, r := range rates {
		all = append(all, r.latencies...)
	}
	slices.Sort(all)
	return all[min(int(share*float64(len(all))), len(all)-1)]
}
