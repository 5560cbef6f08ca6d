package dbtest_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
)

// The cases of a feature of another module.

var visits = dbtest.Group{Name: "visits", Cases: []func(*dbtest.Case){visitsAreCounted}}

var counted atomic.Int64

// visit is a feature that counts visits.
func visit(s *core.Setup) error {
	core.Add(s, core.Route{Method: http.MethodPost, Path: "visit", Doc: "Count a visit."}, func(*gin.Context, *binding.Empty) (binding.Detail, error) {
		return binding.Detail{Detail: fmt.Sprintf("Visit %d.", counted.Add(1))}, nil
	})
	return nil
}

func visitsAreCounted(c *dbtest.Case) {
	if c.Name() != "TestGroups/visits/VisitsAreCounted" {
		c.Errorf("the test is called %s", c.Name())
	}
	c.With(visit).StartMail(func(cfg *config.Config) { cfg.Session.Idle = time.Hour })
	ann := c.SignedUp("ann")
	c.Mail("verify")
	c.NoMail()
	ann.Post("/auth/visit", nil).Want(200)
	c.LoggedIn("ann").Post("/auth/visit/", nil).Want(200)
	c.Clock.Advance(2 * time.Hour)
	ann.Get("/auth/user/").Want(401)
}

// TestGroups: Run runs the given groups and no others.
func TestGroups(t *testing.T) {
	t.Cleanup(func() {
		if n := counted.Load(); n != 2 {
			t.Errorf("%d visits", n)
		}
	})
	dbtest.Run(t, testdb.SQLite, visits)
}
