package dbtest

import (
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var enumerationCases = Group{Name: "enumeration", Cases: []func(*Case){
	signUpsLookAlike, resetsLookAlike, resendsLookAlike, loginCodesLookAlike, invalidLinksLookAlike, addedAddressesLookAlike, loginsLookAlike,
	resetsAfterASignUpLookAlike, loginByAddressRevealsNothing, wrongCodesRevealNothing,
}}

// signUpsLookAlike covers T005 and T006: the address is new, confirmed, only claimed, or belongs to an inactive user. In
// each case the name is taken afterwards, so a second try reveals nothing either.
func signUpsLookAlike(c *Case) {
	m := c.startMeasured(mandatory)
	for _, name := range []string{"taken", "inactive"} {
		c.Client().Post("/auth/registration/", authtest.SignUp(name)).Want(201)
		c.verify(c.Mail("verify").Key(c.T)).Want(200)
	}
	c.set("inactive", obj{"is_active": false})
	c.Client().Post("/auth/registration/", authtest.SignUp("claimed")).Want(201)
	c.Mails()
	c.Clock.Advance(2 * time.Hour) // so that the mails of their own sign-ups do not count for a limit
	signUp := func(name, address string) trace {
		in := authtest.SignUp(name)
		in.Email = address
		return c.measure(m, func() *authtest.Response { return c.Client().Post("/auth/registration/", in) })
	}
	fresh := signUp("user1", "new@example.com")
	if fresh.status != 201 || fresh.outbox != 1 {
		c.Errorf("a new one: %+v", fresh)
	}
	for name, address := range map[string]string{"user2": "taken@example.com", "user3": "claimed@example.com", "user4": "inactive@example.com"} {
		c.wantAlike("a new address and "+address, fresh, signUp(name, address))
	}
	kinds := map[string]string{}
	for _, mail := range c.Mails() {
		kinds[mail.To] += mail.Kind
	}
	for address, kind := range map[string]string{
		"new@example.com": "verify", "taken@example.com": "account_exists", "claimed@example.com": "verify", "inactive@example.com": "",
	} {
		if kinds[address] != kind {
			c.Errorf("%s got %q, want %q", address, kinds[address], kind)
		}
	}
	again := signUp("user1", "other@example.com")
	c.wantAlike("a name used for a new address and for a taken one", again, signUp("user2", "another@example.com"))
	if again.status != 400 {
		c.Errorf("a name was used twice: %+v", again)
	}
	for i := range 12 { // more than one address gets in an hour
		a, b := signUp(fmt.Sprintf("a%d", i), "new@example.com"), signUp(fmt.Sprintf("b%d", i), "taken@example.com")
		c.wantAlike(fmt.Sprintf("sign-up %d with a new and with a taken address", i), a, b)
	}
	login := func(name string) trace {
		return c.measure(m, func() *authtest.Response { return c.Client().Post("/auth/login/", authtest.Login(name)) })
	}
	c.wantAlike("the login of an unconfirmed and of a shadow account", login("user1"), login("user2"))
}

// rounds sends requests for each address in turn: a first one, repeated ones within a minute, and more than one address
// gets mails for in an hour. It returns the number of mails.
func (c *Case) rounds(m *meter, path string, addresses ...string) int {
	c.Helper()
	c.Mails()
	mails := 0
	c.Clock.Advance(61 * time.Minute)
	for range 9 {
		var first trace
		for i, address := range addresses {
			got := c.measure(m, func() *authtest.Response { return c.Client().Post(path, obj{"email": address}) })
			if i == 0 {
				first = got
			}
			c.wantAlike(addresses[0]+" and "+address, first, got)
		}
		if first.status != 200 {
			c.Errorf("got %+v", first)
		}
		mails += len(c.Mails())
		c.Clock.Advance(25 * time.Second)
	}
	return mails
}

func resetsLookAlike(c *Case) {
	m := c.startMeasured()
	c.verified("known")
	ann := c.verified("ann")
	c.verified("inactive")
	c.set("inactive", obj{"is_active": false})
	c.SignedUp("claimed")
	ann.Post("/auth/emails/", obj{"email": "second@example.com"}).Want(201)
	n := c.rounds(m, "/auth/password/reset/", "known@example.com", "nobody@example.com", "claimed@example.com", "inactive@example.com", "second@example.com")
	if n != 10 {
		c.Errorf("%d mails, want 5 for each of two", n)
	}
}

func resendsLookAlike(c *Case) {
	m := c.startMeasured()
	c.verified("known")
	c.SignedUp("claimed")
	c.SignedUp("inactive")
	c.set("inactive", obj{"is_active": false})
	n := c.rounds(m, "/auth/registration/resend-email/", "claimed@example.com", "nobody@example.com", "known@example.com", "inactive@example.com")
	if n != 5 {
		c.Errorf("%d mails", n)
	}
}

func loginCodesLookAlike(c *Case) {
	m := c.startMeasured(byCode)
	c.verified("known")
	c.SignedUp("claimed")
	c.rounds(m, "/auth/login/code/", "known@example.com", "nobody@example.com", "claimed@example.com")
	try := func(address string) trace {
		return c.measure(m, func() *authtest.Response {
			return c.Client().Post("/auth/login/code/confirm/", obj{"email": address, "code": "BBBB-BBBB"})
		})
	}
	for range 7 {
		known := try("known@example.com")
		c.wantAlike("codes for a known and an unknown address", known, try("nobody@example.com"))
		if known.status != 400 {
			c.Errorf("got %+v", known)
		}
	}
}

// invalidLinksLookAlike covers T009: unknown, wrong, used and expired links, of a user and of no user.
func invalidLinksLookAlike(c *Case) {
	m := c.startMeasured()
	c.verified("ann")
	c.verified("bob")
	c.verified("cyd")
	c.askReset("cyd@example.com")
	expired := c.Mail("reset")
	c.Clock.Advance(time.Hour)
	c.askReset("ann@example.com")
	used := c.Mail("reset")
	c.reset(used, "Mirror-Maze-88").Want(200)
	c.Mails()
	c.askReset("bob@example.com")
	live := c.Mail("reset")
	c.askReset("nobody@example.com")
	var nobodys models.Ticket
	if err := c.DB.Where("user_id = 0").Find(&nobodys).Error; err != nil || nobodys.Selector == "" {
		c.Fatal("the unknown address has no ticket")
	}
	confirm := func(uid, token string) trace {
		return c.measure(m, func() *authtest.Response {
			return c.Client().Post("/auth/password/reset/confirm/", resetForm(uid, token, "Mirror-Maze-99"))
		})
	}
	wrong := confirm(live.UID(c.T), used.Key(c.T))
	for what, got := range map[string]trace{
		"unknown":  confirm("abcdefghijklmnopqrstuvwxya", used.Key(c.T)),
		"no form":  confirm("o", "x"),
		"used":     confirm(used.UID(c.T), used.Key(c.T)),
		"expired":  confirm(expired.UID(c.T), expired.Key(c.T)),
		"nobody's": confirm(nobodys.Selector, used.Key(c.T)),
	} {
		c.wantAlike("a wrong link and one that is "+what, wrong, got)
	}
	if wrong.status != 400 || !strings.Contains(wrong.text, `"field":"token"`) {
		c.Errorf("got %+v", wrong)
	}
	byCode := func(address string) trace {
		return c.measure(m, func() *authtest.Response {
			return c.Client().Post("/auth/password/reset/confirm/", obj{
				"email": address, "code": "BBBB-BBBB", "new_password1": "Mirror-Maze-99", "new_password2": "Mirror-Maze-99"})
		})
	}
	for range 7 {
		c.wantAlike("codes for a known and an unknown address", byCode("bob@example.com"), byCode("nobody@example.com"))
	}
}

// addedAddressesLookAlike covers T010: adding an address does the same whether or not another account has it.
func addedAddressesLookAlike(c *Case) {
	m := c.startMeasured()
	c.verified("taken")
	ann := c.verified("ann")
	c.Clock.Advance(61 * time.Minute)
	add := func(address string) trace {
		return c.measure(m, func() *authtest.Response {
			return ann.Post("/auth/emails/", obj{"email": address, "password": authtest.Password})
		})
	}
	emails(ann) // stores that the session is in use
	fresh := add("fresh@example.com")
	c.wantAlike("a new address and a taken one", fresh, add("taken@example.com"))
	if fresh.status != 201 || fresh.outbox != 1 {
		c.Errorf("got %+v", fresh)
	}
	all := emails(ann)
	again := func(i int) trace {
		return c.measure(m, func() *authtest.Response { return ann.Post(emailPath(all[i].ID, "resend"), nil) })
	}
	for range 8 {
		c.Clock.Advance(25 * time.Second)
		emails(ann)
		c.wantAlike("resending to a free address and to a taken one", again(1), again(2))
	}
}

// resetsAfterASignUpLookAlike: requests after a sign-up do not reveal who owns the address, or that another account
// signed up with it before.
func resetsAfterASignUpLookAlike(c *Case) {
	m := c.startMeasured(mandatory, byCode)
	for _, name := range []string{"taken", "claimed"} {
		c.Client().Post("/auth/registration/", authtest.SignUp(name)).Want(201)
		if mail := c.Mail("verify"); name == "taken" {
			c.verify(mail.Key(c.T)).Want(200)
		}
	}
	c.Clock.Advance(2 * time.Hour)
	for name, address := range map[string]string{"ann": "new@example.com", "bob": "taken@example.com", "cyd": "claimed@example.com"} {
		form := authtest.SignUp(name)
		form.Email = address
		c.Client().Post("/auth/registration/", form).Want(201)
	}
	ask := func(path string, form obj) {
		do := func(address string) trace {
			form["email"] = address
			return c.measure(m, func() *authtest.Response { return c.Client().Post(path, form) })
		}
		fresh := do("new@example.com")
		c.wantAlike(path, fresh, do("taken@example.com"))
		c.wantAlike(path, fresh, do("claimed@example.com"))
	}
	for range 2 {
		ask("/auth/password/reset/", obj{})
		ask("/auth/registration/resend-email/", obj{})
		ask("/auth/login/code/", obj{})
		ask("/auth/password/reset/confirm/", obj{"code": "BBBB-BBBB", "new_password1": "Mirror-Maze-99", "new_password2": "Mirror-Maze-99"})
		ask("/auth/registration/verify-email/", obj{"code": "BBBB-BBBB"})
		ask("/auth/login/code/confirm/", obj{"code": "BBBB-BBBB"})
		c.Clock.Advance(61 * time.Second)
	}
}

// loginsLookAlike covers T001 and T002: only a client that knows the password learns the state of an address. The number
// of hashes depends only on the password that was sent, not on the user or the algorithm of the stored hash.
func loginsLookAlike(c *Case) {
	for _, mode := range []func(*config.Config){mandatory, func(*config.Config) {}} {
		c.documented = nil
		m := c.startMeasured(mode)
		c.verified("known")
		c.verified("imported")
		c.set("imported", obj{"password": djangoEncodings()[0]})
		c.Client().Post("/auth/registration/", authtest.SignUp("claimed")).Want(201)
		for _, password := range []string{"wrong", "Wr\u00f6ng", "Wro\u0308ng"} {
			try := func(field, login string) trace {
				return c.measure(m, func() *authtest.Response {
					return c.Client().Post("/auth/login/", obj{field: login, "password": password})
				})
			}
			for field, suffix := range map[string]string{"username": "", "email": "@example.com"} {
				unknown := try(field, "nobody"+suffix)
				for _, name := range []string{"known", "imported", "claimed"} {
					c.wantAlike(fmt.Sprintf("a login by %s with %+q of an unknown user and of %s", field, password, name), unknown, try(field, name+suffix))
				}
			}
		}
	}
}
