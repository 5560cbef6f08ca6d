package dbtest

import (
	"encoding/json"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// wireCases are about what clients send, as they send it.
var wireCases = []func(*Case){
	ObjectsFillNamedFieldsOnly,
}

type nestedSignUp struct {
	binding.Register
	Contact struct {
		City     string `json:"city"`
		Verified bool
	} `json:"contact"`
}

// ObjectsFillNamedFieldsOnly: an object within a form of the application's is read as the form itself.
func ObjectsFillNamedFieldsOnly(c *Case) {
	c.start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[Member]()
		cfg.Forms.SignUp = config.Form(func(f *nestedSignUp, m *Member) error {
			if m.Company = f.Contact.City; f.Contact.Verified {
				m.Company = "verified"
			}
			return nil
		})
	})
	for name, try := range map[string][2]any{
		"a": {obj{"city": "Bern", "Verified": true}, "Bern"}, "b": {obj{"City": "Bern", "verified": true}, ""},
		"c": {json.RawMessage(`{"city":"Bern","City":"Rome"}`), nil}, "d": {json.RawMessage(`{"city":"Bern","city":"Rome"}`), nil},
	} {
		in := obj{"username": name, "password1": authtest.Password, "password2": authtest.Password, "contact": try[0]}
		r := c.client().Post("/auth/registration/", in)
		if try[1] == nil {
			r.WantProblems("contact invalid")
		} else if r.Want(201); c.member(name).Company != try[1] {
			c.Errorf("%v: stored %q", try[0], c.member(name).Company)
		}
	}
}
