package dbtest

// Ways in: what keeps a user able to log in.

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// waysInAreCounted: a user has a way in by a usable password with a name or address, by a backend, or by a feature.
func waysInAreCounted(c *Case) {
	var passkey bool
	c.With(func(s *core.Setup) error {
		s.WayIn(func(*core.Tx, int64) (bool, error) { return passkey, nil })
		core.Add(s, core.Route{Method: http.MethodPost, Path: "wayin", Access: core.AccessUser, Doc: "Say whether the user has a way in."},
			func(g *gin.Context, _ *binding.Empty) (out struct {
				In bool `json:"in"`
			}, err error) {
				err = s.Core().Held(g, func(tx *core.Tx) (err error) {
					out.In, err = tx.HasWayIn(core.User(g).ID)
					return err
				})
				return out, err
			})
		return nil
	}).Start()
	browser := c.SignedUp("ann")
	want := func(what string, in bool) {
		c.Helper()
		var out struct{ In bool }
		if browser.Post("/auth/wayin/", nil).Want(200).JSON(&out); out.In != in {
			c.Errorf("%s: the user has a way in: %t", what, out.In)
		}
	}
	want("with a password", true)
	c.set("ann", obj{"password": "!unusable"})
	want("without a password", false)
	passkey = true
	want("with a feature's credential", true)
	passkey = false
	c.set("ann", obj{"backend": "directory", "backend_id": "1"})
	want("of a backend", true)
	if err := c.newWith(func(s *core.Setup) error { s.WayIn(nil); return nil }); err == nil {
		c.Error("New accepts a WayIn without a function")
	}
}
