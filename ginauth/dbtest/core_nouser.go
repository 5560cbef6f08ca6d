package dbtest

// Functions that need a user, called in routes that may have none.

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// heldWithoutAUserIs500: in a route that accepts anonymous requests, that is a mistake that is logged and does not
// panic.
func heldWithoutAUserIs500(c *Case) {
	c.With(func(s *core.Setup) error {
		for path, use := range map[string]func(*gin.Context) error{
			"held": func(g *gin.Context) error {
				return s.Core().Held(g, func(*core.Tx) error { c.Error("it ran"); return nil })
			},
			"recent": func(g *gin.Context) error { return s.Core().RequireRecent(g, "") },
			"token": func(g *gin.Context) error {
				_, _, err := s.Core().CreateToken(g, core.PersonalToken{Method: "token", Lifetime: time.Hour}, func(*core.Tx) error { return nil })
				return err
			},
			"still": func(g *gin.Context) error {
				return s.Core().Tx(g.Request.Context(), func(tx *core.Tx) error { return s.Core().StillIn(g, tx) })
			},
			"renew": func(g *gin.Context) error { return s.Core().RenewSession(g, func(*core.Tx) error { return nil }) },
		} {
			core.Add(s, core.Route{Method: http.MethodPost, Path: path}, func(g *gin.Context, _ *binding.Empty) (binding.Detail, error) {
				return binding.Detail{}, use(g)
			})
		}
		return nil
	}).Start()
	for _, path := range []string{"held", "recent", "token", "still", "renew"} {
		c.Client().Post("/auth/"+path+"/", nil).WantCode(500, "internal")
		if log := c.Log.String(); strings.Contains(log, "panic") || !strings.Contains(log, "route=/auth/"+path+"/") || !strings.Contains(log, "AccessUser") {
			c.Errorf("%s: logged %s", path, log)
		}
	}
}
