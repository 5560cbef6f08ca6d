package dbtest

import (
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// eventsAreRead by filters, in pages.
func eventsAreRead(c *Case) {
	c.Start(audited)
	start := c.Clock.Now()
	for i := range 7 {
		name := []string{"login", "logout"}[i%2]
		row := models.Event{CreatedAt: start.Add(time.Duration(i) * time.Minute), Event: name, UserID: int64(1 + i/6)}
		if err := c.DB.Create(&row).Error; err != nil {
			c.Fatal(err)
		}
	}
	read := func(f ginauth.EventFilter) []models.Event {
		all, err := c.Auth.Events(c.Context(), f)
		if err != nil {
			c.Fatal(err)
		}
		for i := 1; i < len(all); i++ {
			if all[i].ID >= all[i-1].ID {
				c.Errorf("not the newest first: %+v", all)
			}
		}
		return all
	}
	f := ginauth.EventFilter{UserID: 1, Limit: 4}
	first := read(f)
	f.Before = first[len(first)-1].ID
	second := read(f)
	if len(first) != 4 || len(second) != 2 || second[0].ID >= first[3].ID {
		c.Errorf("%+v, %+v", first, second)
	}
	for want, f := range map[int]ginauth.EventFilter{
		7: {}, 1: {UserID: 2}, 3: {UserID: 1, Names: []config.EventName{config.EventLogout}}, 2: {From: start.Add(5 * time.Minute)},
		5: {To: start.Add(5 * time.Minute)}, 0: {UserID: 3}, 4: {Names: []config.EventName{config.EventLogin, config.EventDelete}},
	} {
		if got := read(f); len(got) != want {
			c.Errorf("%+v: %d, want %d", f, len(got), want)
		}
	}
}

func oldEventsAreSwept(c *Case) {
	c.Start(audited)
	c.SignedUp("ann")
	c.Clock.Advance(30*24*time.Hour - time.Second)
	c.LoggedIn("ann")
	for _, want := range []int64{3, 1} {
		if _, err := c.Auth.Sweep(c.Context()); err != nil {
			c.Fatal(err)
		}
		if got := c.count(&models.Event{}); got != want {
			c.Errorf("%d events, want %d", got, want)
		}
		c.Clock.Advance(time.Second)
	}
	var rows []models.Event
	for range 2500 {
		rows = append(rows, models.Event{CreatedAt: c.Clock.Now().Add(-31 * 24 * time.Hour), Event: "login"})
	}
	if err := c.DB.CreateInBatches(&rows, 500).Error; err != nil {
		c.Fatal(err)
	}
	if _, err := c.Auth.Sweep(c.Context()); err != nil || c.count(&models.Event{}) != 1 {
		c.Error(c.count(&models.Event{}), err)
	}
}

// deletedUsersLeaveOneEvent, which has nothing about them except the ID. It also holds when the trail was turned off since.
func deletedUsersLeaveOneEvent(c *Case) {
	c.Start(audited)
	bob, ann := c.SignedUp("bob"), c.SignedUp("ann")
	id := c.user("ann").ID
	ann.Post("/auth/user/delete/", nil).Want(200)
	all, err := c.Auth.Events(c.Context(), ginauth.EventFilter{UserID: id})
	if err != nil || len(all) != 1 {
		c.Fatal(all, err)
	}
	all[0].ID, all[0].CreatedAt = 0, time.Time{}
	if all[0] != (models.Event{Event: "delete", UserID: id}) {
		c.Errorf("%+v", all[0])
	}
	c.App = authtest.New(c.T, c.DB)
	c.as(bob).Post("/auth/user/delete/", nil).Want(200)
	if n := c.count(&models.Event{}); n != 1 {
		c.Error(n)
	}
}

// auditCostsOneStatement for each event, and none for a request without one. Off, it costs nothing.
func auditCostsOneStatement(c *Case) {
	login, failed, get, all := c.statements()
	if strings.Contains(all, "auth_event") {
		c.Error(all)
	}
	if l, f, g, _ := c.statements(audited); l != login+1 || f != failed+1 || g != get {
		c.Errorf("a login has %d statements, a failed one %d, a GET %d; without events %d, %d, %d", l, f, g, login, failed, get)
	}
}

// auditRevealsNothing: known and unknown names cause the same work.
func auditRevealsNothing(c *Case) {
	m := c.startMeasured(audited)
	c.User(c.T, "ann")
	c.Client().Post("/auth/login/", wrong("ann")).Want(400)
	fail := func(name string) trace {
		return c.measure(m, func() *authtest.Response { return c.Client().Post("/auth/login/", wrong(name)) })
	}
	c.wantAlike("failed logins", fail("ann"), fail("bob"))
}

func auditIsOffByDefault(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	c.Client().Post("/auth/login/", wrong("ann")).Want(400)
	ann.Post("/auth/logout/", nil).Want(200)
	c.wantEvents()
}
