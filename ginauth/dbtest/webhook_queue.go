package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/webhook"
	"github.com/ginauth/gin-rest-auth/models"
)

// This file has how web-hooks are stored, sent and tried again.

// delivery returns the only row of a web-hook.
func (c *Case) delivery() models.Delivery {
	c.Helper()
	var all []models.Delivery
	if err := c.DB.Find(&all).Error; err != nil || len(all) != 1 {
		c.Fatalf("%d rows, %v", len(all), err)
	}
	return all[0]
}

// hooksCostNoReads: an event costs one INSERT more, and a GET nothing.
func hooksCostNoReads(c *Case) {
	var costs [2][2]int
	for i, start := range []func(){func() { c.With().StartMail() }, func() { c.hookedTo() }} {
		start()
		c.User(c.T, "ann")
		b := c.Client()
		b.Post("/auth/login/", authtest.Login("ann")).Want(200)
		var m meter
		m.install(c)
		b.Post("/auth/login/", authtest.Login("ann")).Want(200)
		costs[i][0] = strings.Count(m.take()+"\n", "\n")
		b.Get("/auth/user/").Want(200)
		costs[i][1] = strings.Count(m.take()+"\n", "\n")
	}
	if costs[1][0] != costs[0][0]+1 || costs[1][1] != costs[0][1] {
		c.Error(costs)
	}
}

// hooksAreRolledBack: a change that is refused, or fails afterwards, leaves no web-hook; a web-hook that cannot be stored
// undoes its change.
func hooksAreRolledBack(c *Case) {
	refused := true
	r := c.receiver()
	var fail error
	c.hooked(webhook.Options{
		Endpoints: []webhook.Endpoint{r.endpoint()},
		Data:      func(context.Context, webhook.Event, config.Event) (map[string]any, error) { return nil, fail },
	}, func(cfg *config.Config) {
		cfg.Hooks.BeforeLogin = func(context.Context, *gorm.DB, config.Event) error {
			if refused {
				return errRefusal
			}
			return nil
		}
	})
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(400) // the login undoes the sign-up
	if n := c.count(&models.Delivery{}); n != 0 {
		c.Error(n)
	}
	refused, fail = false, errors.New("canary")
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(503)
	if n := c.count(&models.User{}); n != 0 {
		c.Error(n)
	}
	fail = nil
	c.SignedUp("ann")
	r.want(webhook.UserCreated, webhook.SessionCreated)
}

// hooksOfRetriedChangesAreStoredOnce: the database rolls a transaction back after the web-hook was written.
func hooksOfRetriedChangesAreStoredOnce(c *Case) {
	r := c.hookedTo()
	left := 0
	fail := func(db *gorm.DB) {
		if left--; db.Statement.Table == "auth_delivery" && left >= 0 {
			_ = db.AddError(deadlock{})
		}
	}
	if err := c.DB.Callback().Create().After("gorm:create").Register("deadlock", fail); err != nil {
		c.Fatal(err)
	}
	c.registered("ann")
	r.want(webhook.UserCreated)
	left = 1
	c.LoggedIn("ann")
	r.want(webhook.SessionCreated)
}

// hooksHaveNoSecrets: neither the rows nor the bodies have a password, token or hash.
func hooksHaveNoSecrets(c *Case) {
	r := c.hookedTo(withEverything)
	ann := c.SignedUp("ann")
	tokens := c.tokenPairOf("ann")
	for _, m := range c.Mails() {
		if m.Kind == "verify" {
			c.verify(m.Key(c.T)).Want(200)
		}
	}
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	var rows []models.Delivery
	if err := c.DB.Find(&rows).Error; err != nil || len(rows) < 5 {
		c.Fatal(len(rows), err)
	}
	text := fmt.Sprintf("%+v", rows) + c.Log.String()
	for _, h := range r.take() {
		text += h.Body
	}
	for _, secret := range []string{authtest.Password, "Mirror-Maze-88", tokens.Access, tokens.Refresh, c.user("ann").Password, string(hookSecret)} {
		if strings.Contains(text, secret) {
			c.Errorf("%q is in %s", secret, text)
		}
	}
}

// hooksAreTriedEightTimes with the same ID and a new time, then kept with their body, listed, and retried on request.
func hooksAreTriedEightTimes(c *Case) {
	r := c.hookedTo()
	r.status(500)
	ann := c.registered("ann")
	first := r.want(webhook.UserCreated)[0]
	for try := 2; try <= 8; try++ {
		d := c.delivery()
		if d.State != models.MailPending || d.Tries != try-1 || d.Reason != "the endpoint answered 500" {
			c.Fatalf("before try %d: %+v", try, d)
		}
		if c.Clock.Advance(d.NextTryAt.Sub(c.Clock.Now()) - time.Second); len(r.take()) > 0 {
			c.Fatalf("try %d came early", try)
		}
		c.Clock.Advance(time.Second)
		got := r.want(webhook.UserCreated)[0]
		if got.ID != first.ID || got.Body != first.Body || !got.At.Equal(c.Clock.Now().Truncate(time.Second)) {
			c.Errorf("try %d: %+v, first %+v", try, got, first)
		}
	}
	c.Clock.Advance(48 * time.Hour)
	r.want()
	ctx := context.Background()
	failed, err := webhook.Failed(ctx, c.Auth, 0)
	if err != nil || len(failed) != 1 || failed[0].UserID != ann || failed[0].Kind != "user.created" || string(failed[0].Body) != first.Body {
		c.Fatal(failed, err)
	}
	if more, err := webhook.Failed(ctx, c.Auth, failed[0].ID); err != nil || len(more) != 0 {
		c.Error(more, err)
	}
	if stats, err := webhook.Stats(ctx, c.Auth); err != nil || stats.Failed != 1 || stats.Pending != 0 {
		c.Error(stats, err)
	}
	c.says(c.found(c.Auth), "auth.RunOutbox", "deliveries that were given up: 1")
	r.status(200)
	if n, err := webhook.Retry(ctx, c.Auth, failed[0].ID+1); n != 0 || err != nil {
		c.Error(n, err)
	}
	if n, err := webhook.Retry(ctx, c.Auth, failed[0].ID); n != 1 || err != nil {
		c.Error(n, err)
	}
	if got := r.want(webhook.UserCreated)[0]; got.ID != first.ID {
		c.Errorf("the retry has the ID %s, not %s", got.ID, first.ID)
	}
	if d := c.delivery(); d.State != models.MailSent || d.Body != nil || d.SentAt == nil {
		c.Errorf("%+v", d)
	}
}

// hooksNeedSuccess: only 2xx counts. Redirects are not followed, bodies are not read, and a server that hangs is left.
func hooksNeedSuccess(c *Case) {
	elsewhere := c.receiver()
	for want, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"the endpoint answered 302": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) },
		"the endpoint answered 308": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusPermanentRedirect)
		},
		"the endpoint answered 401": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) },
		"deadline exceeded":         func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"headers that are too large": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 64<<10))
			w.WriteHeader(200)
		},
		"410": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(410) },
		"": func(w http.ResponseWriter, _ *http.Request) { // 1 GB
			for range 1 << 10 {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
			c.Error("1 GB was read")
		},
	} {
		r := c.receiver()
		r.respond(answer)
		c.hooked(webhook.Options{Timeout: time.Second, Endpoints: []webhook.Endpoint{r.endpoint()}})
		c.registered("ann")
		r.want(webhook.UserCreated)
		d, state := c.delivery(), models.MailPending
		switch want {
		case "410":
			state = models.MailFailed
		case "":
			state = models.MailSent
		}
		if d.State != state || d.Tries != 1 || !containsOne(d.Reason, want) {
			c.Errorf("want %q, got %s %q", want, d.State, d.Reason)
		}
	}
	if got := elsewhere.taken(); len(got) > 0 {
		c.Errorf("a redirect was followed: %v", got)
	}
}

// containsOne reports whether a text has one of the alternatives, which | separates.
func containsOne(text, alternatives string) bool {
	for one := range strings.SplitSeq(alternatives, "|") {
		if strings.Contains(text, one) {
			return true
		}
	}
	return false
}

// hooksAreSwept: sent ones after two days, failed ones after 30 days or with their user.
func hooksAreSwept(c *Case) {
	r := c.hookedTo()
	sweep := func(want int64) {
		c.Helper()
		if _, err := c.Auth.Sweep(context.Background()); err != nil {
			c.Fatal(err)
		}
		if n := c.count(&models.Delivery{}); n != want {
			c.Errorf("%d rows, want %d", n, want)
		}
	}
	c.registered("ann")
	r.want(webhook.UserCreated)
	r.status(410)
	bob := c.registered("bob")
	c.registered("cyd")
	r.want(webhook.UserCreated, webhook.UserCreated)
	c.Clock.Advance(47 * time.Hour)
	sweep(3)
	c.Clock.Advance(time.Hour)
	sweep(2)
	r.status(200)
	if err := c.Auth.DeleteUser(context.Background(), bob); err != nil {
		c.Fatal(err)
	}
	r.want(webhook.UserDeleted)
	sweep(2)
	c.Clock.Advance(28 * 24 * time.Hour)
	sweep(0)
}

// hooksFollowTheirEndpoint: waiting web-hooks go to the endpoint of their name, at its URL of now. Without one they wait.
func hooksFollowTheirEndpoint(c *Case) {
	old, moved := c.receiver(), c.receiver()
	named := func(r *receiver, name string) webhook.Endpoint {
		e := r.endpoint()
		e.Name = name
		return e
	}
	restart := func(e webhook.Endpoint) {
		o := webhook.Options{Endpoints: []webhook.Endpoint{e}, AllowPrivateNetworks: true, InsecureAllowHTTP: true}
		c.App = authtest.With(webhook.Feature(o)).New(c.T, c.DB, c.Box.Configure, func(cfg *config.Config) { cfg.Now = c.Clock.Now })
	}
	c.hooked(webhook.Options{Endpoints: []webhook.Endpoint{named(old, "crm")}})
	clock := c.Clock
	c.registered("ann")
	restart(named(moved, "other"))
	c.Clock = clock
	moved.want()
	if d := c.delivery(); d.State != models.MailPending || d.Reason != "no endpoint has this name" {
		c.Errorf("%+v", d)
	}
	restart(named(moved, "crm"))
	c.Clock = clock
	c.Clock.Advance(time.Hour)
	moved.want(webhook.UserCreated)
}
