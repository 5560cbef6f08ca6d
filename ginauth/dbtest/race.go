package dbtest

import (
	"fmt"
	"sync"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var raceCases = []func(*Case){RaceForAName, RaceForAnAddress, RaceToRename, RaceToChangeThePassword, RaceOfLoginAndChange}

// at once runs f n times at the same moment and counts the status codes.
func (c *Case) together(n int, f func(i int) *authtest.Response) map[int]int {
	var (
		start, done sync.WaitGroup
		mu          sync.Mutex
		statuses    = map[int]int{}
	)
	start.Add(1)
	for i := range n {
		done.Go(func() {
			start.Wait()
			r := f(i)
			mu.Lock()
			defer mu.Unlock()
			statuses[r.StatusCode]++
		})
	}
	start.Done()
	done.Wait()
	return statuses
}

// RaceForAName covers T198: one winner, and the others hear what is wrong.
func RaceForAName(c *Case) {
	c.start()
	got := c.together(50, func(i int) *authtest.Response {
		in := authtest.SignUp([]string{"ann", "Ann", "ANN"}[i%3])
		in.Email = fmt.Sprintf("ann%d@example.com", i)
		return c.client().Post("/auth/registration/", in)
	})
	c.wantOneWinner(got, 201, 400, 49)
}

func RaceForAnAddress(c *Case) {
	c.start()
	got := c.together(50, func(i int) *authtest.Response {
		in := authtest.SignUp(fmt.Sprintf("ann%d", i))
		in.Email = []string{"ann@example.com", "Ann@EXAMPLE.com"}[i%2]
		r := c.client().Post("/auth/registration/", in)
		if r.StatusCode == 400 {
			r.WantProblems("email taken")
		}
		return r
	})
	c.wantOneWinner(got, 201, 400, 49)
}

func (c *Case) wantOneWinner(got map[int]int, won, lost, losers int) {
	c.Helper()
	if got[won] != 1 || got[lost] != losers {
		c.Errorf("got %v, want one %d and %d times %d; log: %s", got, won, losers, lost, c.Log)
	}
	if n := c.count(&models.User{}); won == 201 && n != 1 {
		c.Errorf("%d users", n)
	}
}

func RaceToRename(c *Case) {
	c.start()
	const n = 12
	var browsers [n]*authtest.Client
	for i := range n {
		browsers[i] = c.signedUp(fmt.Sprintf("user%d", i))
	}
	got := c.together(n, func(i int) *authtest.Response { return browsers[i].Patch("/auth/user/", obj{"username": "star"}) })
	c.wantOneWinner(got, 200, 400, n-1)
}

// RaceToChangeThePassword: of several changes with the same old password one counts;
// its session lives, and the password is the one it set.
func RaceToChangeThePassword(c *Case) {
	c.start()
	const n = 16
	var browsers [n]*authtest.Client
	browsers[0] = c.signedUp("ann")
	for i := 1; i < n; i++ {
		browsers[i] = c.loggedIn("ann")
	}
	var winner int
	var mu sync.Mutex
	got := c.together(n, func(i int) *authtest.Response {
		r := browsers[i].Post("/auth/password/change/", change(authtest.Password, fmt.Sprintf("Mirror-Maze-%d", i)))
		if r.StatusCode == 200 {
			mu.Lock()
			defer mu.Unlock()
			winner = i
		}
		return r
	})
	if got[200] != 1 || got[400]+got[401] != n-1 {
		c.Errorf("got %v, want one 200 and no 5xx; log: %s", got, c.Log)
	}
	browsers[winner].Get("/auth/user/").Want(200)
	c.client().Post("/auth/login/", obj{"username": "ann", "password": fmt.Sprintf("Mirror-Maze-%d", winner)}).Want(200)
	if n := c.count(&models.Session{}); n != 2 {
		c.Errorf("%d sessions, want the winner's and the new login's", n)
	}
}

// RaceOfLoginAndChange covers T023 and T123: whatever the order, no session of the old
// password is alive afterwards, and a late rehash does not bring the old one back.
func RaceOfLoginAndChange(c *Case) {
	c.start()
	ann := c.signedUp("ann")
	c.set("ann", obj{"password": djangoEncodings()[0]}) // each login wants to rehash
	const n = 20
	var browsers [n]*authtest.Client
	got := c.together(n, func(i int) *authtest.Response {
		if i == n/2 {
			browsers[i] = ann
			return ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88"))
		}
		browsers[i] = c.client()
		return browsers[i].Post("/auth/login/", authtest.Login("ann"))
	})
	if got[200]+got[400]+got[401] != n {
		c.Errorf("got %v; log: %s", got, c.Log)
	}
	changed := c.user("ann").SessionEpoch == 1
	alive := 0
	for i, b := range browsers {
		if r := b.Get("/auth/user/"); r.StatusCode == 200 && i != n/2 {
			alive++
		}
	}
	if changed && alive > 0 {
		c.Errorf("%d sessions of the old password are alive", alive)
	}
	old := c.client().Post("/auth/login/", authtest.Login("ann"))
	if changed != (old.StatusCode == 400) {
		c.Errorf("changed %v, but the old password answers %d", changed, old.StatusCode)
	}
}
