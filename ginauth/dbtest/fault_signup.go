package dbtest

// Many sign-ups at the same time, on a database that fails from time to time.

import (
	"fmt"
	"hash/fnv"
	"sync"
	"sync/atomic"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// parallelSignUpsOnAFailingDatabase: of many sign-ups in parallel, while 1 % of all statements fail, each 201 has a user, an address and a mail,
// and each other response has none of them.
func parallelSignUpsOnAFailingDatabase(c *Case) {
	total, atOnce := 200, 8
	if longForm() {
		total, atOnce = 1000, 50
	}
	c.StartMail(audited)
	c.Client()
	var statements, failed atomic.Int64
	var on atomic.Bool
	c.failSome(&on, &statements, &failed)
	statuses, names := make([]int, total), make(chan int)
	var running sync.WaitGroup
	on.Store(true)
	for range atOnce {
		running.Go(func() {
			for i := range names {
				statuses[i] = authtest.NewClient(c.T, c.Router).Post("/auth/registration/", authtest.SignUp(fmt.Sprint("user", i))).StatusCode
			}
		})
	}
	for i := range total {
		names <- i
	}
	close(names)
	running.Wait()
	on.Store(false)
	mails := map[string]int{}
	for _, m := range c.Mails() {
		mails[m.To]++
	}
	counts := map[int]int{}
	for i, status := range statuses {
		counts[status]++
		name := fmt.Sprint("user", i)
		want := 0
		if status == 201 {
			want = 1
		}
		var users, addresses int64
		c.must(c.DB.Model(&models.User{}).Where("username = ?", name).Count(&users).Error)
		c.must(c.DB.Model(&models.Email{}).Where("address = ?", name+"@example.com").Count(&addresses).Error)
		if int(users) != want || int(addresses) != want || mails[name+"@example.com"] != want || status != 201 && status != 503 {
			c.Errorf("%s: %d, %d users, %d addresses, %d mails", name, status, users, addresses, mails[name+"@example.com"])
		}
	}
	c.Logf("%d of %d statements failed: %v", failed.Load(), statements.Load(), counts)
	if counts[503] == 0 || counts[201] < total/2 {
		c.Errorf("%v", counts)
	}
}

// failSome makes every hundredth statement fail, by a hash of its number.
func (c *Case) failSome(on *atomic.Bool, statements, failed *atomic.Int64) {
	c.Helper()
	step := func(db *gorm.DB) {
		if db.DryRun || !on.Load() {
			return
		}
		h := fnv.New32a()
		_, _ = fmt.Fprint(h, statements.Add(1))
		if h.Sum32()%100 == 7 {
			failed.Add(1)
			_ = db.AddError(errFuse)
		}
	}
	c.beforeAll("some", step)
}
