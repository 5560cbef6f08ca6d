package dbtest

import (
	"fmt"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var registerCases = Group{Name: "register", Cases: []func(*Case){
	registerLogsIn, registerReportsEveryProblem, registerRefusesWeakPasswords, registerComparesNamesInOneForm,
	registerRefusesInvalidNamesAndAddresses, registerTakesOnlyItsFields, registerSignUpFields, signUpWithoutLogin,
	raceForAName, raceForAnAddress, namesOfDots, pendingSignUpIsCompletedByItsAddress, pendingSignUpCanBeRefused,
	pendingSignUpIsSwept, pendingAddressIsCorrected, correctionsLookAlike, correctionNeedsAPendingAccount,
	signUpWithATakenAddressCanCorrectIt, noticeToACorrectedAddressIsVoid, pendingSignUpsStayPendingInOtherModes,
	securedPendingSignUpIsSwept,
}}

// signUpWithoutLogin: LoginOnSignUp can be turned off (C23).
func signUpWithoutLogin(c *Case) {
	only := func(cfg *config.Config) { cfg.LoginOnSignUp = config.SignUpOnly }
	for _, with := range []func(*config.Config){withJWTCookies, withEachCredential, withJWT} {
		c.Start(with, only)
		ann := c.Client()
		r := ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
		if len(r.Cookies()) != 0 || hasToken(r) || !strings.Contains(r.Text, `"detail"`) || c.count(&models.Session{}) != 0 {
			c.Errorf("got %s, %v", r.Text, r.Header)
		}
		ann.Get("/auth/user/").Want(401)
		ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
	}
}

// raceForAName covers T198: one sign-up wins, and the others get a field error.
func raceForAName(c *Case) {
	c.Start()
	got := c.concurrently(50, func(i int) *authtest.Response {
		in := authtest.SignUp([]string{"ann", "Ann", "ANN"}[i%3])
		in.Email = fmt.Sprintf("ann%d@example.com", i)
		return c.Client().Post("/auth/registration/", in)
	})
	c.wantOneWinner(got, 201, 400, 49)
}

func raceForAnAddress(c *Case) {
	c.Start()
	got := c.concurrently(50, func(i int) *authtest.Response {
		in := authtest.SignUp(fmt.Sprintf("ann%d", i))
		in.Email = []string{"ann@example.com", "Ann@EXAMPLE.com"}[i%2]
		r := c.Client().Post("/auth/registration/", in)
		if r.StatusCode == 400 {
			r.WantProblems("email taken")
		}
		return r
	})
	c.wantOneWinner(got, 201, 400, 49)
}

func registerLogsIn(c *Case) {
	c.Start()
	ann := c.Client()
	r := ann.Post("/auth/registration/", authtest.SignUp("Ann")).Want(201)
	want := fmt.Sprintf(`{"user":{"pk":%d,"username":"Ann","email":"Ann@example.com","first_name":"","last_name":""}}`, c.user("ann").ID)
	if r.Text != want {
		c.Errorf("got %s, want %s", r.Text, want)
	}
	ann.Get("/auth/user/").Want(200)
	u := c.user("ann")
	if !u.IsActive || u.IsStaff || u.IsSuperuser || !u.DateJoined.Equal(c.Clock.Now()) {
		c.Errorf("stored %+v", u)
	}
}

func registerReportsEveryProblem(c *Case) {
	c.Start()
	c.SignedUp("ann")
	post := func(body any) *authtest.Response { return c.Client().Post("/auth/registration/", body) }
	post(obj{}).WantProblems("username required", "password1 required", "password2 required")
	post(obj{"username": "a b", "email": "nope", "password1": "1234567", "password2": ""}).WantProblems(
		"username invalid_username", "email invalid_email", "password2 blank",
		"password1 password_too_short", "password1 password_too_common", "password1 password_numeric")
	post(authtest.SignUp("ann")).WantProblems("username taken", "email taken")
	post(obj{"username": "ANN", "email": "x@example.com", "password1": "password", "password2": "other"}).
		WantProblems("username taken", "password1 password_too_common")
	differ := authtest.SignUp("bob")
	differ.Password2 += "x"
	post(differ).WantProblems("non_field_errors password_mismatch")
	post(obj{"username": nil, "password1": []int{1}, "password2": true}).
		WantProblems("username null", "password1 invalid", "password2 invalid")
	if n := c.count(&models.User{}); n != 1 {
		c.Errorf("%d users after refused sign-ups", n)
	}
}

func registerRefusesWeakPasswords(c *Case) {
	c.Start()
	for password, want := range map[string]string{
		"Short-7":                   "password1 password_too_short",
		"PassWord1":                 "password1 password_too_common",
		"83920174652":               "password1 password_numeric",
		"marigold-s":                "non_field_errors password_too_similar",
		strings.Repeat(" ", 8):      "password1 password_too_common",
		"\u3000 \t\u00a0\u2003 \n ": "password1 password_too_common", // several kinds of white space
		strings.Repeat("x", 8):      "password1 password_too_common",
		"ÄäÄä ÄäÄä":                 "password1 password_too_common",
		strings.Repeat("xY3-", 257): "password1 max_length",
		"pass\x00word-42":           "password1 invalid_text",
		"\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668": "password1 password_numeric", // Arabic digits
	} {
		in := authtest.SignUp("marigold")
		in.Password1, in.Password2 = password, password
		problems := []string{want}
		if strings.HasSuffix(want, "max_length") || strings.HasSuffix(want, "invalid_text") {
			problems = append(problems, strings.Replace(want, "password1", "password2", 1))
		}
		c.Client().Post("/auth/registration/", in).WantProblems(problems...)
	}
	in := authtest.SignUp("marigold")
	in.Password1 = "  all lower case words  " // there are no composition rules, and nothing is cut (T025)
	in.Password2 = in.Password1
	c.Client().Post("/auth/registration/", in).Want(201)
	login := obj{"username": "marigold", "password": "all lower case words"}
	c.Client().Post("/auth/login/", login).WantProblems("non_field_errors invalid_credentials")
	login["password"] = in.Password1
	c.Client().Post("/auth/login/", login).Want(200)
}

// registerComparesNamesInOneForm covers T087, T088 and T098: the result is the same on every database and collation.
// Names that differ in an accent are different. Letter case and compatibility forms make no difference, by Unicode's
// full case folding (D14).
func registerComparesNamesInOneForm(c *Case) {
	c.Start()
	c.SignedUp("rene")
	c.SignedUp("strasse")
	for name, taken := range map[string]bool{
		"René": false, "RENE": true, "ｒｅｎｅ": true, "rene ": true, "straße": true, "STRA\u1e9eE": true, "Stra\u017fse": true,
	} {
		in := authtest.SignUp("x")
		in.Username, in.Email = name, ""
		body := obj{"username": in.Username, "password1": in.Password1, "password2": in.Password2}
		r := c.Client().Post("/auth/registration/", body)
		if taken {
			r.WantProblems("username taken")
		} else {
			r.Want(201)
		}
	}
	c.Client().Post("/auth/login/", authtest.Login("rené")).Want(200)
	var out binding.LoginResponse
	c.Client().Post("/auth/login/", authtest.Login("rene")).Want(200).JSON(&out)
	if out.User.Username != "rene" {
		c.Errorf("rene logged in as %q", out.User.Username)
	}
	in := authtest.SignUp("other")
	in.Email = "RENE@EXAMPLE.com"
	c.Client().Post("/auth/registration/", in).WantProblems("email taken")
	in.Email = "rené@example.com"
	c.Client().Post("/auth/registration/", in).WantProblems("email invalid_email")
}

func registerRefusesInvalidNamesAndAddresses(c *Case) {
	c.Start()
	for _, name := range []string{"a b", "ann@example.com", "a\u200bb", "a\u202eb", "ann\u034f", "ann\ufe0f", "ann\U000e0100",
		"ann\u180b", "ann\u115f", "\u3164", "\u115f", "\u034f", "\u0301ann", "\u17b4ann", "a/b", "<b>", "a,b", strings.Repeat("x", 151)} {
		in := authtest.SignUp("x")
		in.Username = name
		r := c.Client().Post("/auth/registration/", in).Want(400)
		if !strings.Contains(r.Text, `"field":"username"`) {
			c.Errorf("%q: %s", name, r.Text)
		}
	}
	for _, address := range []string{ // T091
		"nope", "a@b", "@example.com", "a@example.com@example.com", `"a b"@example.com`, "a..b@example.com", ".a@example.com",
		"a@[127.0.0.1]", "a@127.0.0.1", "a(x)@example.com", "a@exa mple.com", "a@example.com\r\nBcc: b@example.com",
		"a@-example.com", "a@example..com", "a\u200b@example.com", "=?utf-8?q?a?=@example.com>", "@a,@b:c@example.com",
		strings.Repeat("a", 65) + "@example.com", "a@" + strings.Repeat("b.", 130) + "com",
	} {
		in := authtest.SignUp("x")
		in.Email = address
		r := c.Client().Post("/auth/registration/", in).Want(400)
		if !strings.Contains(r.Text, `"field":"email"`) {
			c.Errorf("%q: %s", address, r.Text)
		}
	}
	in := authtest.SignUp("hans")
	in.Email = "Hans.Müller+x@Bücher.example"
	c.Client().Post("/auth/registration/", in).WantProblems("email invalid_email")
	in.Email = "Hans+x@Bücher.Example"
	var out binding.LoginResponse
	c.Client().Post("/auth/registration/", in).Want(201).JSON(&out)
	if out.User.Email != "Hans+x@xn--bcher-kva.example" { // T090
		c.Errorf("stored %q", out.User.Email)
	}
}

// registerTakesOnlyItsFields covers T073: other fields of the user cannot be set at sign-up.
func registerTakesOnlyItsFields(c *Case) {
	c.Start()
	in := obj{
		"username": "ann", "password1": authtest.Password, "password2": authtest.Password, "id": 99, "pk": 99,
		"is_staff": true, "is_superuser": true, "is_active": false, "IsStaff": true, "password": "x", "Username": "eve",
		"session_epoch": 7, "date_joined": "2001-01-01T00:00:00Z", "username_key": "eve", "first_name": "X",
	}
	c.Client().Do("POST", "/auth/registration/?is_staff=true&username=eve", in).Want(201)
	u := c.user("ann")
	if u.ID == 99 || u.IsStaff || u.IsSuperuser || !u.IsActive || u.SessionEpoch != 0 || u.FirstName != "" ||
		!u.DateJoined.Equal(c.Clock.Now()) {
		c.Errorf("stored %+v", u)
	}
}

func registerSignUpFields(c *Case) {
	c.Start(func(cfg *config.Config) {
		cfg.SignUpFields = config.SignUpFields{Username: config.FieldRequired, Email: config.FieldOff}
	})
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	if u := c.user("ann"); u.Email != "" || u.EmailKey != nil {
		c.Errorf("stored the address %q", u.Email)
	}
	in := authtest.SignUp("bob")
	in.Email = "ann@example.com"
	c.Client().Post("/auth/registration/", in).Want(201)

	c.Start(func(cfg *config.Config) { cfg.SignUpFields.Email = config.FieldRequired })
	body := obj{"username": "ann", "password1": authtest.Password, "password2": authtest.Password}
	c.Client().Post("/auth/registration/", body).WantProblems("email required")
}

// namesOfDots are refused, since they are directories in a path.
func namesOfDots(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	for _, name := range []string{".", "..", "...", "\uff0e\uff0e", "\u2025", "\u2026"} {
		in := authtest.SignUp("x")
		in.Username = name
		c.Client().Post("/auth/registration/", in).WantProblems("username invalid_username")
		ann.Patch("/auth/user/", obj{"username": name}).WantProblems("username invalid_username")
	}
	for _, name := range []string{".a", "a..", "..-"} {
		ann.Patch("/auth/user/", obj{"username": name}).Want(200)
	}
}
