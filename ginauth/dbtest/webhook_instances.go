package dbtest

// Several instances, a crash, other traffic.

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/webhook"
	"github.com/ginauth/gin-rest-auth/models"
)

// hooksSurviveACrash: a process died between its claim and the end of the request. Another one sends when the claim
// expires, with the same ID.
func hooksSurviveACrash(c *Case) {
	r := c.hookedTo()
	c.registered("ann")
	d := c.delivery()
	claimed := map[string]any{"tries": 1, "next_try_at": c.Clock.Now().Add(20 * time.Second)}
	if err := c.DB.Model(&models.Delivery{}).Where("id = ?", d.ID).Updates(claimed).Error; err != nil {
		c.Fatal(err)
	}
	c.Clock.Advance(19 * time.Second)
	r.want()
	c.Clock.Advance(time.Second)
	if h := r.want(webhook.UserCreated)[0]; h.ID != "msg_"+d.MessageID {
		c.Error(h.ID, d.MessageID)
	}
}

// hooksAreSharedByInstances: no web-hook is sent by two instances at the same time, or twice.
func hooksAreSharedByInstances(c *Case) {
	r := c.receiver()
	o := webhook.Options{Endpoints: []webhook.Endpoint{r.endpoint(webhook.UserCreated)}, AllowPrivateNetworks: true, InsecureAllowHTTP: true}
	c.With(webhook.Feature(o)).StartMail()
	const users = 12
	for i := range users {
		c.registered(fmt.Sprintf("user%d", i))
	}
	var instances []*authtest.App
	for range 3 {
		instances = append(instances, authtest.With(webhook.Feature(o)).New(c.T, c.DB, func(cfg *config.Config) { cfg.Now = c.Clock.Now }))
	}
	c.sentOnceBy(instances, users, func() (ids []string) {
		for _, h := range r.taken() {
			ids = append(ids, h.ID)
		}
		return ids
	})
}

// hooksDoNotDelayMails: a server that hangs has all slots of web-hooks, and mails go out.
func hooksDoNotDelayMails(c *Case) {
	r := c.hookedTo()
	hang, began := make(chan struct{}), make(chan struct{}, 100)
	r.respond(func(w http.ResponseWriter, _ *http.Request) {
		began <- struct{}{}
		<-hang
		w.WriteHeader(200)
	})
	arrived := make(chan config.Message, 10)
	c.App = authtest.With(webhook.Feature(webhook.Options{Endpoints: []webhook.Endpoint{r.endpoint()}, AllowPrivateNetworks: true, InsecureAllowHTTP: true})).
		New(c.T, c.DB, c.Box.Configure, func(cfg *config.Config) {
			cfg.Mail.Sender = config.MailerFunc(func(_ context.Context, m config.Message) error {
				arrived <- m
				return nil
			})
		})
	for i := range 6 {
		c.registered(fmt.Sprintf("user%d", i))
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Auth.Run(ctx) }()
	for range 4 {
		receive(c, began, "a web-hook")
	}
	c.SignedUp("ann")
	receive(c, arrived, "a mail")
	close(hang)
	stop()
	if err := receive(c, done, "the end of Run"); err != nil {
		c.Error(err)
	}
}

// hooksRun: without a mailer, Run sends web-hooks, at once after the commit.
func hooksRun(c *Case) {
	r := c.receiver()
	came := make(chan struct{}, 10)
	r.respond(func(http.ResponseWriter, *http.Request) { came <- struct{}{} })
	c.With(webhook.Feature(webhook.Options{Endpoints: []webhook.Endpoint{r.endpoint()}, AllowPrivateNetworks: true, InsecureAllowHTTP: true})).
		Start(func(cfg *config.Config) { cfg.Mail.Poll = time.Hour })
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Auth.RunOutbox(ctx) }()
	c.registered("ann")
	receive(c, came, "a web-hook")
	browser := c.LoggedIn("ann")
	receive(c, came, "the web-hook of a login")
	browser.Post("/auth/logout/", nil).Want(200)
	receive(c, came, "the web-hook of a logout, which has a transaction of its own")
	stop()
	if err := receive(c, done, "the end of RunOutbox"); err != nil {
		c.Error(err)
	}
}
