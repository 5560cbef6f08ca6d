package main

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestLoginStorm covers T020: 500 concurrent logins with real hashes, first of unknown users and then with the right
// password, use at most 20 MiB for each slot plus 80 MiB more than before: 64, as bench storm measures, and 16 for a busy
// machine. Other routes still respond, and each refusal says when to try again. At rest the process has at most 24 MiB of its own.
func TestLoginStorm(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	url, process := startedProcess(t, build(t), t.TempDir(), "TRUSTED_NETWORKS=127.0.0.1", "GOGC=") // Go's default
	s := &storm{t: t, url: url, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 600}}}
	defer s.client.CloseIdleConnections()
	if own := memory(t, process.Pid, "RssAnon"); own > 24 {
		t.Errorf("at rest the process has %d MiB of its own, want 24 at most", own)
	}
	base, slots := memory(t, process.Pid, "VmRSS"), max(1, runtime.NumCPU()-1)
	if got := s.status("POST", "/auth/registration/", "username=ann&password1=Looking-Glass-7&password2=Looking-Glass-7"); got != 201 {
		t.Fatalf("registration: %d", got)
	}
	limit := base + 20*slots + 80
	for _, round := range []struct {
		name          string // %d is the number of the login
		served, least int
		probes        int // of another route, which would respond only at the end if it waited for a hash
	}{{"unknown%d", 400, 2 * max(2, slots), 5}, {"ann", 200, 1, 1}} { // of one user, five logins are in flight, and the others get 429
		began := time.Now()
		counts, probes := s.run(round.name)
		peak := memory(t, process.Pid, "VmHWM") // since the process started
		t.Logf("%s: statuses %v in %v, memory %d MiB before and %d at most (limit %d), another route responded %d times",
			round.name, counts, time.Since(began).Round(time.Millisecond), base, peak, limit, probes)
		if counts[round.served]+counts[429]+counts[503] != logins || counts[round.served] < round.least || round.served == 400 && counts[429] > 0 {
			t.Errorf("%s: statuses %v, want at least %d with %d, the others 503 or, for ann, 429", round.name, counts, round.least, round.served)
		}
		if peak > limit {
			t.Errorf("%s: memory rose from %d to %d MiB, the limit is %d", round.name, base, peak, limit)
		}
		if probes < round.probes {
			t.Errorf("%s: another route responded %d times", round.name, probes)
		}
	}
}

const logins = 500

// storm sends many logins to the example.
type storm struct {
	t      *testing.T
	url    string
	client *http.Client
}

// status sends a request and returns the status of the response, or 0 without a response.
func (s *storm) status(method, path, body string) int {
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		return 0
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := s.client.Do(r)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	if refused := response.StatusCode == 429 || response.StatusCode == 503; refused && response.Header.Get("Retry-After") == "" {
		s.t.Errorf("%s %s: %d without Retry-After", method, path, response.StatusCode)
	}
	return response.StatusCode
}

// run sends all logins concurrently. It returns the number of responses by status, and how often another route responded
// until the last login was done.
func (s *storm) run(name string) (counts map[int]int, probes int) {
	var wg sync.WaitGroup
	got := make(chan int, logins)
	for i := range logins {
		wg.Go(func() {
			got <- s.status("POST", "/auth/login/", "username="+strings.ReplaceAll(name, "%d", strconv.Itoa(i))+"&password=Looking-Glass-7")
		})
	}
	ended := make(chan struct{})
	go func() {
		wg.Wait()
		close(ended)
	}()
	for running := true; running; {
		if status := s.status("GET", "/readyz", ""); status != 200 {
			s.t.Errorf("/readyz: %d during the storm", status)
		}
		select {
		case <-ended:
			running = false
		default:
			probes++
		}
	}
	close(got)
	counts = map[int]int{}
	for status := range got {
		counts[status]++
	}
	return counts, probes
}

// memory returns a line of /proc/PID/status in MiB.
func memory(t *testing.T, pid int, name string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(text)
	if m == nil {
		t.Fatalf("no %s", name)
	}
	kib, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kib / 1024
}
