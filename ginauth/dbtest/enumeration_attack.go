package dbtest

import (
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// loginByAddressRevealsNothing covers T005: a user who signed up with an address cannot find out by a login whether
// another account has it.
func loginByAddressRevealsNothing(c *Case) {
	m := c.startMeasured(mandatory)
	c.Client().Post("/auth/registration/", authtest.SignUp("taken")).Want(201)
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	c.Client().Post("/auth/registration/", authtest.SignUp("claimed")).Want(201)
	signUp := func(name, address, password string) {
		in := authtest.SignUp(name)
		in.Email, in.Password1, in.Password2 = address, password, password
		c.Client().Post("/auth/registration/", in).Want(201)
	}
	var traces [2][3]trace
	for i, address := range []string{"fresh@example.com", "taken@example.com", "claimed@example.com"} {
		signUp(fmt.Sprintf("first%d", i), address, "Mirror-Maze-88")
		c.Clock.Advance(time.Second)
		signUp(fmt.Sprintf("second%d", i), address, "Mirror-Maze-89")
		for j, password := range []string{"Mirror-Maze-88", "Mirror-Maze-89"} {
			traces[j][i] = c.measure(m, func() *authtest.Response {
				return c.Client().Post("/auth/login/", obj{"email": address, "password": password})
			})
		}
	}
	c.Client().Post("/auth/registration/", authtest.SignUp("gone")).Want(201)
	for _, m := range c.Mails() {
		if m.To == "gone@example.com" {
			c.verify(m.Key(c.T)).Want(200)
		}
	}
	c.set("gone", obj{"is_active": false})
	gone := c.measure(m, func() *authtest.Response {
		return c.Client().Post("/auth/login/", obj{"email": "gone@example.com", "password": authtest.Password})
	})
	c.wantAlike("a wrong password and that of an inactive user", traces[0][0], gone)
	for _, t := range traces {
		c.wantAlike("a new address and a taken one", t[0], t[1])
		c.wantAlike("a new address and a claimed one", t[0], t[2])
	}
	if !strings.Contains(traces[1][0].text, "email_unverified") {
		c.Errorf("the latest sign-up got %s", traces[1][0].text)
	}
}

// wrongCodesRevealNothing covers T007: a wrong code does the same work for an address that was free at sign-up and for
// one that was taken, on both routes.
func wrongCodesRevealNothing(c *Case) {
	m := c.startMeasured(mandatory)
	c.Client().Post("/auth/registration/", authtest.SignUp("taken")).Want(201)
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	c.Clock.Advance(25 * time.Hour)
	for i, address := range []string{"fresh@example.com", "taken@example.com"} {
		for j := range 14 { // more than the limit of mails
			in := authtest.SignUp(fmt.Sprintf("user%d%d", i, j))
			in.Email = address
			c.Client().Post("/auth/registration/", in).Want(201)
		}
	}
	for _, door := range []func(address string) *authtest.Response{
		func(address string) *authtest.Response {
			return c.Client().Post("/auth/registration/verify-email/", obj{"email": address, "code": "BBBB-BBBB"})
		},
		func(address string) *authtest.Response {
			return c.Client().Post("/auth/password/reset/confirm/", obj{
				"email": address, "code": "BBBB-BBBB", "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"})
		},
	} {
		try := func(address string) trace {
			return c.measure(m, func() *authtest.Response { return door(address) })
		}
		for range 22 { // more than the tries of all mails
			c.wantAlike("codes for a fresh and a taken address", try("fresh@example.com"), try("taken@example.com"))
		}
	}
}
