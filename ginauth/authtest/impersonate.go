package authtest

import (
	"fmt"
	"testing"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Impersonate returns a new client in which the operator of a client acts in the place of a user, in one line:
//
//	acting := app.Impersonate(t, app.Login(t, operator), bob)
//
// The App needs the feature of package impersonate. The operator is a superuser, or staff with impersonate.Permission, and has logged in
// recently.
func (a *App) Impersonate(t testing.TB, operator *Client, user models.Account) *Client {
	t.Helper()
	acting := operator.Clone()
	var out binding.LoginResponse
	path := fmt.Sprint(core.Of(a.Auth).Base(), "/admin/users/", user.Base().ID, "/impersonate/")
	acting.Post(path, map[string]string{"reason": "a test"}).Want(200).JSON(&out)
	switch byToken := operator.Header.Get("Authorization") != ""; {
	case byToken && out.Key != "":
		acting.Header.Set("Authorization", "Token "+out.Key)
	case byToken && out.Tokens != nil:
		acting.Header.Set("Authorization", "Bearer "+out.Access)
	}
	return acting
}
