package core

// What is reported when a request finds limits used up: refusals.go, and an event of the audit trail.

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/client"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/limit"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/mails"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/models"
)

// crowdedKey is set for a request that found Limits.AllMails used up.
type crowdedKey struct{}

// settingsOf has the settings of what buckets count.
var settingsOf = map[string]string{
	"login": "Limits.Login", "known browser": "Limits.KnownBrowser", "known browsers": "Limits.KnownBrowser", "password": "Limits.Password",
	"failures": "Limits.Network", "wide failures": "Limits.Network", "known browser failures": "Limits.Network", "refreshes": "Limits.Refresh", "verifications": "Limits.Refresh", "starts": "Limits.Start",
	"taken names": "Limits.Network", "wide taken names": "Limits.Network",
	"sign-ups": "Limits.SignUp", "wide sign-ups": "Limits.AllSignUps", "all sign-ups": "Limits.AllSignUps",
	"wide starts": "Limits.AllStarts", "all starts": "Limits.AllStarts",
	"factor": "Limits.Factor", "known browser factor": "Limits.Factor", "exports": "Limits.Export",
	"mails": "Limits.Mail", "mails of a user": "Limits.Mail", "wide mails": "Limits.AllMails", "all mails": "Limits.AllMails",
}

// hit reports buckets that were full: each setting once for a request, and to the audit trail what is new.
func (c *Core) hit(g *gin.Context, hits []limit.Hit) {
	var told []string
	for _, h := range hits {
		setting := settingsOf[h.Bucket.Kind]
		if !slices.Contains(told, setting) {
			told = append(told, setting)
			c.refused(g.Request.Context(), setting, h.Bucket.Kind)
		}
		if h.New && (!h.InMemory || c.cfg.Limits.Store != nil) { // a database that failed stores no event either
			c.recordLimited(g, h.Bucket.Of, setting)
		}
	}
}

// unsent returns what reports a mail that was not sent because of a limit. Above Mail.MaxPerHour, that is also an event of the audit trail,
// at most one a minute. It must not reveal whether an account has confirmed the address, to the user who claims it or by a statement: so
// only a user who has confirmed it gets the event, and mails above Mail.MaxPerDay have none.
func (c *Core) unsent(g *gin.Context, m Mail, setting string) func(context.Context) {
	var account models.Account
	if m.Confirmed && m.User.ID != 0 {
		account = &models.User{ID: m.User.ID}
	}
	e, kind := c.Event(g, account), c.mails.Kinds[m.Kind]
	e.Login = client.Printable(m.Address, 254)
	of := secret.CounterName(c.limits.Key, setting, cmp.Or(kind.Limit, kind.Name), string(models.EmailKey(m.Address)))
	return func(ctx context.Context) {
		c.refused(ctx, setting, "mails to an address")
		if setting == mails.PerHour && c.audits() && c.limits.Recent.Tell(c.Now(), of) {
			c.record(ctx, c.eventRow(config.EventRateLimited, e, setting))
		}
	}
}

// recordLimited records that a limit was found used up. of is what its bucket counts.
func (c *Core) recordLimited(g *gin.Context, of []string, setting string) {
	if !c.audits() {
		return
	}
	var account models.Account
	switch of[0] {
	case "password", "mails of a user", "factor", "known browser factor", "exports": // of users, who need not be logged in yet
		if id, err := strconv.ParseInt(of[1], 10, 64); err == nil {
			account = &models.User{ID: id}
		}
	}
	e := c.Event(g, account)
	switch setting {
	case "Limits.Login", "Limits.KnownBrowser":
		_, e.Login, _ = strings.Cut(of[1], ":") // as LoginIdentifiers made it
		e.Login = client.Printable(e.Login, 254)
	}
	c.record(g.Request.Context(), c.eventRow(config.EventRateLimited, e, setting))
}
