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

// TestLoginStorm covers T020: 500 logins at once, at the real cost of a hash, stay
// below what the process had before plus 20 MiB for each slot plus 96 MiB, and other
// routes answer meanwhile.
func TestLoginStorm(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	dir := t.TempDir()
	url, process := startedProcess(t, build(t), dir)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 600}}
	defer client.CloseIdleConnections()
	status := func(method, path, body string) int {
		r, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
		if err != nil {
			return 0
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := client.Do(r)
		if err != nil {
			return 0
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	base := memory(t, process.Pid, "VmRSS")
	if got := status("POST", "/auth/registration/", "username=ann&password1=Looking-Glass-7&password2=Looking-Glass-7"); got != 201 {
		t.Fatalf("registration: %d", got)
	}

	const logins = 500
	var wg sync.WaitGroup
	got := make(chan int, logins)
	for i := range logins {
		wg.Go(func() {
			got <- status("POST", "/auth/login/", fmt.Sprintf("username=nobody%d&password=Looking-Glass-7", i))
		})
	}
	stop := make(chan struct{})
	slowest, answered := make(chan time.Duration), 0
	go func() {
		var worst time.Duration
		for ; ; answered++ {
			select {
			case <-stop:
				slowest <- worst
				return
			default:
			}
			began := time.Now()
			if s := status("GET", "/healthz", ""); s != 200 {
				t.Errorf("/healthz: %d during the storm", s)
			}
			worst = max(worst, time.Since(began))
		}
	}()
	wg.Wait()
	close(stop)
	worst := <-slowest
	close(got)
	counts := map[int]int{}
	for s := range got {
		counts[s]++
	}
	slots := max(2, runtime.NumCPU())
	peak, limit := memory(t, process.Pid, "VmHWM"), base+20*slots+96
	t.Logf("answers %v, memory %d MiB before and %d at most (limit %d), slowest other route %v", counts, base, peak, limit, worst)
	if counts[400]+counts[503] != logins || counts[400] < 2*slots {
		t.Errorf("answers %v, want only 400 and 503", counts)
	}
	if peak > limit {
		t.Errorf("memory rose from %d to %d MiB, the limit is %d", base, peak, limit)
	}
	if answered < 5 { // one that waits for a hash ends with the storm
		t.Errorf("another route was answered %d times, and took up to %v", answered, worst)
	}
}

// memory reads a line of /proc/PID/status, in MiB.
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
