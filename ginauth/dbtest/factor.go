package dbtest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

var factorCases = Group{Name: "factor", Cases: []func(*Case){
	factorsAreKeptSorted, factorsAreNotInResponses, raceToSetFactors,
}}

// setFactor calls Tx.SetFactor in its own transaction.
func (c *Case) setFactor(id int64, name string, on bool) error {
	return core.Of(c.Auth).Tx(context.Background(), func(tx *core.Tx) error { return tx.SetFactor(id, name, on) })
}

// factorsAreKeptSorted: each name once, in any order. Setting one twice changes nothing.
func factorsAreKeptSorted(c *Case) {
	c.Start()
	c.SignedUp("ann")
	id := c.user("ann").ID
	for _, step := range []struct {
		name string
		on   bool
		want string
	}{
		{"totp", false, ""}, {"totp", true, "totp"}, {"totp", true, "totp"}, {"passkey", true, "passkey totp"}, {"sms", true, "passkey sms totp"},
		{"top", false, "passkey sms totp"}, {"sms", false, "passkey totp"}, {"sms", false, "passkey totp"},
	} {
		if err := c.setFactor(id, step.name, step.on); err != nil {
			c.Fatal(err)
		}
		user := c.user("ann")
		if user.Factors != step.want || user.HasFactor(step.name) != step.on || !slices.Equal(user.FactorNames(), strings.Fields(step.want)) {
			c.Errorf("%s %v: factors are %q, want %q", step.name, step.on, user.Factors, step.want)
		}
	}
	if err := c.setFactor(id+1000, "totp", true); !errors.Is(err, core.ErrNoRow) {
		c.Errorf("of no user: %v", err)
	}
	for _, name := range []string{"", "two words", "tab\there", strings.Repeat("x", 250)} {
		if err := c.setFactor(id, name, true); err == nil || c.user("ann").Factors != "passkey totp" {
			c.Errorf("%q: %v, factors are %q", name, err, c.user("ann").Factors)
		}
	}
}

// factorsAreNotInResponses, except in the challenge that asks for one. Only the library needs them.
func factorsAreNotInResponses(c *Case) {
	c.With(func(s *core.Setup) error { s.Factor("canary"); return nil }).Start()
	ann := c.SignedUp("ann")
	if err := c.setFactor(c.user("ann").ID, "canary", true); err != nil {
		c.Fatal(err)
	}
	for _, r := range []*authtest.Response{
		ann.Get("/auth/user/"), ann.Patch("/auth/user/", obj{"first_name": "Ann"}),
		ann.Get("/auth/sessions/"),
	} {
		if r.Want(200); strings.Contains(r.Text, "canary") || strings.Contains(r.Text, "actors") {
			c.Errorf("answers %s", r.Text)
		}
	}
	if c.user("ann").Factors != "canary" {
		c.Error("a change of the profile changed the factors")
	}
}

// raceToSetFactors: concurrent calls are all stored.
func raceToSetFactors(c *Case) {
	c.Start()
	c.SignedUp("ann")
	id, names := c.user("ann").ID, strings.Fields("a b c d e f g h")
	var all sync.WaitGroup
	for _, name := range names {
		all.Go(func() {
			if err := c.setFactor(id, name, true); err != nil {
				c.Error(err)
			}
		})
	}
	all.Wait()
	user := c.user("ann")
	if got := user.FactorNames(); !slices.Equal(got, names) {
		c.Errorf("factors are %q", got)
	}
}
