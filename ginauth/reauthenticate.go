package ginauth

// POST reauthenticate/: re-entering the password, or a code of a second factor, before a sensitive action.

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

func (a *Auth) reauthenticateRoutes(s *core.Setup) {
	core.AddChecked(s, core.Route{
		Method: http.MethodPost, Path: "reauthenticate", Limit: core.LimitGuess, Tag: "Re-authentication", Access: core.AccessUser,
		Doc: "Re-enter the password, or a code of a second factor, before a sensitive action (sudo mode).",
	}, checkReauthenticate, a.reauthenticate)
}

func checkReauthenticate(_ *gin.Context, in *binding.Reauthenticate, good func(string) bool) error {
	if in.Password == "" && in.Code == "" && good("password") && good("code") {
		return binding.Invalid("password", binding.Problem{Code: binding.CodeRequired})
	}
	return nil
}

// reauthenticate answers POST reauthenticate/. After it, the session counts as a recent login. A code also proves the
// second factor in a session that has not. With both, both must be right.
func (a *Auth) reauthenticate(c *gin.Context, in *binding.Reauthenticate) (binding.Detail, error) {
	if in.Password != "" {
		if err := a.core.MarkRecent(c, in.Password); err != nil {
			return binding.Detail{}, err
		}
	}
	if in.Code != "" {
		if err := a.core.Reauthenticate(c, in.Code); err != nil {
			return binding.Detail{}, err
		}
	}
	return binding.Detail{Detail: a.core.Say(c, "done.reauthenticated", nil)}, nil
}
