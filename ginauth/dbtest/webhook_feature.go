package dbtest

// Events of features, in web-hooks and in the audit trail.

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
	"github.com/ginauth/gin-rest-auth/ginauth/webhook"
	"github.com/ginauth/gin-rest-auth/models"
)

// featuresTellTheirEvents: each is one row of the audit trail and one web-hook.
func featuresTellTheirEvents(c *Case) {
	r := c.receiver()
	idp := c.startFeatures(r, audited)
	ann := c.verified("ann")
	id := c.user("ann").ID
	r.take()
	c.events()
	want := func(name config.EventName, told webhook.Event, details string) {
		c.Helper()
		events := slices.DeleteFunc(c.events(), func(e models.Event) bool { return e.Event != string(name) })
		if len(events) != 1 || events[0].UserID != id || events[0].Details != details {
			c.Errorf("%s: %+v", name, events)
		}
		hooks := slices.DeleteFunc(r.take(), func(h hook) bool { return h.Type != told })
		if len(hooks) != 1 || hooks[0].Data["id"] != float64(id) || hooks[0].Data["email"] != "ann@example.com" || details != "" && hooks[0].Data["provider"] != details {
			c.Errorf("%s: %+v", told, hooks)
		}
	}
	c.connect(idp, ann, socialtest.Claims{"sub": "1"})
	want(social.EventConnected, "social_account.connected", "acme")
	c.connect(idp, ann, socialtest.Claims{"sub": "1"}) // it is connected already
	if events := c.events(); slices.ContainsFunc(events, func(e models.Event) bool { return e.Event == string(social.EventConnected) }) {
		c.Error(events)
	}
	ann.Delete(fmt.Sprintf("/auth/socialaccounts/%d/", c.identity("1"))).Want(204)
	want(social.EventDisconnected, "social_account.disconnected", "acme")
	phone := c.TOTP(c.T, ann)
	want(mfa.EventTOTPOn, "totp.enabled", "")
	ann.Post("/auth/mfa/recovery-codes/regenerate/", nil).Want(200)
	want(mfa.EventRecoveryCodesNew, "recovery_codes.created", "")
	ann.Post("/auth/mfa/totp/deactivate/", obj{"code": phone.Code()}).Want(200)
	want(mfa.EventTOTPOff, "totp.disabled", "")
	phone = c.TOTP(c.T, ann)
	c.sendCode(c.Client(), "ann", phone.RecoveryCodes[0]).Want(200)
	want(mfa.EventRecoveryCodeUsed, "recovery_codes.used", "")
	if err := mfa.Reset(c.Context(), c.Auth, id); err != nil {
		c.Fatal(err)
	}
	want(mfa.EventReset, "mfa.reset", "")
	c.byAcme(idp, c.Client(), socialtest.Claims{"sub": "2", "email": "bob@example.com", "email_verified": true}).Want(200)
	if types := typesOf(r.take()); !slices.Equal(types, []webhook.Event{webhook.UserCreated, "social_account.connected", webhook.SessionCreated}) {
		c.Error(types)
	}
}

// identity returns the ID of an account at a provider.
func (c *Case) identity(subject string) int64 {
	c.Helper()
	var row models.Identity
	if err := c.DB.Where("subject = ?", subject).Take(&row).Error; err != nil {
		c.Fatal(err)
	}
	return row.ID
}

// endpointsCanListEventsOfFeatures that come later in the arguments of New. Events of features that are not listed are errors.
func endpointsCanListEventsOfFeatures(c *Case) {
	r := c.receiver()
	hooks := webhook.Options{Endpoints: []webhook.Endpoint{r.endpoint("totp.enabled")}, AllowPrivateNetworks: true, InsecureAllowHTTP: true}
	if err := c.newWith(webhook.Feature(hooks)); err == nil || !strings.Contains(err.Error(), `Endpoints[0].Events: webhook: has "totp.enabled"`) {
		c.Error(err)
	}
	c.With(webhook.Feature(hooks), mfa.Feature(mfa.Options{})).StartMail()
	c.withTOTP("ann")
	r.want("totp.enabled")
	if all := webhook.Events(c.Auth); !slices.Contains(all, "totp.enabled") || !slices.Contains(all, webhook.UserCreated) || slices.Contains(all, "social_account.connected") {
		c.Error(all)
	}
}

// eventsMustBeDeclared: a feature that records another one fails at once. Mistakes in declarations are errors of New.
func eventsMustBeDeclared(c *Case) {
	err := c.newWith(func(s *core.Setup) error {
		s.Name("bell")
		s.Event(
			core.EventKind{Name: "login", Doc: "x"}, core.EventKind{Name: "bell_rang", Doc: "x", WebHook: "user.created"},
			core.EventKind{Name: "Bell", Doc: "x"}, core.EventKind{Name: "bell_silent"}, core.EventKind{Name: "bell_hook", Doc: "x", WebHook: "bell"},
			core.EventKind{Name: "bell_fine", Doc: "x", WebHook: "bell.fine"}, core.EventKind{Name: "bell_fine_too", Doc: "x", WebHook: "bell.fine"},
		)
		return nil
	})
	for _, name := range []string{`"login"`, `"bell_rang"`, `"Bell"`, `"bell_silent"`, `"bell_hook"`} {
		if !strings.Contains(fmt.Sprint(err), name) {
			c.Errorf("%s is not in %v", name, err)
		}
	}
	if strings.Contains(fmt.Sprint(err), "bell_fine") {
		c.Error(err)
	}
	c.With(func(s *core.Setup) error {
		s.Name("bell")
		s.Event(core.EventKind{Name: "bell_rang", Doc: "the bell rang"})
		core.Add(s, core.Route{Method: http.MethodPost, Path: "bell/:name", Public: true, Doc: "Ring."}, func(g *gin.Context, _ *binding.Empty) (binding.Detail, error) {
			return binding.Detail{}, s.Core().Tx(g.Request.Context(), func(tx *core.Tx) error {
				return tx.Record(config.EventName(g.Param("name")), config.Event{})
			})
		})
		return nil
	}).Start(audited)
	c.Client().Post("/auth/bell/bell_rang/", nil).Want(200)
	c.Client().Post("/auth/bell/bell_broke/", nil).Want(503)
	core.Of(c.Auth).Record(context.Background(), "bell_broke", config.Event{})
	if n := strings.Count(c.Log.String(), `\"bell_broke\" is not declared; declare it with Setup.Event`); n != 2 {
		c.Errorf("%d lines: %s", n, c.Log)
	}
	if events := c.events(); len(events) != 1 || events[0].Event != "bell_rang" {
		c.Error(events)
	}
}
