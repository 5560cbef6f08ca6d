package dbtest

// Concurrent requests with passkeys.

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
	"github.com/ginauth/gin-rest-auth/models"
)

// raceOfCodes sends requests at once, and returns how many had each status.
func (c *Case) raceOfCodes(n int, send func(i int) *authtest.Response) map[int]int {
	var mu sync.Mutex
	var all sync.WaitGroup
	counts, start := map[int]int{}, make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			r := send(i)
			mu.Lock()
			defer mu.Unlock()
			counts[r.StatusCode]++
		})
	}
	close(start)
	all.Wait()
	return counts
}

// raceForOneAssertion: of eight requests with the same assertion, one wins (T174).
func raceForOneAssertion(c *Case) {
	c.startPasskeys()
	_, key := c.withPasskey("ann")
	browser := c.Client()
	begun := c.beginsPasskey(browser, "login")
	credential := key.Sign(begun)
	if won := c.raceOf(8, func(int) *authtest.Response { return completesLogin(browser.Clone(), begun, credential) }); won != 1 {
		c.Errorf("%d logins", won)
	}
	if n := c.count(&models.Session{}); n != 2 {
		c.Errorf("%d sessions", n)
	}
}

// raceForOneRegistration: one challenge adds one passkey, and a passkey belongs to one user (T174, T177).
func raceForOneRegistration(c *Case) {
	c.startPasskeys()
	ann, bob := c.verified("ann"), c.verified("bob")
	begun := c.beginsPasskey(ann, "register")
	if got := c.raceOfCodes(6, func(int) *authtest.Response { return completesKey(ann.Clone(), c.NewPasskey(c.T).Create(begun)) }); got[201] != 1 || got[400] != 5 {
		c.Errorf("one challenge: %v", got)
	}
	key := c.NewPasskey(c.T)
	var bodies []any
	for _, browser := range []*authtest.Client{ann, bob, ann, bob} {
		bodies = append(bodies, key.Create(c.beginsPasskey(browser, "register")))
	}
	got := c.raceOfCodes(4, func(i int) *authtest.Response {
		return completesKey([]*authtest.Client{ann, bob}[i%2].Clone(), bodies[i])
	})
	if got[201] != 1 || got[400] != 3 {
		c.Errorf("one passkey: %v", got)
	}
	if n := c.count(&passkey.Credential{}); n != 2 {
		c.Errorf("%d passkeys", n)
	}
}

// raceToRemovePasskeys: concurrent removals leave a way to log in (T179).
func raceToRemovePasskeys(c *Case) {
	c.startPasskeys()
	browser, _ := c.withPasskey("ann")
	for range 3 {
		c.Passkey(c.T, browser)
	}
	c.set("ann", map[string]any{"password": "!"})
	all := c.passkeysOf(browser)
	var refused atomic.Int64
	got := c.raceOfCodes(4, func(i int) *authtest.Response {
		r := browser.Clone().Do("DELETE", fmt.Sprint("/auth/passkeys/", all[i].ID, "/"), nil)
		if strings.Contains(r.Text, "passkey_last_way_in") {
			refused.Add(1)
		}
		return r
	})
	if got[204] != 3 || refused.Load() != 1 || c.count(&passkey.Credential{}) != 1 {
		c.Errorf("%v", got)
	}
}
