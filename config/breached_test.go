package config_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

const leaked = "correct horse battery staple"

// breachLine returns the line of a password in a response of the range API, and its prefix.
func breachLine(password string, count int) (prefix, line string) {
	hash := fmt.Sprintf("%X", sha1.Sum([]byte(password)))
	return hash[:5], fmt.Sprintf("%s:%d\r\n", hash[5:], count)
}

// isBreached reports whether a rule rejects a password.
func isBreached(t *testing.T, rule config.PasswordRule, password string) bool {
	t.Helper()
	problem, err := rule.CheckPassword(t.Context(), password, &models.User{})
	if err != nil || problem != nil && problem.Code != binding.CodePasswordBreached {
		t.Fatalf("got %v, %v", problem, err)
	}
	return problem != nil
}

func TestNotBreachedAsks(t *testing.T) {
	t.Parallel()
	prefix, line := breachLine(leaked, 3)
	padding := strings.Repeat("0", 35) + ":0\r\n"
	for name, c := range map[string]struct {
		body     string
		minCount int
		want     config.BreachStats
	}{
		"found":              {padding + line, 0, config.BreachStats{Asked: 1, Rejected: 1}},
		"found at the end":   {padding + strings.TrimSpace(line), 0, config.BreachStats{Asked: 1, Rejected: 1}},
		"lower case":         {strings.ToLower(line), 0, config.BreachStats{Asked: 1, Rejected: 1}},
		"often enough":       {line, 3, config.BreachStats{Asked: 1, Rejected: 1}},
		"not often enough":   {line, 4, config.BreachStats{Asked: 1}},
		"padding":            {strings.Replace(line, ":3", ":0", 1), 0, config.BreachStats{Asked: 1}},
		"other hashes":       {padding + strings.Repeat("A", 35) + ":9\n", 0, config.BreachStats{Asked: 1}},
		"a page":             {"<!DOCTYPE html>", 0, config.BreachStats{Asked: 1, Failed: 1}},
		"no count":           {line + strings.Repeat("A", 35), 0, config.BreachStats{Asked: 1, Failed: 1}},
		"a negative count":   {line + strings.Repeat("A", 35) + ":-1", 0, config.BreachStats{Asked: 1, Failed: 1}},
		"a short hash":       {line + "ABC:1", 0, config.BreachStats{Asked: 1, Failed: 1}},
		"an empty response":  {"", 0, config.BreachStats{Asked: 1, Failed: 1}},
		"more than 2 MiB":    {line + strings.Repeat(padding, 60_000), 0, config.BreachStats{Asked: 1, Failed: 1}},
		"a line without end": {strings.Repeat("A", 100_000), 0, config.BreachStats{Asked: 1, Failed: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.String() != "/range/"+prefix || r.Header.Get("Add-Padding") != "true" || r.Method != http.MethodGet {
					t.Errorf("got %s %s, %v", r.Method, r.URL, r.Header)
				}
				_, _ = io.WriteString(w, c.body)
			}))
			t.Cleanup(server.Close)
			rule := &config.NotBreached{URL: server.URL + "/range", MinCount: c.minCount, Logger: slog.New(slog.DiscardHandler)}
			if got := isBreached(t, rule, leaked); got != (c.want.Rejected == 1) {
				t.Errorf("rejected: %v", got)
			}
			if got := rule.Stats(); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestNotBreachedAcceptsWhatItCannotAsk(t *testing.T) {
	t.Parallel()
	_, line := breachLine(leaked, 3)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		t.Error("the rule followed a redirect to another host")
		_, _ = io.WriteString(w, line)
	}))
	t.Cleanup(other.Close)
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		client  *http.Client
		found   bool
	}{
		"500": {handler: func(w http.ResponseWriter, _ *http.Request) { http.Error(w, line, http.StatusInternalServerError) }},
		"429": {handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }},
		"no response": {client: &http.Client{Timeout: 50 * time.Millisecond}, handler: func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-hang:
			}
		}},
		"half a response": {handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, line)
		}},
		"another host": {handler: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+r.URL.Path, http.StatusFound)
		}},
		"the same host": {found: true, handler: func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, "/v2/") {
				http.Redirect(w, r, "/v2"+r.URL.Path, http.StatusFound)
				return
			}
			_, _ = io.WriteString(w, line)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(c.handler)
			t.Cleanup(server.Close)
			var log bytes.Buffer
			rule := &config.NotBreached{URL: server.URL, Client: c.client, Logger: slog.New(slog.NewTextHandler(&log, nil))}
			if isBreached(t, rule, leaked) != c.found || rule.Stats().Failed == 0 != c.found || strings.Contains(log.String(), "level=WARN") == c.found {
				t.Errorf("got %+v and %s", rule.Stats(), &log)
			}
			prefix, _ := breachLine(leaked, 1)
			if strings.Contains(log.String(), prefix) || strings.Contains(log.String(), leaked) {
				t.Errorf("the log reveals the password: %s", &log)
			}
		})
	}
}

// roundTrip is an http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestNotBreachedRemembers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var fails atomic.Bool
		var log bytes.Buffer
		_, line := breachLine(leaked, 1)
		rule := &config.NotBreached{Logger: slog.New(slog.NewTextHandler(&log, nil)), Client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if !strings.HasPrefix(r.URL.String(), "https://api.pwnedpasswords.com/range/") {
				t.Errorf("asked %s", r.URL)
			}
			if fails.Load() {
				return nil, errors.New("down")
			}
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(line))}, nil
		})}}
		want := func(step string, password string, found bool, stats config.BreachStats) {
			t.Helper()
			if got := isBreached(t, rule, password); got != found || rule.Stats() != stats {
				t.Errorf("%s: got %v, %+v, want %v, %+v", step, got, rule.Stats(), found, stats)
			}
		}
		want("first", leaked, true, config.BreachStats{Asked: 1, Rejected: 1})
		fails.Store(true)
		want("cached", leaked, true, config.BreachStats{Asked: 1, Cached: 1, Rejected: 2})
		time.Sleep(10 * time.Minute)
		want("expired", leaked, false, config.BreachStats{Asked: 2, Cached: 1, Rejected: 2, Failed: 1})
		want("pause", "another one", false, config.BreachStats{Asked: 2, Cached: 1, Rejected: 2, Failed: 2})
		if n := strings.Count(log.String(), "\n"); n != 1 {
			t.Errorf("%d lines within a minute: %s", n, &log)
		}
		fails.Store(false)
		time.Sleep(5 * time.Second)
		want("after the pause", leaked, true, config.BreachStats{Asked: 3, Cached: 1, Rejected: 3, Failed: 2})
		for i := range 200 { // more than the cache holds
			isBreached(t, rule, fmt.Sprint("password ", i))
		}
		if got := rule.Stats(); got.Asked < 190 || got.Failed != 2 {
			t.Errorf("got %+v", got)
		}
	})
}

// TestNotBreachedIsBounded: a server that hangs delays few requests, and a client that leaves causes no pause.
func TestNotBreachedIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var open atomic.Int32
		rule := &config.NotBreached{Logger: slog.New(slog.DiscardHandler), Client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			open.Add(1)
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}}
		ctx, leave := context.WithCancel(t.Context())
		for i := range 100 {
			go func() { _, _ = rule.CheckPassword(ctx, fmt.Sprint(i), &models.User{}) }()
		}
		synctest.Wait()
		if n := open.Load(); n != 32 || rule.Stats().Failed != 68 {
			t.Errorf("%d are open: %+v", n, rule.Stats())
		}
		leave()
		synctest.Wait()
		start := time.Now()
		if isBreached(t, rule, leaked) || time.Since(start) != 2*time.Second || open.Load() != 33 {
			t.Errorf("%v: %+v", time.Since(start), rule.Stats())
		}
	})
}
