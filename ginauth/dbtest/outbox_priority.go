package dbtest

import (
	"context"
	"sync"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// recorder is a mailer that records the kinds of mails in the order in which they are sent. It calls then when it has
// sent some, and stops at a mail of the kind last.
type recorder struct {
	mu    sync.Mutex
	kinds []string
	after int
	then  func()
	last  string
	stop  context.CancelFunc
}

func (r *recorder) Send(_ context.Context, m config.Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kinds = append(r.kinds, m.Kind); len(r.kinds) == r.after && r.then != nil {
		r.then()
	}
	if m.Kind == r.last && r.stop != nil {
		r.stop()
	}
	return nil
}

// run sends mails until the last one, and returns how many were sent before it.
func (r *recorder) run(c *Case) int {
	c.Helper()
	ctx, stop := context.WithCancel(c.Context())
	defer stop()
	r.kinds, r.stop = nil, stop
	if _, err := c.Auth.SendOutbox(ctx); err == nil {
		c.Fatalf("all %d mails were sent, and none is of the kind %s", len(r.kinds), r.last)
	}
	for i, kind := range r.kinds {
		if kind == r.last {
			return i
		}
	}
	c.Fatalf("no mail of the kind %s among %d", r.last, len(r.kinds))
	return 0
}

// flood makes copies of the only mail in the outbox.
func (c *Case) flood(n int) {
	c.Helper()
	copies, m := make([]models.OutboxMail, n), c.stored()
	for i := range copies {
		copies[i] = m
		copies[i].ID = 0
	}
	if err := c.DB.CreateInBatches(copies, 500).Error; err != nil {
		c.Fatal(err)
	}
}

// codesGoBeforeSignUps: a login code that is asked for while 5,000 mails of sign-ups are being sent is one of the next 12:
// 4 are in flight, 4 were read before, and 4 may be the oldest ones.
func codesGoBeforeSignUps(c *Case) {
	var r recorder
	c.StartMail(mandatory, byCode, func(cfg *config.Config) { cfg.Mail.Sender = &r })
	c.SignedUp("ann")
	c.set("ann", map[string]any{"pending": false, "delete_at": nil})
	c.set("ann", map[string]any{"date_joined": c.Clock.Now().Add(-48 * time.Hour)})
	c.flood(5000)
	r.after, r.last = 10, "login_code"
	r.then = func() { c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200) }
	if before := r.run(c); before < 10 || before > 10+12 {
		c.Errorf("%d mails were sent before it", before-10)
	} else {
		c.Logf("%d mails were sent before it", before-10)
	}
}

// noMailWaitsForever: every fourth batch has the oldest mails, whatever their priority.
func noMailWaitsForever(c *Case) {
	var r recorder
	c.StartMail(byCode, func(cfg *config.Config) { cfg.Mail.Sender = &r })
	c.created("ann", "ann@example.com")
	c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	c.flood(200)
	c.SignedUp("bob")
	if err := c.DB.Model(&models.OutboxMail{}).Where("kind = ?", "login_code").Update("next_try_at", c.Clock.Now().Add(time.Second)).Error; err != nil {
		c.Fatal(err)
	}
	c.Clock.Advance(time.Second)
	r.last = "verify"
	if before := r.run(c); before < 4 || before > 20 { // four batches, and what is in flight
		c.Errorf("%d mails were sent before it", before)
	}
}
