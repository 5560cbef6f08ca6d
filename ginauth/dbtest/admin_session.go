package dbtest

// Package admin: sessions, second factors, failed mails, and what is recorded.

import (
	"fmt"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/admin"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

func adminEndsSessions(c *Case) {
	ann, bob := c.startAdmin()
	var made binding.NewToken
	bob.Post("/auth/tokens/", obj{"name": "a"}).Want(201).JSON(&made)
	key := made.ID
	sessions, err := c.sessionIDs("bob")
	if err != nil {
		c.Fatal(err)
	}
	ann.Delete(c.adminPath("bob", "sessions/", "x/")).Want(404)
	ann.Delete(c.adminPath("bob", "tokens/", key, "/")).Want(204)
	ann.Delete(c.adminPath("bob", "sessions/", key, "/")).Want(404)
	ann.Delete(c.adminPath("bob", "sessions/", sessions[0], "/")).Want(204)
	bob.Get("/auth/user/").Want(401)
	bob.Post("/auth/login/", obj{"username": "bob", "password": authtest.Password}).Want(200)
	ann.Delete(c.adminPath("bob", "sessions/")).Want(204)
	bob.Get("/auth/user/").Want(401)
}

func (c *Case) sessionIDs(name string) (ids []string, err error) {
	err = c.DB.Model(&models.Session{}).Where("user_id = ? AND personal = ?", c.user(name).ID, false).Pluck("id", &ids).Error
	return ids, err
}

func adminResetsFactors(c *Case) {
	ann, _ := c.startAdmin()
	c.Mails()
	c.withTOTP("cleo")
	ann.Delete(c.adminPath("cleo", "factors/")).Want(204)
	if c.user("cleo").Factors != "" {
		c.Error("a factor remains")
	}
	c.Client().Post("/auth/login/", obj{"username": "cleo", "password": authtest.Password}).Want(200)
}

func adminSendsMailsAgain(c *Case) {
	ann, _ := c.startAdmin()
	if err := c.DB.Model(&models.OutboxMail{}).Where("user_id = ?", c.user("bob").ID).Updates(map[string]any{"state": models.MailFailed, "reason": "full"}).Error; err != nil {
		c.Fatal(err)
	}
	var page admin.Mails
	r := ann.Get("/auth/admin/outbox/?limit=1").Want(200)
	r.JSON(&page)
	if len(page.Results) != 1 || page.Results[0].Reason != "full" {
		c.Fatal(r.Text)
	}
	ann.Post(fmt.Sprint("/auth/admin/outbox/", page.Results[0].ID, "/retry/"), nil).Want(200)
	ann.Post(fmt.Sprint("/auth/admin/outbox/", page.Results[0].ID, "/retry/"), nil).Want(404)
}

// adminIsRecorded: each change has its operator, and what was before.
func adminIsRecorded(c *Case) {
	ann, _ := c.startAdmin()
	id, me := c.user("bob").ID, c.user("ann").ID
	ann.Patch(c.adminPath("bob"), obj{"is_staff": true, "last_name": "Ray"}).Want(200)
	ann.Post(c.adminPath("bob", "ban/"), obj{"reason": "spam"}).Want(200)
	ann.Post(c.adminPath("bob", "unban/"), nil).Want(200)
	rows, err := c.Auth.Events(c.Context(), ginauth.EventFilter{UserID: id, Limit: 3})
	if err != nil || len(rows) != 3 {
		c.Fatal(rows, err)
	}
	for i, want := range []string{"unban", "ban spam", "user_changed is_staff: false -> true, last_name:  -> Ray"} {
		if got := strings.TrimSpace(rows[i].Event + " " + rows[i].Details); got != want || rows[i].ActorID != me || rows[i].IP == "" {
			c.Errorf("%q by %d, want %q", got, rows[i].ActorID, want)
		}
	}
	var page admin.Events
	ann.Get(c.adminPath("bob", "events/?limit=2")).Want(200).JSON(&page)
	if len(page.Results) != 2 || page.Next == nil || page.Results[1].Actor == nil || *page.Results[1].Actor != me || page.Results[1].Details != "spam" {
		c.Errorf("%+v", page)
	}
	var own []binding.Event
	c.LoggedIn("bob").Get("/auth/security/events/").Want(200).JSON(&own)
	n := 0
	for _, e := range own {
		if e.Actor != 0 {
			n++
			if e.IP != "" || e.UserAgent != "" {
				c.Error("the user sees where the operator is:", e)
			}
		}
	}
	if n < 3 {
		c.Error("the user does not see that it was an operator:", own)
	}
}
