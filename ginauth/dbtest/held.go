package dbtest

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// Requests that are held, by a body that comes slowly or a hash that waits, while what lets them
// in comes to its end.
var heldCases = []func(*Case){
	HeldDeletionEndsWithItsSession, HeldProfileEndsWithItsSession, HeldTokenEndsWithItsSession, HeldAddressesEndWithTheirSession,
	HeldPasswordChangeEndsWithItsSession, HeldLinkEndsWithItsClaim, HeldResetEndsWithItsClaim, HeldLoginCodeEndsWithItsClaim, EmptyScopesAreNoScopes, ContestedMailIsNotLimited, AddressOfManyIsConfirmed,
}

// inBackend runs it after the user was read, and before his password is compared.
func (m *meanwhile) inBackend(cfg *config.Config) {
	cfg.Backends = []config.Backend{config.BackendFunc(func(context.Context, config.Credentials) (models.Account, error) {
		m.run()
		return nil, nil
	}), config.PasswordBackend{}}
}

// secured has a thief logged in as ann, and ann say that it was not her while he is under way.
func (c *Case) secured(m *meanwhile) (thief *authtest.Client) {
	c.Helper()
	c.verified("ann")
	thief = c.loggedIn("ann")
	notice := c.mail("new_device").Key(c.T)
	c.Clock.Advance(time.Second)
	m.set(func() { c.client().Post("/auth/security/revoke/", obj{"key": notice}).Want(200) })
	return thief
}

func HeldDeletionEndsWithItsSession(c *Case) {
	for _, grace := range []time.Duration{0, time.Hour} {
		var m meanwhile
		c.documented = nil
		c.startMail(m.inBackend, func(cfg *config.Config) { cfg.DeleteGrace = grace })
		thief := c.secured(&m)
		thief.Post("/auth/user/delete/", obj{"password": authtest.Password}).Want(401)
		if c.user("ann").DeleteAt != nil {
			c.Error("the account goes")
		}
		c.reset(c.mail("secured"), "Mirror-Maze-88").Want(200)
	}
}

func HeldProfileEndsWithItsSession(c *Case) {
	var m meanwhile
	type profile struct{ binding.UpdateUser }
	c.startMail(func(cfg *config.Config) {
		cfg.Forms.Profile = config.Form(func(*profile, *models.User) error { m.run(); return nil })
	})
	c.secured(&m).Patch("/auth/user/", obj{"username": "mallory"}).Want(401)
	c.user("ann")
}

// HeldTokenEndsWithItsSession: also where no password changes; it would live on for a year.
func HeldTokenEndsWithItsSession(c *Case) {
	var m meanwhile
	c.start(withEverything, func(cfg *config.Config) { cfg.Rand, cfg.Token.MaxPerUser = &m, 1 })
	ann := c.signedUp("ann")
	for _, end := range []func(){
		func() { ann.Delete("/auth/sessions/").Want(204) },
		func() {
			ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
		},
	} {
		thief := c.loggedIn("ann")
		m.set(end)
		thief.Post("/auth/tokens/", obj{"name": "x"}).Want(401)
	}
	c.personal(ann, obj{"name": "mine"}) // the only one that there may be
}

func HeldAddressesEndWithTheirSession(c *Case) {
	for _, try := range []func(thief *authtest.Client, other binding.Email) *authtest.Response{
		func(thief *authtest.Client, _ binding.Email) *authtest.Response {
			return thief.Post("/auth/emails/", obj{"email": "mallory@example.com", "password": authtest.Password})
		},
		func(thief *authtest.Client, other binding.Email) *authtest.Response {
			return thief.Do("DELETE", emailPath(other.ID, ""), obj{"password": authtest.Password})
		},
		func(thief *authtest.Client, other binding.Email) *authtest.Response {
			return thief.Post(emailPath(other.ID, "primary"), obj{"password": authtest.Password})
		},
	} {
		var m meanwhile
		c.documented = nil
		c.startMail(m.inBackend)
		ann := c.verified("ann")
		other, mail := c.added(ann, "other@example.com")
		verifyIn(ann, mail.Key(c.T)).Want(200)
		thief := c.loggedIn("ann")
		c.mails()
		m.set(func() { ann.Delete("/auth/sessions/").Want(204) })
		try(thief, other).Want(401)
		if all := emails(ann); len(all) != 2 || all[0].Email != "ann@example.com" || !all[0].Primary {
			c.Errorf("ann has %v", all)
		}
	}
}

// claimed has mallory claim an address, with one of his own to confirm while its owner is under
// way; it returns the mail that the owner asked for.
func (c *Case) claimed(m *meanwhile, ask func(), kind string) authtest.Mail {
	c.Helper()
	mallory := c.owner("mallory", "victim@example.com")
	c.mails()
	_, own := c.added(mallory, "mallory@example.com")
	ask()
	mail := c.mail(kind)
	m.set(func() { verifyIn(mallory, own.Key(c.T)).Want(200) })
	return mail
}

// HeldResetEndsWithItsClaim: a thief who claimed an address confirms one of his own while its
// owner resets the password; both would be in the account then.
func HeldResetEndsWithItsClaim(c *Case) {
	var m meanwhile
	type confirm struct{ binding.ConfirmReset }
	c.startMail(func(cfg *config.Config) {
		cfg.Forms.ResetConfirm = config.Form(func(*confirm, *models.User) error { m.run(); return nil })
	})
	mail := c.claimed(&m, func() { c.askReset("victim@example.com") }, "reset")
	c.reset(mail, "Mirror-Maze-88").WantProblems("token ticket_not_valid")
}

func HeldLoginCodeEndsWithItsClaim(c *Case) {
	var m meanwhile
	c.startMail(byCode, func(cfg *config.Config) { cfg.Rand = &m })
	mail := c.claimed(&m, func() { c.client().Post("/auth/login/code/", obj{"email": "victim@example.com"}).Want(200) }, "login_code")
	c.client().Post("/auth/login/code/confirm/", obj{"key": mail.Key(c.T)}).WantProblems("key ticket_not_valid")
}

// EmptyScopesAreNoScopes: in no kind of body; without scopes a token may do everything.
func EmptyScopesAreNoScopes(c *Case) {
	c.start(withTokens, func(cfg *config.Config) {
		cfg.Login = append(cfg.Login, config.SessionCookie)
		cfg.Token.Scopes = []string{"orders:read"}
	})
	ann := c.signedUp("ann")
	for _, body := range []any{
		obj{"name": "x", "scopes": []string{}}, obj{"name": "x", "scopes": ""},
		url.Values{"name": {"x"}, "scopes": {""}}, url.Values{"name": {"x"}, "scopes": {" "}},
	} {
		ann.Post("/auth/tokens/", body).WantProblems("scopes blank")
	}
}

// ContestedMailIsNotLimited: a stranger cannot keep the owner from the mail that he is told of.
func ContestedMailIsNotLimited(c *Case) {
	c.startMail(mandatory)
	c.owner("victim", "victim@example.com")
	first := c.mail("verify")
	for i := range 18 {
		c.Clock.Advance(time.Second)
		c.squat(fmt.Sprint("mallory", i), "victim@example.com")
		c.askReset("victim@example.com")
	}
	c.mails()
	c.verify(first.Key(c.T)).Want(200)
	c.reset(c.mail("reset"), "Mirror-Maze-88").Want(200)
}

// AddressOfManyIsConfirmed: it does not take a statement for each of those who claim it.
func AddressOfManyIsConfirmed(c *Case) {
	m := c.startMeasured()
	ann := c.signedUp("ann")
	mail := c.mail("verify")
	var users []models.User
	var rows []models.Email
	for i := range 1200 {
		u := models.User{Password: "x", IsActive: true, DateJoined: c.Clock.Now()}
		u.SetUsername(fmt.Sprint("mallory", i))
		u.SetEmail("ann@example.com")
		users = append(users, u)
	}
	if err := c.DB.CreateInBatches(&users, 200).Error; err != nil {
		c.Fatal(err)
	}
	for _, u := range users {
		rows = append(rows, models.Email{UserID: u.ID, Address: u.Email, Key: models.EmailKey(u.Email), CreatedAt: c.Clock.Now()})
	}
	if err := c.DB.CreateInBatches(&rows, 200).Error; err != nil {
		c.Fatal(err)
	}
	r := c.measure(m, func() *authtest.Response { return verifyIn(ann, mail.Key(c.T)) })
	if n := strings.Count(r.statements, "\n"); r.status != 200 || n > 50 {
		c.Errorf("%d after %d statements", r.status, n)
	}
	for _, name := range []string{"mallory0", "mallory777", "mallory1199"} {
		if u := c.user(name); u.Email != "" || u.SessionEpoch != 0 {
			c.Errorf("%s has %q, epoch %d", name, u.Email, u.SessionEpoch)
		}
	}
	if n := c.count(&models.Email{}); n != 1 || c.user("ann").Email != "ann@example.com" {
		c.Errorf("%d addresses", n)
	}
}

// HeldPasswordChangeEndsWithItsSession: also where the session was ended and the password is the same.
func HeldPasswordChangeEndsWithItsSession(c *Case) {
	for _, logout := range []bool{false, true} {
		var m meanwhile
		c.documented = nil
		c.startMail(func(cfg *config.Config) {
			cfg.LogoutOnPasswordChange = logout
			cfg.Forms.PasswordChange = config.Form(func(*slowChange, *models.User) error { m.run(); return nil })
		})
		ann := c.verified("ann")
		thief := c.loggedIn("ann")
		m.set(func() { ann.Delete("/auth/sessions/").Want(204) })
		thief.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(401)
		ann.Get("/auth/user/").Want(200)
		c.loggedIn("ann")
	}
}

// HeldLinkEndsWithItsClaim: nor does the link of a sign-up confirm an address that is by then not
// the primary one.
func HeldLinkEndsWithItsClaim(c *Case) {
	var m meanwhile
	c.startMail(func(cfg *config.Config) { cfg.LoginOnVerify, cfg.Rand = true, &m })
	mallory := c.owner("mallory", "victim@example.com")
	link := c.mail("verify")
	_, own := c.added(mallory, "mallory@example.com")
	m.set(func() { verifyIn(mallory, own.Key(c.T)).Want(200) })
	c.client().Post("/auth/registration/verify-email/", obj{"key": link.Key(c.T)}).Want(404)
	for _, e := range emails(mallory) {
		if e.Email == "victim@example.com" && e.Verified {
			c.Error("mallory has the address")
		}
	}
}
