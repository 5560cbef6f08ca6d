package ginauth

// POST reauthenticate/: re-entering the password before a sensitive action.

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

func (a *Auth) reauthenticateRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "reauthenticate", Limit: core.LimitGuess, Tag: "Re-authentication", Access: core.AccessUser,
		Doc: "Re-enter the password before a sensitive action (sudo mode).",
	}, a.reauthenticate)
}

// reauthenticate answers POST reauthenticate/. After it, the session counts as a recent login.
func (a *Auth) reauthenticate(c *gin.Context, in *binding.Reauthenticate) (binding.Detail, error) {
	if err := a.core.RequireRecent(c, in.Password); err != nil {
		return binding.Detail{}, err
	}
	if err := a.core.MarkRecent(c.Request.Context(), core.Session(c).ID); err != nil {
		return binding.Detail{}, err
	}
	return binding.Detail{Detail: a.core.Say(c, "done.reauthenticated", nil)}, nil
}
