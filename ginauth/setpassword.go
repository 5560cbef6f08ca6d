package ginauth

// POST password/set/: the first password of the logged-in user, such as one who came by an identity provider.

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

func (a *Auth) setPasswordRoutes(s *core.Setup) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "password/set", Access: core.AccessUser, Limit: core.LimitGuess,
		Doc: "Set the first password of a user who has none. Needs a recent login. Ends all other sessions and all personal tokens.",
	}, a.setFirstPassword)
}

// setFirstPassword answers POST password/set/. It needs a recent login, since there is no password to ask for: without one, users get a
// link by mail at password/reset/. It does what a password change does, and of several concurrent requests one succeeds. A form that was
// sent twice gets the same response twice.
func (a *Auth) setFirstPassword(c *gin.Context, in *binding.SetPassword) (binding.Detail, error) {
	var none binding.Detail
	switch user := core.User(c); {
	case a.core.Managed(user):
		return none, binding.Invalid("new_password2", core.ProblemManaged)
	case user.HasPassword():
		return none, binding.Invalid(binding.NonField, core.ProblemHasPassword)
	}
	if err := a.core.RequireRecent(c, ""); err != nil {
		return none, err
	}
	err := a.enterNewPassword(c, in.NewPassword1, in.NewPassword2)
	if errors.Is(err, core.ErrChanged) {
		err = binding.Invalid(binding.NonField, core.ProblemHasPassword)
	}
	if err != nil {
		return none, err
	}
	return binding.Detail{Detail: a.core.Say(c, "done.password_set", nil)}, nil
}
