package snippet

import (
	"net/url"
	"testing"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestWithTerms(t *testing.T) {
	db := memory.Open(t)
	app := authtest.New(t, db, func(cfg *config.Config) { *cfg = withTerms(*cfg) })
	in := authtest.SignUp("ann")
	body := map[string]any{"username": "ann", "email": in.Email, "password1": in.Password1, "password2": in.Password2}
	client := app.Client(t)
	client.Post("/auth/registration/", body).WantProblems("terms required")
	body["terms"] = false
	client.Post("/auth/registration/", body).WantProblems("terms required")
	body["terms"] = true
	client.Post("/auth/registration/", body).Want(201)
	app.Client(t).Post("/auth/registration/", url.Values{
		"username": {"bob"}, "password1": {in.Password1}, "password2": {in.Password2}, "terms": {"true"},
	}).Want(201)
	var users []Customer
	if err := db.Find(&users).Error; err != nil || len(users) != 2 {
		t.Fatal(users, err)
	}
	for _, u := range users {
		if u.TermsAt == nil || u.TermsVersion != "2026-01" {
			t.Errorf("stored %q, %v", u.TermsVersion, u.TermsAt)
		}
	}
}
