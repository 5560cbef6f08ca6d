package snippet

import (
	"testing"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestWithoutDisposable(t *testing.T) {
	app := memory.New(t, func(cfg *config.Config) { *cfg = withoutDisposable(*cfg, map[string]bool{"trash.example": true}) })
	form := authtest.SignUp("ann")
	for _, address := range []string{"ann@trash.example", "ann@TRASH.example", "ann@mail.trash.example"} {
		form.Email = address
		app.Client(t).Post("/auth/registration/", form).WantProblems("email invalid_email")
	}
	for i, address := range []string{"ann@nottrash.example", "trash.example@example.com", ""} {
		form.Username, form.Email = []string{"ann", "bob", "eve"}[i], address
		app.Client(t).Post("/auth/registration/", form).Want(201)
	}
}
