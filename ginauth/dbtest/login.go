package dbtest

import (
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var loginCases = Group{Name: "login", Cases: []func(*Case){
	loginByEitherName, loginByUsernameOnly, loginByEmailOnly, refusedLoginsLookAlike, loginInactiveHint,
	loginAddressWinsOverName, loginRehashesOldEncodings, loginStoresItsTime, loginIgnoresStaleCookie,
	credentialIsRefusedBeforeThePassword, raceOfLoginAndChange, deletedWhileLoggingIn, deletedPermanentlyWhileLoggingIn,
	securedWhileLoggingIn, loggedInWhileSecuring, deletedByACallWhileLoggingIn, loginByAnyConfirmedAddress,
	concurrentLoginsOfDifferentUsers, loginStatements, unrememberedCookiesEndWithTheBrowser, onlyFalseShortens,
	unrememberedTokensEnd, unrememberedAfterASecondFactor, unrememberedLoginByCode, unrememberedSessionStaysShort,
}}

func loginByAnyConfirmedAddress(c *Case) {
	c.StartMail()
	ann := c.verified("ann")
	_, mail := c.added(ann, "second@example.com")
	second := obj{"email": "Second@example.com", "password": authtest.Password}
	c.Client().Post("/auth/login/", second).Want(400)
	verifyIn(ann, mail.Key(c.T)).Want(200)
	c.Client().Post("/auth/login/", second).Want(200)
	c.LoggedIn("second@example.com")
}

func loginByEitherName(c *Case) {
	c.Start()
	c.SignedUp("Ann")
	for _, in := range []binding.Login{
		{Username: "Ann"}, {Username: "ANN"}, {Username: " ann "}, {Username: "\uff21nn"}, // full-width A
		{Username: "Ann@Example.com"}, {Email: "ann@example.com"}, {Email: "ANN@EXAMPLE.COM"},
		{Email: "ann@example.com", Username: "somebody else"},
	} {
		in.Password = authtest.Password
		var out binding.LoginResponse
		c.Client().Post("/auth/login/", in).Want(200).JSON(&out)
		if out.User.Username != "Ann" || out.User.Email != "Ann@example.com" {
			c.Errorf("%+v logged in as %+v", in, out.User)
		}
	}
	c.Client().Post("/auth/login/", obj{"password": authtest.Password}).WantProblems("non_field_errors missing_login")
}

func loginByUsernameOnly(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.LoginMethods = []config.LoginMethod{config.LoginByUsername} })
	c.SignedUp("ann")
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(200)
	c.Client().Post("/auth/login/", authtest.Login("ann@example.com")).WantProblems("non_field_errors invalid_credentials")
	c.Client().Post("/auth/login/", obj{"email": "ann@example.com", "password": authtest.Password}).
		WantProblems("non_field_errors missing_login")
}

func loginByEmailOnly(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.LoginMethods = []config.LoginMethod{config.LoginByEmail} })
	in := authtest.SignUp("ann")
	in.Username = ""
	body := obj{"email": in.Email, "password1": in.Password1, "password2": in.Password2}
	c.Client().Post("/auth/registration/", body).Want(201)
	second := obj{"email": "bob@example.com", "password1": in.Password1, "password2": in.Password2}
	c.Client().Post("/auth/registration/", second).Want(201) // two users without a name
	c.Client().Post("/auth/registration/", obj{"password1": in.Password1, "password2": in.Password2}).
		WantProblems("email required")
	c.Client().Post("/auth/login/", obj{"email": "Ann@example.com", "password": in.Password1}).Want(200)
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors missing_login")
}

// refusedLoginsLookAlike covers T001: the response does not show why a login was refused.
func refusedLoginsLookAlike(c *Case) {
	c.Start()
	for _, name := range []string{"ann", "inactive", "unusable", "broken", "empty"} {
		c.SignedUp(name)
	}
	c.set("inactive", obj{"is_active": false})
	c.set("unusable", obj{"password": "!nothing"})
	c.set("broken", obj{"password": "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$aGFzaA"})
	c.set("empty", obj{"password": ""})
	var first string
	for _, in := range []binding.Login{
		{Username: "ann", Password: "wrong"}, authtest.Login("nobody"), authtest.Login("inactive"),
		authtest.Login("unusable"), authtest.Login("broken"), authtest.Login("empty"),
		{Email: "nobody@example.com", Password: authtest.Password}, {Username: "unusable", Password: "!nothing"},
	} {
		r := c.Client().Post("/auth/login/", in).WantProblems("non_field_errors invalid_credentials")
		response := r.Text + "\n" + headerText(r)
		if first == "" {
			first = response
		}
		if response != first {
			c.Errorf("%+v differs:\n%s\nfrom\n%s", in, response, first)
		}
	}
}

func headerText(r *authtest.Response) string {
	var b strings.Builder
	_ = r.Header.Write(&b)
	return b.String()
}

func loginInactiveHint(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.AllowInactiveHint = true })
	c.SignedUp("ann")
	c.set("ann", obj{"is_active": false})
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors account_inactive")
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "wrong"}).WantProblems("non_field_errors invalid_credentials")
}

// loginAddressWinsOverName covers T095 for rows that another system wrote: a user whose name is another user's address
// does not prevent that user's login.
func loginAddressWinsOverName(c *Case) {
	c.Start()
	c.SignedUp("ann")
	c.SignedUp("eve")
	c.set("eve", obj{"username": "ann@example.com", "username_key": "ann@example.com"})
	var out binding.LoginResponse
	c.Client().Post("/auth/login/", authtest.Login("ann@example.com")).Want(200).JSON(&out)
	if out.User.Username != "ann" {
		c.Fatalf("logged in as %+v", out.User)
	}
}

// loginRehashesOldEncodings uses encodings of the password "Looking-Glass-7" that Django 4.2 and independent tools
// wrote.
func loginRehashesOldEncodings(c *Case) {
	c.Start()
	for i, encoded := range djangoEncodings() {
		name := "user" + string(rune('a'+i))
		c.SignedUp(name)
		c.set(name, obj{"password": encoded})
		c.Client().Post("/auth/login/", obj{"username": name, "password": "wrong"}).WantProblems("non_field_errors invalid_credentials")
		if got := c.user(name).Password; got != encoded {
			c.Errorf("a failed login changed %q to %q", encoded, got)
		}
		c.Client().Post("/auth/login/", authtest.Login(name)).Want(200)
		if got := c.user(name).Password; !strings.HasPrefix(got, "$argon2id$v=19$m=64,t=1,p=1$") {
			c.Errorf("%q became %q", encoded, got)
		}
		c.Client().Post("/auth/login/", authtest.Login(name)).Want(200)
	}
}

func loginStoresItsTime(c *Case) {
	c.Start()
	c.SignedUp("ann")
	c.Clock.Advance(1234567)
	c.LoggedIn("ann")
	u := c.user("ann")
	if u.LastLogin == nil || !u.LastLogin.Equal(c.Clock.Now().Truncate(1e6)) {
		c.Fatalf("last_login %v, want %v", u.LastLogin, c.Clock.Now())
	}
}

// loginIgnoresStaleCookie: a cookie that is invalid or belongs to an ended session never prevents a login. A login ends
// the session that it replaces.
func loginIgnoresStaleCookie(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	c.SignedUp("bob")
	before := ann.Clone()
	ann.Post("/auth/login/", authtest.Login("bob")).Want(200)
	before.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	before.Post("/auth/login/", authtest.Login("ann")).Want(200)
	garbage := c.Client()
	garbage.Cookies["__Host-session"] = "garbage"
	garbage.Get("/auth/user/").WantCode(401, binding.CodeNotAuthenticated)
	garbage.Post("/auth/login/", authtest.Login("ann")).Want(200)
	garbage.Get("/auth/user/").Want(200)
	if n := c.count(&models.Session{}); n != 4 {
		c.Errorf("%d sessions, want 4: one of bob's sign-up, three of logins", n)
	}
}

// credentialIsRefusedBeforeThePassword: a header that no login accepts does not reveal which password is correct, and
// hooks hear of no failure.
func credentialIsRefusedBeforeThePassword(c *Case) {
	m := c.startMeasured()
	c.SignedUp("ann")
	try := func(password string) trace {
		return c.measure(m, func() *authtest.Response {
			return c.clientAskingFor("bogus").Post("/auth/login/", obj{"username": "ann", "password": password}).WantCode(403, binding.CodeCredential)
		})
	}
	c.wantAlike("a right and a wrong password", try(authtest.Password), try("wrong"))
}

// loginStatements: a login is one read, and a transaction of three statements. GORM plugins see all of them.
func loginStatements(c *Case) {
	c.Start()
	c.SignedUp("ann")
	c.LoggedIn("ann")
	c.Clock.Advance(time.Second)
	var m meter
	m.install(c)
	c.LoggedIn("ann")
	if got := m.take(); got != "row auth_user\nupdate auth_user\ncreate auth_session\nrow auth_session" {
		c.Errorf("statements of a login:\n%s", got)
	}
	c.LoggedIn("ann") // at the same time, which MySQL does not count as a change
}
