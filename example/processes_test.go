package main

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestThreeProcessesShareOneLimit: 300 concurrent guesses from 100 networks at three processes. Only the budget of Limits.Login, 5, is
// compared with the password. The owner logs in from a known browser.
func TestThreeProcessesShareOneLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the example")
	}
	all := databases(t)
	if address := os.Getenv("GINAUTH_TEST_REDIS"); address != "" {
		all["Redis"] = sqliteEnv(t)
		all["Redis"]["LIMITS_URL"] = "redis://" + address // keys depend on the secret, so those of other tests do not matter
	}
	binary := build(t)
	for name, env := range all {
		t.Run(name, func(t *testing.T) {
			env = maps.Clone(env)
			env["AUTH_SECRET"], env["TRUSTED_PROXIES"] = rand.Text()+rand.Text(), "127.0.0.1"
			var variables []string
			for name, value := range env {
				variables = append(variables, name+"="+value)
			}
			c := cluster{t: t}
			for range 3 {
				at, _ := startedProcess(t, binary, t.TempDir(), variables...)
				c.urls = append(c.urls, at)
			}
			c.attack()
		})
	}
}

// cluster is several processes of the example.
type cluster struct {
	t    *testing.T
	urls []string
}

// login logs in at a process, and returns the status and the header Retry-After.
func (c cluster) login(client *http.Client, process int, network, password string) (status int, retry string) {
	form := url.Values{"username": {"ann"}, "password": {password}}
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.urls[process]+"/auth/login/", strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Error(err)
		return 0, ""
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Forwarded-For", network)
	response, err := client.Do(r)
	if err != nil {
		c.t.Error(err)
		return 0, ""
	}
	_ = response.Body.Close()
	return response.StatusCode, response.Header.Get("Retry-After")
}

func (c cluster) attack() {
	jar, _ := cookiejar.New(nil) // cannot fail
	home := &http.Client{Jar: jar, Timeout: time.Minute}
	form := url.Values{"username": {"ann"}, "password1": {"Looking-Glass-7"}, "password2": {"Looking-Glass-7"}}
	r, err := home.PostForm(c.urls[0]+"/auth/registration/", form)
	if err != nil || r.StatusCode != http.StatusCreated {
		c.t.Fatal(r, err)
	}
	_ = r.Body.Close()

	attacker := &http.Client{Timeout: time.Minute}
	statuses := make(chan int, 300)
	var group sync.WaitGroup
	for i := range cap(statuses) {
		group.Go(func() {
			status, _ := c.login(attacker, i%3, fmt.Sprintf("203.0.113.%d", i%100), "Wrong-Password-1")
			statuses <- status
		})
	}
	group.Wait()
	close(statuses)
	got := map[int]int{}
	for status := range statuses {
		got[status]++
	}
	for i := 0; got[400] < 5 && i < 30; i++ { // a guess that found no free hash got 503, and counts as none
		status, _ := c.login(attacker, i%3, fmt.Sprintf("203.0.113.%d", 100+i), "Wrong-Password-1")
		got[status]++
	}
	if got[400] != 5 || got[400]+got[429]+got[503] < 300 || got[429] < 250 {
		c.t.Errorf("statuses %v, want 5 with 400 and almost all others with 429", got)
	}
	for process := range c.urls {
		if status, retry := c.login(attacker, process, "198.51.100.1", "Looking-Glass-7"); status != http.StatusTooManyRequests || retry == "" {
			c.t.Errorf("process %d, another browser: %d, Retry-After %q", process, status, retry)
		}
		if status, _ := c.login(home, process, "198.51.100.1", "Looking-Glass-7"); status != http.StatusOK {
			c.t.Errorf("process %d, the owner: %d", process, status)
		}
	}
}
