package dbtest

// Errors of New and panics of Setup for features that use them wrongly.

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing/fstest"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// nilFeaturesAreErrorsOfNew: for example if an application passes the result of a function that returned nil.
func nilFeaturesAreErrorsOfNew(c *Case) {
	if err := c.newWith(nil); err == nil || !strings.Contains(err.Error(), "a feature in the arguments of New is nil") {
		c.Errorf("got %v", err)
	}
}

// errorsOfNewHaveOnePrefix: errors of settings and of features.
func errorsOfNewHaveOnePrefix(c *Case) {
	for want, feature := range map[string]core.Feature{
		"ginauth: config: Pin.Length: bell: is odd": func(s *core.Setup) error {
			s.Name("bell")
			s.Refuse("Pin.Length", fmt.Errorf("is odd"))
			return nil
		},
		"ginauth: no bell": func(*core.Setup) error { return fmt.Errorf("no bell") },
	} {
		if err := c.newWith(feature); err == nil || err.Error() != want {
			c.Errorf("got %v, want %s", err, want)
		}
	}
	if err := c.newWith(orNothing(nil), func(cfg *config.Config) { cfg.Secret = "" }); err == nil || !strings.HasPrefix(err.Error(), "ginauth: config: Secret: ") {
		c.Errorf("got %v", err)
	}
}

// lateDeclarationsPanic: a declaration after the feature has returned would have no effect.
func lateDeclarationsPanic(c *Case) {
	var kept *core.Setup
	c.With(func(s *core.Setup) error {
		s.Name("late")
		kept = s
		return nil
	}).Start()
	for name, declare := range map[string]func(){
		"Name": func() { kept.Name("x") }, "Refuse": func() { kept.Refuse("X", http.ErrNotSupported) }, "Keys": func() { kept.Keys("x") },
		"Migration": func() { kept.Migration("1", func(*gorm.DB) error { return nil }) }, "Tables": func() { kept.Tables(&sealForm{}) },
		"Check": func() { kept.Check("X", func(context.Context, *core.Report) error { return nil }) },
		"Facts": func() { kept.Facts("x", 1) }, "Event": func() { kept.Event() }, "WebHooks": func() { kept.WebHooks(false) },
		"Texts": func() { kept.Texts(fstest.MapFS{}) }, "Texts of nil": func() { kept.Texts(nil) },
		"Codes": func() { kept.Codes(binding.CodeDoc{Code: "x", Meaning: "x"}) },
		"Mail":  func() { kept.Mail(core.MailKind{Name: "x"}) }, "Ticket": func() { kept.Ticket(core.TicketKind{Name: "x"}) },
		"Factor": func() { kept.Factor("x") }, "Listen": func() { kept.Listen(core.Listener{}) }, "Identify": func() { kept.Identify(core.Identifier{}) },
		"Gate": func() { kept.Gate(nil) }, "Sweep": func() { kept.Sweep(func(context.Context, time.Time) error { return nil }) },
		"Add": func() {
			core.Add(kept, core.Route{Method: "GET", Path: "x"}, func(*gin.Context, *binding.Empty) (binding.Detail, error) { return binding.Detail{}, nil })
		},
		"Claims":       func() { kept.Claims(func(context.Context, models.Account) (map[string]any, error) { return nil, nil }) },
		"AfterMigrate": func() { kept.AfterMigrate(func(context.Context) error { return nil }) },
		"AddRaw":       func() { core.AddRaw(kept, core.Route{Method: "GET", Path: "raw"}, func(*gin.Context) {}) },
		"Later":        func() { kept.Later("x", func(*gin.Context, *core.Tx, *models.User, string) error { return nil }) },
	} {
		func() {
			defer func() {
				if p := fmt.Sprint(recover()); !strings.Contains(p, `the feature "late"`) || !strings.Contains(p, "after it had returned") {
					c.Errorf("%s: panicked with %s", name, p)
				}
			}()
			declare()
		}()
	}
	if kept.Core() == nil || kept.Config().Secret == "" {
		c.Error("Core and Config are not for later")
	}
}
