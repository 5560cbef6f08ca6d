package dbtest

// Sign-ups with a passkey and no password.

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// startSignUps starts an application where users sign up with a passkey.
func (c *Case) startSignUps(change ...func(*config.Config)) {
	c.Helper()
	c.With(passkeys(func(o *passkey.Options) { o.SignUp = true })).StartMail(change...)
}

func passkeysSignUp(c *Case) {
	c.startSignUps()
	browser, key := c.Client(), c.NewPasskey(c.T)
	var options passkey.SignUpOptions
	browser.Post("/auth/passkeys/signup/begin/", obj{"username": "ann", "email": "ann@example.com"}).Want(200).JSON(&options)
	if s := options.AuthenticatorSelection; s.ResidentKey != "required" || !s.RequireResidentKey || s.UserVerification != "required" || options.User.Name != "ann" {
		c.Errorf("%+v", options)
	}
	if n := c.count(&models.User{}); n != 0 {
		c.Errorf("%d users", n)
	}
	var out binding.LoginResponse
	key.SignUp(browser, obj{"username": "ann", "email": "ann@example.com"}).Want(201).JSON(&out)
	if out.User == nil || out.User.Username != "ann" {
		c.Errorf("the sign-up returns %+v", out)
	}
	if got, want := provenIn(c, browser), "passkey [mfa swk user] aal2 0s"; got != want {
		c.Errorf("got %s, want %s", got, want)
	}
	user := c.user("ann")
	if user.HasPassword() || !user.SignedUp || user.Pending || !user.IsActive {
		c.Errorf("%+v", user)
	}
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	key.LogIn(c.Client()).Want(200)
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
	all := c.passkeysOf(browser)
	if len(all) != 1 || all[0].Name != "Passkey" {
		c.Fatalf("%+v", all)
	}
	browser.Do("DELETE", fmt.Sprint("/auth/passkeys/", all[0].ID, "/"), nil).WantProblems("non_field_errors passkey_last_way_in")
	second := c.Passkey(c.T, browser)
	if string(second.Handle) != string(key.Handle) || len(key.Handle) != 64 {
		c.Error("two handles")
	}
}

// passkeySignUpsYieldTheAddress to a user whose provider has verified it: the passkey is a way in without it (T114).
func passkeySignUpsYieldTheAddress(c *Case) {
	idp := socialtest.New(c.T)
	company := acme()
	company.EmailDomains = []string{"example.com"}
	c.With(passkeys(func(o *passkey.Options) { o.SignUp = true }), idp.Feature(company)).StartMail()
	key := c.NewPasskey(c.T)
	key.SignUp(c.Client(), obj{"username": "eve", "email": "victim@example.com"}).Want(201)
	c.byAcme(idp, c.Client(), socialtest.Claims{"sub": "1", "preferred_username": "victim", "email": "victim@example.com", "email_verified": true}).Want(200)
	if got := c.user("victim").Email; got != "victim@example.com" {
		c.Errorf("the owner has the address %q", got)
	}
	key.LogIn(c.Client()).Want(200)
}

// passkeySignUpsArePending with VerifyMandatory: the response is the same for an address that another account has confirmed (T005).
func passkeySignUpsArePending(c *Case) {
	c.startSignUps(func(cfg *config.Config) { cfg.EmailVerification = config.VerifyMandatory })
	key := c.NewPasskey(c.T)
	first := key.SignUp(c.Client(), obj{"username": "ann", "email": "ann@example.com"}).Want(201).Text
	if !strings.Contains(first, `"detail"`) || !c.user("ann").Pending {
		c.Errorf("%s", first)
	}
	key.LogIn(c.Client()).WantProblems("non_field_errors email_unverified")
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	key.LogIn(c.Client()).Want(200)
	c.Mails()
	if again := c.NewPasskey(c.T).SignUp(c.Client(), obj{"username": "eve", "email": "ann@example.com"}).Want(201).Text; again != first {
		c.Errorf("%s and %s", first, again)
	}
	c.Mail("account_exists")
}

func passkeySignUpsOfTakenNames(c *Case) {
	c.startSignUps(func(cfg *config.Config) { cfg.SignUpFields.Email = config.FieldRequired })
	c.verified("ann")
	begin := func(body obj) *authtest.Response { return c.Client().Post("/auth/passkeys/signup/begin/", body) }
	begin(obj{"username": "Ann", "email": "ann@example.com"}).WantProblems("username taken", "email taken")
	begin(obj{"username": "a b", "email": "x"}).WantProblems("username invalid_username", "email invalid_email")
	begin(obj{}).WantProblems("username required", "email required")
	key, browser := c.NewPasskey(c.T), c.Client()
	begun := beginsSignUp(browser, "bob")
	c.verified("bob")
	completesSignUp(browser, begun, key.Create(begun)).WantProblems("email taken", "username taken")
	if n := c.count(&passkey.Credential{}) + c.count(&passkey.Handle{}); n != 0 {
		c.Errorf("%d rows are left", n)
	}
}

// beginsSignUp begins a sign-up.
func beginsSignUp(browser *authtest.Client, name string) *authtest.Response {
	return browser.Post("/auth/passkeys/signup/begin/", obj{"username": name, "email": name + "@example.com"}).Want(200)
}

// completesSignUp sends the passkey of a sign-up.
func completesSignUp(browser *authtest.Client, begun *authtest.Response, credential any) *authtest.Response {
	var out passkey.SignUpOptions
	begun.JSON(&out)
	return browser.Post("/auth/passkeys/signup/complete/", obj{"credential": credential, "session_id": out.SessionID})
}

// passkeySignUpsMustLogIn: the passkey verifies the user and is found without a name.
func passkeySignUpsMustLogIn(c *Case) {
	c.startSignUps()
	for code, change := range map[string]func(*authtest.Passkey){
		"passkey_unverified": func(p *authtest.Passkey) { p.Unverified = true }, "passkey_not_stored": func(p *authtest.Passkey) { p.Unstored = true },
		"passkey_failed": func(p *authtest.Passkey) { p.Origin = "https://evil.example" },
	} {
		key, browser := c.NewPasskey(c.T), c.Client()
		change(key)
		begun := beginsSignUp(browser, "ann")
		completesSignUp(browser, begun, key.Create(begun)).WantProblems("non_field_errors " + code)
		completesSignUp(browser, begun, c.NewPasskey(c.T).Create(begun)).WantProblems("non_field_errors passkey_challenge") // spent
	}
	if n := c.count(&models.User{}); n != 0 {
		c.Errorf("%d users", n)
	}
}

// passkeySignUpsAreBound to their browser, client and purpose.
func passkeySignUpsAreBound(c *Case) {
	c.startSignUps()
	ann, key := c.withPasskey("ann")
	browser := c.Client()
	begun, other := beginsSignUp(browser, "bob"), beginsSignUp(browser, "eve")
	refused := func(r *authtest.Response) {
		c.Helper()
		r.WantProblems("non_field_errors passkey_challenge")
	}
	refused(completesSignUp(browser, other, c.NewPasskey(c.T).Create(begun)))
	refused(completesSignUp(c.Client(), begun, c.NewPasskey(c.T).Create(begun)))
	refused(completesKey(ann, c.NewPasskey(c.T).Create(begun)))
	refused(completesLogin(browser, begun, key.Sign(begun)))
	register := c.beginsPasskey(ann, "register")
	var out passkey.SignUpOptions
	begun.JSON(&out)
	refused(browser.Post("/auth/passkeys/signup/complete/", obj{"credential": c.NewPasskey(c.T).Create(register), "session_id": out.SessionID}))
	completesSignUp(browser, begun, key.Create(begun)).WantProblems("non_field_errors passkey_registered")
	fresh := c.NewPasskey(c.T)
	completesSignUp(browser, other, fresh.Create(other)).Want(201)
	refused(completesSignUp(browser, other, fresh.Create(other)))
}

// raceForOnePasskeySignUp: one challenge, and one name, make one user.
func raceForOnePasskeySignUp(c *Case) {
	c.startSignUps()
	browser := c.Client()
	begun := beginsSignUp(browser, "ann")
	got := c.raceOfCodes(6, func(int) *authtest.Response {
		return completesSignUp(browser.Clone(), begun, c.NewPasskey(c.T).Create(begun))
	})
	if got[201] != 1 || got[400] != 5 || c.count(&models.User{}) != 1 || c.count(&passkey.Credential{}) != 1 {
		c.Errorf("one challenge: %v", got)
	}
	var all []*authtest.Response
	for range 6 {
		all = append(all, beginsSignUp(browser, "bob"))
	}
	got = c.raceOfCodes(6, func(i int) *authtest.Response {
		return completesSignUp(browser.Clone(), all[i], c.NewPasskey(c.T).Create(all[i]))
	})
	if got[201] != 1 || got[400] != 5 || c.count(&models.User{}) != 2 || c.count(&passkey.Handle{}) != 2 {
		c.Errorf("one name: %v", got)
	}
}

// passkeySignUpsFollowTheConfiguration: guards, hooks, no login, and no routes by default.
func passkeySignUpsFollowTheConfiguration(c *Case) {
	c.startPasskeys()
	if r := c.browser().Post("/auth/passkeys/signup/begin/", nil); r.StatusCode != 404 {
		c.Errorf("without SignUp: %d", r.StatusCode)
	}
	c.startSignUps(func(cfg *config.Config) {
		cfg.LoginOnSignUp = config.SignUpOnly
		cfg.RegisterGuard = func(r *http.Request) error {
			if r.Header.Get("Invite") == "" {
				return binding.Invalid(binding.NonField, binding.Problem{Code: binding.CodePermissionDenied})
			}
			return nil
		}
	})
	browser, key := c.Client(), c.NewPasskey(c.T)
	browser.Post("/auth/passkeys/signup/begin/", obj{"username": "ann"}).WantProblems("non_field_errors permission_denied")
	browser.Header.Set("Invite", "yes")
	if text := key.SignUp(browser, obj{"username": "ann", "email": "ann@example.com"}).Want(201).Text; !strings.Contains(text, `"detail"`) {
		c.Errorf("%s", text)
	}
	browser.Get("/auth/user/").Want(401)
	key.LogIn(browser).Want(200)
	c.With(passkeys(func(o *passkey.Options) { o.SignUp, o.SecondFactor = true, true }))
	c.App = c.another(c.Box.Configure)
	second := c.NewPasskey(c.T)
	second.SignUp(c.Client(), obj{"username": "bob"}).Want(201)
	if got := c.user("bob").Factors; got != "passkey" {
		c.Errorf("factors %q", got)
	}
}

// passkeySignUpsHaveTheForm of the application: its fields are checked before the browser creates a passkey, and stored afterwards. A
// field that is wrong only then spends no challenge.
func passkeySignUpsHaveTheForm(c *Case) {
	c.startSignUps(members)
	fields := obj{"username": "ann", "email": "ann@example.com"}
	browser := c.Client()
	begin := func() *authtest.Response { return browser.Post("/auth/passkeys/signup/begin/", fields) }
	begin().WantProblems("company required")
	fields["company"] = "Evil Corp"
	begin().WantProblems("company not_welcome")
	fields["company"], fields["seats"] = "Acme", 3
	begun, key := begin().Want(200), c.NewPasskey(c.T)
	var out passkey.SignUpOptions
	begun.JSON(&out)
	body := obj{"credential": key.Create(begun), "session_id": out.SessionID, "company": "Evil Corp", "seats": 3}
	complete := func() *authtest.Response { return browser.Post("/auth/passkeys/signup/complete/", body) }
	complete().WantProblems("company not_welcome")
	delete(body, "company")
	complete().WantProblems("company required")
	body["company"] = "Acme"
	complete().Want(201)
	if m := c.member("ann"); m.Company != "Acme" || m.Seats != 3 || m.Email != "ann@example.com" {
		c.Errorf("stored %+v", m)
	}
	second := c.NewPasskey(c.T)
	second.SignUp(c.Client(), obj{"username": "bob", "email": "bob@example.com", "company": "Acme", "seats": 1}).Want(201)
	second.LogIn(c.Client()).Want(200)
}
