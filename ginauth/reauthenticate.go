package ginauth

// POST reauthenticate/: re-entering the password before a sensitive action.

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
)

func (a *Auth) reauthenticateRoutes(s *Setup) {
	add(s, route{
		method: http.MethodPost, path: "reauthenticate", status: http.StatusOK, user: true,
		doc: "Show the password once more, for what needs a fresh login.",
	}, a.reauthenticate)
}

// reauthenticate answers POST reauthenticate/: from then on the session is as fresh as after
// a login.
func (a *Auth) reauthenticate(c *gin.Context, in *binding.Reauthenticate) (binding.Detail, error) {
	if err := a.proveFresh(c, in.Password); err != nil {
		return binding.Detail{}, err
	}
	if err := a.store.Refresh(c.Request.Context(), Session(c).ID, a.now()); err != nil {
		return binding.Detail{}, err
	}
	return binding.Detail{Detail: a.say(c, "done.reauthenticated", nil)}, nil
}
