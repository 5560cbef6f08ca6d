package social_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

const emailTaken = "non_field_errors social_email_taken"

func linking(p *social.Provider) { p.LinkByEmail = true }

// confirmed creates a user who has confirmed name@example.com, changed by columns.
func confirmed(c *dbtest.Case, name string, columns obj) *models.User {
	c.Helper()
	account := c.Auth.Config().NewUser()
	user := account.Base()
	user.Username, user.Email = name, name+"@example.com"
	if err := c.Auth.CreateUser(c.Context(), account, authtest.Password); err != nil {
		c.Fatal(err)
	}
	if err := c.Auth.ConfirmEmail(c.Context(), user.ID, user.Email); err != nil {
		c.Fatal(err)
	}
	if columns != nil {
		if err := c.DB.Model(&models.User{}).Where("id = ?", user.ID).Updates(columns).Error; err != nil {
			c.Fatal(err)
		}
	}
	return user
}

// linkingNeedsEverything: an existing account is entered by its address only if all conditions hold (T142).
func linkingNeedsEverything(c *dbtest.Case) {
	for _, on := range []bool{true, false} {
		for _, proven := range []bool{true, false} {
			for _, local := range []bool{true, false} {
				idp := start(c, acme(func(p *social.Provider) { p.LinkByEmail = on }))
				var user *models.User
				if local {
					user = confirmed(c, "ann", nil)
				} else {
					user = &models.User{Username: "ann", Email: "ann@example.com"}
					if err := c.Auth.CreateUser(c.Context(), user, authtest.Password); err != nil {
						c.Fatal(err)
					}
				}
				browser, r := enter(c, obj{"id_token": idp.idToken("s1", obj{"email": "ANN@example.com", "email_verified": proven})})
				if on && proven && local {
					if r.Want(200); me(browser).PK != user.ID {
						c.Error("another user was logged in")
					}
					c.Mail("social_connected")
				} else {
					r.WantProblems(emailTaken)
				}
				if n := count(c, &models.User{}); n != 1 {
					c.Errorf("on %t, proven %t, local %t: there are %d users", on, proven, local, n)
				}
			}
		}
	}
}

// linkingSpares: no login enters the account of staff, of a directory or of an inactive user by an address.
func linkingSpares(c *dbtest.Case) {
	idp := start(c, acme(linking))
	for name, columns := range map[string]obj{
		"staff": {"is_staff": true}, "super": {"is_superuser": true}, "managed": {"backend": "directory", "backend_id": "1"}, "inactive": {"is_active": false},
	} {
		confirmed(c, name, columns)
		_, r := enter(c, obj{"id_token": idp.idToken(name, verified(name+"@example.com"))})
		r.WantProblems(emailTaken)
	}
	if n := count(c, &models.Identity{}); n != 0 {
		c.Errorf("there are %d identities", n)
	}
}

// foreignDomainsAreNotVerified: the word of a provider of the application counts for its own domains alone.
func foreignDomainsAreNotVerified(c *dbtest.Case) {
	for _, domains := range [][]string{nil, {"acme.example"}, {"ample.com"}} {
		idp := start(c, acme(linking, func(p *social.Provider) { p.EmailDomains = domains }))
		confirmed(c, "ann", nil)
		for _, address := range []string{"ann@example.com", "ann@example.com\n", "ann@evil@example.com"} {
			if _, r := enter(c, obj{"id_token": idp.idToken("s1", verified(address))}); r.StatusCode == 200 {
				if n := count(c, &models.Identity{}); n != 1 || count(c, &models.User{}) != 2 {
					c.Errorf("%v: %q linked an account", domains, address)
				}
			} else {
				r.WantProblems(emailTaken)
			}
		}
	}
}

// otherSpellingsAreNotVerified: a provider that has verified another mailbox, whose name normalizes to that of a user, opens no
// account, and takes no address from a sign-up. Unicode's spellings of a domain are one domain.
func otherSpellingsAreNotVerified(c *dbtest.Case) {
	idp := start(c, acme(linking))
	mike := confirmed(c, "mike", nil)
	for i, address := range []string{"\uff4dike@example.com", "mi\u212ae@example.com", "\u00a0mike@example.com"} {
		if _, r := enter(c, obj{"id_token": idp.idToken(fmt.Sprint("other", i), verified(address))}); r.StatusCode == 200 {
			c.Errorf("%q logs in: %s", address, r.Text)
		} else {
			r.WantProblems(emailTaken)
		}
	}
	for i, address := range []string{"MIKE@EXAMPLE.COM", "mike@example\u3002com", "mike@\uff45xample.com"} {
		if _, user := entered(c, idp, fmt.Sprint("own", i), verified(address)); user.PK != mike.ID {
			c.Errorf("%q is user %+v", address, user)
		}
	}
	c.SignedUp("kim")
	_, r := enter(c, obj{"id_token": idp.idToken("kim", verified("\u212aim@example.com"))})
	r.WantProblems(emailTaken)
	if kim := me(c.LoggedIn("kim")); kim.Email != "kim@example.com" {
		c.Errorf("the sign-up lost its address: %+v", kim)
	}
}

// ownersGetTheirAddress: a stranger's sign-up with the address keeps its password and name, and loses the address to the user whom
// the provider vouches for. An account that cannot do without the address keeps it.
func ownersGetTheirAddress(c *dbtest.Case) {
	idp := start(c, acme(linking))
	c.SignedUp("ann") // a stranger
	browser, user := entered(c, idp, "s1", verified("ann@example.com"))
	if user.Email != "ann@example.com" || user.Username == "ann" || !strings.HasPrefix(user.Username, "ann") {
		c.Errorf("the new user is %+v", user)
	}
	if stranger := me(c.LoggedIn("ann")); stranger.PK == user.PK || stranger.Email != "" {
		c.Errorf("the stranger is %+v", stranger)
	}
	browser.Get("/auth/user/").Want(200)
	idp = start(c, acme(linking), func(cfg *config.Config) {
		cfg.SignUpFields, cfg.LoginMethods = config.SignUpFields{Username: config.FieldOff, Email: config.FieldRequired}, []config.LoginMethod{config.LoginByEmail}
	})
	c.Client().Post("/auth/registration/", obj{"email": "ann@example.com", "password1": authtest.Password, "password2": authtest.Password}).Want(201)
	if _, user = entered(c, idp, "s1", verified("ann@example.com")); user.Email != "" || user.Username != "" {
		c.Errorf("the new user is %+v", user)
	}
}

// unverifiedAddressesAreClaims: an address that the provider has not verified is that of a registration. A link confirms it, and its
// owner can take it, after which the provider's account has no way in.
func unverifiedAddressesAreClaims(c *dbtest.Case) {
	idp := start(c, acme(), func(cfg *config.Config) { cfg.EmailVerification = config.VerifyOptional })
	browser, user := entered(c, idp, "s1", obj{"email": "ann@example.com"})
	if u := row(c, user.PK); user.Email != "ann@example.com" || !u.SignedUp {
		c.Errorf("the new user is %+v", u)
	}
	browser.Post("/auth/registration/verify-email/", obj{"key": c.Mail("verify").Key(c.T)}).Want(200)
	_, stranger := entered(c, idp, "s2", obj{"email": "bob@example.com"})
	c.Mails()
	_, r := enter(c, obj{"id_token": idp.idToken("s3", obj{"email": "bob@example.com"})})
	r.WantProblems(emailTaken)
	c.Client().Post("/auth/password/reset/", obj{"email": "bob@example.com"}).Want(200)
	m := c.Mail("reset")
	c.Client().Post("/auth/password/reset/confirm/", obj{"uid": m.UID(c.T), "token": m.Key(c.T), "new_password1": "Looking-Glass-7", "new_password2": "Looking-Glass-7"}).Want(200)
	if rows := identities(c, stranger.PK); len(rows) != 0 {
		c.Errorf("the owner's account has the stranger's identities %v", rows)
	}
	_, again := entered(c, idp, "s2", obj{"jti": "2"})
	if again.PK == stranger.PK {
		c.Error("the stranger still enters the account")
	}
}

// mandatoryVerificationIsKept: with VerifyMandatory a provider that has verified the address is enough, and any other is asked for one.
func mandatoryVerificationIsKept(c *dbtest.Case) {
	idp := start(c, acme(), func(cfg *config.Config) { cfg.EmailVerification = config.VerifyMandatory })
	for _, claims := range []obj{{}, {"email": "ann@example.com"}, verified("ann@other.example"), verified("no address")} {
		_, r := enter(c, obj{"id_token": idp.idToken("s1", claims)})
		if out := asksFor(c, r); !slices.Equal(out.Required, []string{"email"}) {
			c.Errorf("%v: the response is %+v", claims, out)
		}
	}
	entered(c, idp, "s1", verified("ann@example.com"))
	c.NoMail()
	entered(c, idp, "s1", obj{"jti": "2"})
}

// theOneDoorIsUsed: a login by a provider is refused for the same reasons as any other, and asks for the second factor (T146).
func theOneDoorIsUsed(c *dbtest.Case) {
	refuse := false
	p := acme()
	idp := newIDP(c.T)
	c.With(social.Feature(social.Options{Providers: []social.Provider{p}, Transport: idp.Transport()}), func(s *core.Setup) error {
		s.Name("totp")
		s.Factor("totp")
		s.Listen(core.Listener{Before: func(_ *core.Tx, e config.Event) error {
			if refuse && e.Name == config.EventLogin {
				return &binding.Error{Status: http.StatusForbidden, Code: binding.CodePermissionDenied}
			}
			return nil
		}})
		return nil
	}).StartMail()
	idp.now = c.Clock.Now
	_, user := entered(c, idp, "s1")
	n := 0
	try := func(columns obj) *authtest.Response {
		c.Helper()
		if err := c.DB.Model(&models.User{}).Where("id = ?", user.PK).Updates(columns).Error; err != nil {
			c.Fatal(err)
		}
		n++
		browser, r := enter(c, obj{"id_token": idp.idToken("s1", obj{"jti": fmt.Sprint("door", n)})})
		if len(r.Cookies()) > 0 && r.StatusCode != 200 {
			c.Errorf("%v sets cookies", columns)
		}
		if columns != nil {
			browser.Get("/auth/user/").Want(401)
		}
		return r
	}
	try(obj{"is_active": false}).WantProblems("non_field_errors invalid_credentials")
	try(obj{"is_active": true, "backend": "directory", "backend_id": "1"}).WantProblems("non_field_errors invalid_credentials")
	var out binding.Challenge
	r := try(obj{"backend": "", "backend_id": nil, "factors": "totp"}).Want(200)
	if r.JSON(&out); !out.MFARequired || out.EphemeralToken == "" || len(r.Cookies()) != 1 || r.Cookies()[0].Name != "__Host-challenge" {
		c.Errorf("the response is %s with cookies %v", r.Text, r.Cookies())
	}
	try(obj{"factors": "unlisted"}).Want(503)
	refuse = true
	try(obj{"factors": ""}).WantCode(403, "permission_denied")
	refuse = false
	var session models.Session
	browser, _ := entered(c, idp, "s1", obj{"jti": "last"})
	if err := c.DB.Where("user_id = ?", user.PK).Order("created_at DESC").First(&session).Error; err != nil || session.Method != "social:acme" {
		c.Errorf("the session is %+v, %v", session, err)
	}
	browser.Delete("/auth/user/").Want(405)
}

func identities(c *dbtest.Case, userID int64) (rows []models.Identity) {
	c.Helper()
	if err := c.DB.Where("user_id = ?", userID).Order("id").Find(&rows).Error; err != nil {
		c.Fatal(err)
	}
	return rows
}
