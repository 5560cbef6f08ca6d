// Package redislimit keeps the state of rate limits in Redis, for config.Limits.Store. Use it if you run Redis anyway and want logins to
// cost the database nothing for limits.
//
// The store works with a single server, Sentinel and Redis Cluster, version 6 or later, and with Valkey. If it fails or is slow, each
// instance counts in memory until it works again.
package redislimit

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ginauth/gin-rest-auth/config/ratelimit"
)

// Options of a Store. The zero value of each is its default.
type Options struct {
	// Prefix begins the names of all keys. Applications that share a Redis need different ones, unless they share users as well.
	// Default "ginauth:limit:".
	Prefix string

	// Timeout is how long an attempt waits for Redis before it counts in memory. Default 1 second.
	Timeout time.Duration
}

// Store is a [ratelimit.Store]. It is safe for concurrent use.
type Store struct {
	client  redis.UniversalClient
	options Options
	single  bool // one server has all keys
}

// New returns a store that uses a client of the application, which also closes it.
func New(client redis.UniversalClient, o Options) *Store {
	o.Prefix, o.Timeout = cmp.Or(o.Prefix, "ginauth:limit:"), cmp.Or(o.Timeout, time.Second)
	_, single := client.(*redis.Client)
	return &Store{client, o, single}
}

// Check returns a mistake in the arguments of New. ginauth.New reports it.
func (s *Store) Check() error {
	switch {
	case s == nil || s.client == nil:
		return errors.New("redislimit.New needs a client")
	case s.options.Timeout < 0:
		return fmt.Errorf("redislimit.Options.Timeout must be positive, not %v", s.options.Timeout)
	}
	return nil
}

var (
	//go:embed take.lua
	takeText string
	//go:embed give.lua
	giveText string

	takeScript, giveScript = redis.NewScript(takeText), redis.NewScript(giveText)
)

// TakeLimits implements ratelimit.Store.
func (s *Store) TakeLimits(ctx context.Context, now int64, by string, buckets []ratelimit.Bucket) ([]ratelimit.Taken, error) {
	c := call{script: takeScript, common: []any{now, by}}
	for _, b := range buckets {
		r := b.Rule
		c.keys = append(c.keys, s.options.Prefix+b.Name)
		c.args = append(c.args, []any{r.Open(0), r.Latest(0), r.Attempts, r.Step(), r.Delay.Milliseconds(), r.MaxDelay.Milliseconds()})
	}
	states, err := s.run(ctx, c)
	if err != nil {
		return nil, err
	}
	taken := make([]ratelimit.Taken, len(buckets))
	for i, state := range states {
		var ok int
		if n, err := fmt.Sscan(state, &ok, &taken[i].State.Until, &taken[i].State.Count, &taken[i].State.By); n < 3 {
			return nil, fmt.Errorf("the script returned %q: %w", state, err)
		}
		taken[i].OK = ok == 1
	}
	return taken, nil
}

// GiveLimits implements ratelimit.Store.
func (s *Store) GiveLimits(ctx context.Context, now int64, by string, given []ratelimit.Given) error {
	c := call{script: giveScript, common: []any{now, by}}
	for _, g := range given {
		c.keys = append(c.keys, s.options.Prefix+g.Bucket.Name)
		c.args = append(c.args, []any{g.N, g.Bucket.Rule.Step(), g.Bucket.Rule.Delay.Milliseconds()})
	}
	_, err := s.run(ctx, c)
	return err
}

// call is a script with its arguments, some of them for each key.
type call struct {
	script *redis.Script
	keys   []string
	common []any
	args   [][]any
}

// of returns the arguments for some of the keys.
func (c call) of(from, to int) []any {
	all := append([]any{}, c.common...)
	for _, args := range c.args[from:to] {
		all = append(all, args...)
	}
	return all
}

// run runs a script within the timeout. It waits in another goroutine, because clients ignore deadlines by default: their own timeouts,
// with retries, are longer.
func (s *Store) run(ctx context.Context, c call) ([]string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.options.Timeout, fmt.Errorf("redis did not respond within %v", s.options.Timeout))
	defer cancel()
	type result struct {
		states []string
		err    error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if p := recover(); p != nil { // in a hook of the client; it must not end the process
				r = result{err: clientPanic{p, debug.Stack()}}
			}
			done <- r
		}()
		if s.single {
			r.states, r.err = c.script.Run(ctx, s.client, c.keys, c.of(0, len(c.keys))...).StringSlice()
		} else {
			r.states, r.err = s.runEach(ctx, c)
		}
	}()
	select {
	case r := <-done:
		return r.states, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// clientPanic is the error of a client that panicked. The library logs its stack, as that of any panic.
type clientPanic struct {
	value any
	stack []byte
}

// Error does not have the value, which may hold anything.
func (p clientPanic) Error() string {
	return fmt.Sprintf("the redis client panicked with a %T", p.value)
}

// Panicked returns the value of the panic, and where it was.
func (p clientPanic) Panicked() (value any, stack []byte) { return p.value, p.stack }

// runEach runs a script for each key, in one pipeline: the keys of one request are on different servers. Hash tags could only keep them
// together by putting all keys on one server, since each name is counted together with many networks. An attempt needs no
// more: each bucket is atomic by itself, and one that was full makes the library give the others back.
func (s *Store) runEach(ctx context.Context, c call) ([]string, error) {
	states, missing := make([]string, len(c.keys)), []int{}
	for i := range c.keys {
		missing = append(missing, i)
	}
	for _, whole := range []bool{false, true} { // again with the text, for servers that do not know the script yet
		pipe, commands := s.client.Pipeline(), map[int]*redis.Cmd{}
		for _, i := range missing {
			run := c.script.EvalSha
			if whole {
				run = c.script.Eval
			}
			commands[i] = run(ctx, pipe, c.keys[i:i+1], c.of(i, i+1)...)
		}
		_, _ = pipe.Exec(ctx) // each command has its error
		missing = nil
		for i, command := range commands {
			got, err := command.StringSlice()
			switch {
			case err != nil && !whole && redis.HasErrorPrefix(err, "NOSCRIPT"):
				missing = append(missing, i)
			case err != nil:
				return nil, err
			case len(got) == 1:
				states[i] = got[0]
			}
		}
		if len(missing) == 0 {
			break
		}
	}
	return states, nil
}
