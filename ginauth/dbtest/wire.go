package dbtest

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// wireCases are about what clients send, as they send it.
var wireCases = []func(*Case){
	LogoutReadsItsBody, OwnStructsCanBeSent, EmptyOptionalFields, FieldsThatAreOff, ObjectsFillNamedFieldsOnly, CharsetLabels, NamesOfDots, LaterPasswordRuleCounts, LanguageCanBePinned, EveryTextCanBeReplacedAlone, PasswordChangeSentTwice,
}

// LogoutReadsItsBody: a refresh token that was sent ends its session, or the answer is an error.
func LogoutReadsItsBody(c *Case) {
	c.start(withJWT)
	c.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p := c.pairOf("ann")
	body := `{"refresh":"` + p.Refresh + `"}`
	logout := func(body, media string, header ...string) *authtest.Response {
		return c.client().Do("POST", "/auth/logout/", body, append(header, "Content-Type", media)...)
	}
	logout(body, "text/plain;charset=UTF-8").WantCode(415, binding.CodeUnsupportedMediaType)
	logout(body, "application/json; charset=utf-16").WantCode(415, binding.CodeUnsupportedMediaType)
	logout(body, "application/json", "Content-Encoding", "gzip").WantCode(415, binding.CodeUnsupportedMediaType)
	logout(body[:30], "application/json").WantCode(400, binding.CodeParseError)
	logout(`{"refresh":"x",`+body[1:], "application/json").WantCode(400, binding.CodeParseError)
	logout(`{"x":"`+strings.Repeat("x", binding.MaxBody)+`",`+body[1:], "application/json").WantCode(413, binding.CodeTooLarge)
	p = new(c.refreshed(p.Refresh))
	logout(`{"refresh":"`+p.Refresh+`"}`, "application/json").Want(200)
	c.refresh(p.Refresh).WantCode(401, binding.CodeInvalidToken)
	logout("", "text/plain").Want(200)

	p = c.pairOf("ann") // whatever the body is, what the header names ends
	logout("{}", "text/plain", "Authorization", "Bearer "+p.Access).Want(200)
	c.refresh(p.Refresh).WantCode(401, binding.CodeInvalidToken)
	logout(body, "text/plain", "Authorization", "Bearer "+p.Access).WantCode(415, binding.CodeUnsupportedMediaType) // it has ended

	c.start(withJWTCookies)
	ann := c.signedUp("ann")
	ann.Do("POST", "/auth/logout/", "bye", "Content-Type", "text/plain").Want(200)
	if len(ann.Cookies) != 0 || c.count(&models.Session{}) != 0 {
		c.Errorf("cookies %v", ann.Cookies)
	}
	c.start()
	c.client().Do("POST", "/auth/logout/", "bye", "Content-Type", "text/plain").Want(200) // nothing in it could count
}

// OwnStructsCanBeSent: a client in Go marshals the structs of package binding.
func OwnStructsCanBeSent(c *Case) {
	c.startMail(withTokens, func(cfg *config.Config) { cfg.Login = append(cfg.Login, config.SessionCookie) })
	send := func(browser *authtest.Client, path string, body any) *authtest.Response {
		sent, err := json.Marshal(body)
		if err != nil {
			c.Fatal(err)
		}
		return browser.Do("POST", path, string(sent), "Content-Type", "application/json")
	}
	ann := c.client()
	send(ann, "/auth/registration/", authtest.SignUp("ann")).Want(201)
	send(c.client(), "/auth/registration/verify-email/", binding.Proof{Key: c.mail("verify").Key(c.T)}).Want(200)
	send(ann, "/auth/tokens/", binding.CreateToken{Name: "ci"}).Want(201)
	send(ann, "/auth/reauthenticate/", binding.Reauthenticate{Password: authtest.Password}).Want(200)
	send(ann, "/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	send(c.client(), "/auth/password/reset/", binding.ResetPassword{Email: "ann@example.com"}).Want(200)
	var mail authtest.Mail
	for _, m := range c.mails() {
		if m.Kind == "reset" {
			mail = m
		}
	}
	send(c.client(), "/auth/password/reset/confirm/", binding.ConfirmReset{
		UID: mail.UID(c.T), Token: mail.Key(c.T), NewPassword1: "Mirror-Maze-89", NewPassword2: "Mirror-Maze-89"}).Want(200)
	send(c.client(), "/auth/login/", binding.Login{Username: "ann", Password: "Mirror-Maze-89"}).Want(200)
}

// EmptyOptionalFields: what may be missing may be empty, in each kind of body.
func EmptyOptionalFields(c *Case) {
	c.start()
	sign := func(name string, more ...string) obj {
		in := obj{"username": name, "password1": authtest.Password, "password2": authtest.Password}
		for pair := range slices.Chunk(more, 2) {
			in[pair[0]] = pair[1]
		}
		return in
	}
	null := sign("a")
	null["email"] = nil
	c.client().Post("/auth/registration/", null).Want(201)
	for name, email := range map[string]string{"b": "", "c": " "} {
		c.client().Post("/auth/registration/", sign(name, "email", email)).Want(201)
		form := url.Values{"username": {name + "2"}, "email": {email}, "password1": {authtest.Password}, "password2": {authtest.Password}}
		c.client().Post("/auth/registration/", form).Want(201)
		body := "--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n" + email + "\r\n"
		for field, value := range sign(name + "3") {
			body += "--x\r\nContent-Disposition: form-data; name=\"" + field + "\"\r\n\r\n" + value.(string) + "\r\n"
		}
		c.client().Do("POST", "/auth/registration/", body+"--x--\r\n", "Content-Type", "multipart/form-data; boundary=x").Want(201)
	}
	if n := c.count(&models.User{}); n != 7 {
		c.Errorf("%d users", n)
	}
	c.client().Post("/auth/registration/", sign("")).WantProblems("username blank")
	a := c.loggedIn("a")
	a.Patch("/auth/user/", obj{"username": ""}).WantProblems("username blank") // a change, and not one that can be made
	a.Patch("/auth/user/", obj{"first_name": nil}).WantProblems("first_name null")
}

// FieldsThatAreOff are not looked at, whatever is in them.
func FieldsThatAreOff(c *Case) {
	c.start(func(cfg *config.Config) {
		cfg.LoginMethods = []config.LoginMethod{config.LoginByEmail}
		cfg.SignUpFields.Username = config.FieldOff
	})
	for i, username := range []any{"ann@example.com", nil, obj{}, strings.Repeat("x", 300), "", "\x00"} {
		in := obj{"username": username, "email": string(rune('a'+i)) + "@example.com", "password1": authtest.Password, "password2": authtest.Password}
		c.client().Post("/auth/registration/", in).Want(201)
	}
	var named int64
	if c.DB.Model(&models.User{}).Where("username <> ''").Count(&named); named != 0 || c.count(&models.User{}) != 6 {
		c.Errorf("%d of %d users have a name", named, c.count(&models.User{}))
	}
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

// CharsetLabels: all that browsers take for UTF-8.
func CharsetLabels(c *Case) {
	c.start()
	c.signedUp("ann")
	login := `{"username":"ann","password":"Looking-Glass-7"}`
	for _, label := range []string{"utf8", "UTF8", "utf-8", `"utf8"`, "unicode-1-1-utf-8"} {
		c.client().Do("POST", "/auth/login/", login, "Content-Type", "application/json; charset="+label).Want(200)
	}
}

// NamesOfDots would be directories in paths.
func NamesOfDots(c *Case) {
	c.start()
	ann := c.signedUp("ann")
	for _, name := range []string{".", "..", "...", "\uff0e\uff0e", "\u2025", "\u2026"} {
		in := authtest.SignUp("x")
		in.Username = name
		c.client().Post("/auth/registration/", in).WantProblems("username invalid_username")
		ann.Patch("/auth/user/", obj{"username": name}).WantProblems("username invalid_username")
	}
	for _, name := range []string{".a", "a..", "..-"} {
		ann.Patch("/auth/user/", obj{"username": name}).Want(200)
	}
}

// LaterPasswordRuleCounts: one that is appended to the default ones replaces that of its kind.
func LaterPasswordRuleCounts(c *Case) {
	in := authtest.SignUp("marigold")
	for _, length := range []int{12, 6} {
		c.start(func(cfg *config.Config) {
			cfg.PasswordRules = append(config.DefaultPasswordRules(), config.MinLength(length))
		})
		in.Password1 = "xY3-xY3-xY3"[:length-1]
		in.Password2 = in.Password1
		c.client().Post("/auth/registration/", in).WantProblems("password1 password_too_short")
	}
	in.Password1, in.Password2 = "xY3-xY3", "xY3-xY3"
	c.client().Post("/auth/registration/", in).Want(201)
	in = authtest.SignUp("tulip")
	in.Password1, in.Password2 = "tulip-xY3", "tulip-xY3"
	c.start(func(cfg *config.Config) {
		cfg.PasswordRules = append(config.DefaultPasswordRules(), config.NotSimilar{Max: 0.99})
	})
	c.client().Post("/auth/registration/", in).Want(201)
}

// LanguageCanBePinned: that of answers, for clients that compare sentences; mails stay in the reader's.
func LanguageCanBePinned(c *Case) {
	c.startMail(func(cfg *config.Config) { cfg.ResponseLocale = "EN" })
	ann := c.client()
	ann.Do("POST", "/auth/registration/", authtest.SignUp("ann"), "Accept-Language", "de").Want(201)
	if m := c.mail("verify"); m.Lang != "de" {
		c.Errorf("the mail is in %s", m.Lang)
	}
	r := ann.Do("POST", "/auth/password/change/", obj{}, "Accept-Language", "de", "Accept", "application/json").Want(400)
	if r.Header.Get("Content-Language") != "en" || !strings.Contains(r.Text, "This field is required.") {
		c.Errorf("%s in %s", r.Text, r.Header.Get("Content-Language"))
	}
	if r = ann.Do("POST", "/auth/logout/", nil, "Accept-Language", "ja").Want(200); !strings.Contains(r.Text, "You are logged out.") {
		c.Error(r.Text)
	}
}

// EveryTextCanBeReplacedAlone: by field, by route, or both, and nothing else with it.
func EveryTextCanBeReplacedAlone(c *Case) {
	c.startMail(func(cfg *config.Config) {
		cfg.Texts = fstest.MapFS{"locales/en.json": {Data: []byte(`{
			"error.taken.username": "That name.", "error.taken": {"registration": {"email": "That address."}},
			"error.required.login.password": "Password, please.", "error.email_unverified.members": "Confirm first.",
			"done.verification_sent.registration/resend-email": "ok", "error.password_too_short.password1": "{{.Count}} or more."
		}`)}}
	}, func(cfg *config.Config) { cfg.EmailVerification = config.VerifyOptional })
	c.Router.GET("/members", c.Auth.RequireVerifiedEmail(), func(g *gin.Context) { g.Status(204) })
	ann := c.signedUp("ann")
	c.verify(c.mail("verify").Key(c.T)).Want(200)
	bob := c.signedUp("bob")
	short := authtest.SignUp("cleo")
	short.Password1, short.Password2 = "xY3", "xY3"
	for _, try := range []struct {
		browser      *authtest.Client
		method, path string
		body         any
		lang, want   string
	}{
		{c.client(), "POST", "/auth/registration/", authtest.SignUp("ann"), "en", `{"email":["That address."],"username":["That name."]}`},
		{bob, "PATCH", "/auth/user/", obj{"username": "ann"}, "en", `{"username":["That name."]}`},
		{bob, "PATCH", "/auth/user/", obj{"username": "ann"}, "de", "vergeben"},
		{c.client(), "POST", "/auth/login/", obj{}, "en", `{"password":["Password, please."]}`},
		{ann, "POST", "/auth/reauthenticate/", obj{}, "en", `{"password":["This field is required."]}`},
		{c.client(), "POST", "/auth/registration/resend-email/", obj{"email": "bob@example.com"}, "en", `{"detail":"ok"}`},
		{c.client(), "POST", "/auth/registration/", short, "en", `{"password1":["8 or more."]}`},
		{bob, "GET", "/members", nil, "en", `{"detail":"Confirm first.","code":"email_unverified"}`},
	} {
		r := try.browser.Do(try.method, try.path, try.body, "Accept-Language", try.lang, "Accept", "application/json")
		if !strings.Contains(r.Text, try.want) {
			c.Errorf("%s %s in %s: %s, want %s", try.method, try.path, try.lang, r.Text, try.want)
		}
	}
}

// PasswordChangeSentTwice: a double click gets the same answer twice, whatever the login gave.
func PasswordChangeSentTwice(c *Case) {
	for i, login := range [][]config.Credential{{config.SessionCookie}, {config.OpaqueToken}, {config.JSONWebToken}} {
		var m meanwhile
		c.start(func(cfg *config.Config) {
			cfg.Login, cfg.AllowPasswordChangeWithoutOld, cfg.JWT.Transport = login, true, config.InCookies
			cfg.Forms.PasswordChange = config.Form(func(*slowChange, *models.User) error { m.run(); return nil })
		})
		var out binding.LoginResponse
		ann := c.client()
		ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201).JSON(&out)
		if out.Key != "" {
			ann = c.byToken(out.Key)
		}
		post := func(browser *authtest.Client, password string) *authtest.Response {
			return browser.Post("/auth/password/change/", obj{"new_password1": password, "new_password2": password})
		}
		first := ann.Clone()
		m.set(func() { post(first, "Mirror-Maze-88").Want(200) })
		if r := post(ann.Clone(), "Mirror-Maze-88").Want(200); len(r.Cookies()) != 0 {
			c.Errorf("%d: the second answer sets %v", i, r.Cookies())
		}
		first.Get("/auth/user/").Want(200)
		second := first.Clone()
		m.set(func() { post(first, "Mirror-Maze-89").Want(200) })
		if r := post(second, "Mirror-Maze-90"); r.StatusCode != 400 && r.StatusCode != 401 {
			c.Errorf("%d: another change: %d", i, r.StatusCode)
		}
		c.client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-89"}).Want(200)
	}
}
