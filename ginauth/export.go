package ginauth

// GET user/export/: everything that the library has about the user.

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// addExport adds the route. It changes the audit trail, so pages of other origins cannot send it, and HEAD is not answered.
func (a *Auth) addExport(s *core.Setup) error {
	core.Add(s, core.Route{
		Method: http.MethodGet, Path: "user/export", Access: core.AccessUser, Changes: true, Fails: []int{http.StatusTooManyRequests},
		Doc: "Download everything that the library has about the user. Needs a recent login.",
	}, a.exportUser)
	return nil
}

// exportUser answers GET user/export/.
func (a *Auth) exportUser(c *gin.Context, _ *binding.Empty) (binding.Export, error) {
	if err := a.core.RequireRecent(c, ""); err != nil {
		return binding.Export{}, err
	}
	out, err := a.core.Export(c)
	if err == nil {
		c.Header("Content-Disposition", `attachment; filename="user-export.json"`)
	}
	return out, err
}
