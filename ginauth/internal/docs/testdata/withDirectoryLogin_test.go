package snippet

import (
	"context"
	"errors"
	"testing"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestWithDirectoryLogin(t *testing.T) {
	people := map[string]*person{"ann": {"id-1", "ann", "ann@corp.example"}, "Bob": {"id-2", "bob", "bob@corp.example"}}
	down := false
	ask := func(_ context.Context, name, password string) (*person, error) {
		if down {
			return nil, errors.New("no directory")
		}
		if password != "from the directory" {
			return nil, nil
		}
		return people[name], nil
	}
	app := authtest.New(t, memory.Open(t), func(cfg *config.Config) { *cfg = withDirectoryLogin(*cfg, ask) })
	app.Client(t).Post("/auth/registration/", authtest.SignUp("bob")).Want(201) // a stranger takes the name first

	login := func(name string) (pk int64, username string) {
		var out struct {
			User struct {
				PK       int64
				Username string
			}
		}
		app.Client(t).Post("/auth/login/", binding.Login{Username: name, Password: "from the directory"}).Want(200).JSON(&out)
		return out.User.PK, out.User.Username
	}
	annID, name := login("ann")
	if name != "ann" {
		t.Errorf("ann is %q", name)
	}
	strangers, _ := login("Bob")
	var local struct{ User struct{ PK int64 } }
	app.Client(t).Post("/auth/login/", authtest.Login("bob")).Want(200).JSON(&local)
	if local.User.PK == strangers {
		t.Error("the directory's bob got the account of a stranger")
	}
	people["anna"] = &person{"id-1", "anna", "ann@corp.example"} // renamed
	if id, name := login("anna"); id != annID || name != "anna" {
		t.Errorf("after the rename: %d, %q; before: %d", id, name, annID)
	}
	people["ann"] = &person{"id-9", "ann", "ann2@corp.example"} // another person with the old name
	if id, _ := login("ann"); id == annID {
		t.Error("the account followed the name")
	}
	app.Client(t).Post("/auth/login/", binding.Login{Username: "ann", Password: "wrong"}).WantProblems("non_field_errors invalid_credentials")
	down = true
	app.Client(t).Post("/auth/login/", binding.Login{Username: "ann", Password: "from the directory"}).WantCode(503, binding.CodeUnavailable)
}
