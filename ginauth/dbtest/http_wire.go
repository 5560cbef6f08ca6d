package dbtest

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// differencesWithoutARecordedCase shows rows of the README's table of differences for which there is no recorded case
// (C4).
func differencesWithoutARecordedCase(c *Case) {
	c.Start(func(cfg *config.Config) {
		cfg.Login, cfg.JWT.Transport = []config.Credential{config.SessionCookie, config.JSONWebToken}, config.InCookies
		cfg.LogoutOnPasswordChange = true
	})
	ann := c.SignedUp("ann")
	alone := c.Client()
	alone.Cookies["__Host-session"] = ann.Cookies["__Host-session"]
	alone.Get("/auth/user/").Want(200)                                       // session-alone
	ann.Post("/auth/token/refresh/", obj{"refresh": ""}).Want(200)           // blank-refresh
	ann.Do("GET", "/auth/user/", nil, "Accept", "application/xml").Want(200) // accept
	ann.Patch("/auth/user/", obj{"username": "ANN"}).Want(200)               // own-name
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	if len(ann.Cookies) != 0 { // change-deletes
		c.Errorf("cookies %v", ann.Cookies)
	}
	c.Start(func(cfg *config.Config) { cfg.Login = []config.Credential{config.OpaqueToken, config.JSONWebToken} })
	r := c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	var out binding.LoginResponse
	if r.JSON(&out); len(r.Cookies()) != 0 { // session-off
		c.Errorf("set %v", r.Cookies())
	}
	for _, header := range []string{"bearer " + out.Access, "Bearer " + out.Key} { // scheme-case, bearer-opaque
		c.Client().Do("GET", "/auth/user/", nil, "Authorization", header).Want(200)
	}
	c.refreshed(out.Refresh)
	c.Clock.Advance(11 * time.Second)
	c.Client().Post("/auth/token/verify/", obj{"token": out.Refresh}).WantCode(401, binding.CodeInvalidToken) // black-listed
}

// requestStructsCanBeSent: a client in Go can marshal the structs of package binding.
func requestStructsCanBeSent(c *Case) {
	c.StartMail(withTokens, func(cfg *config.Config) { cfg.Login = append(cfg.Login, config.SessionCookie) })
	send := func(browser *authtest.Client, path string, body any) *authtest.Response {
		sent, err := json.Marshal(body)
		if err != nil {
			c.Fatal(err)
		}
		return browser.Do("POST", path, string(sent), "Content-Type", "application/json")
	}
	ann := c.Client()
	send(ann, "/auth/registration/", authtest.SignUp("ann")).Want(201)
	send(c.Client(), "/auth/registration/verify-email/", binding.KeyOrCode{Key: c.Mail("verify").Key(c.T)}).Want(200)
	send(ann, "/auth/tokens/", binding.CreateToken{Name: "ci"}).Want(201)
	send(ann, "/auth/reauthenticate/", binding.Reauthenticate{Password: authtest.Password}).Want(200)
	send(ann, "/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	send(c.Client(), "/auth/password/reset/", binding.ResetPassword{Email: "ann@example.com"}).Want(200)
	var mail authtest.Mail
	for _, m := range c.Mails() {
		if m.Kind == "reset" {
			mail = m
		}
	}
	send(c.Client(), "/auth/password/reset/confirm/", binding.ConfirmReset{
		UID: mail.UID(c.T), Token: mail.Key(c.T), NewPassword1: "Mirror-Maze-89", NewPassword2: "Mirror-Maze-89"}).Want(200)
	send(c.Client(), "/auth/login/", binding.Login{Username: "ann", Password: "Mirror-Maze-89"}).Want(200)
}

// emptyOptionalFields: an optional field can be empty, in each kind of body.
func emptyOptionalFields(c *Case) {
	c.Start()
	sign := func(name string, more ...string) obj {
		in := obj{"username": name, "password1": authtest.Password, "password2": authtest.Password}
		for tokenPair := range slices.Chunk(more, 2) {
			in[tokenPair[0]] = tokenPair[1]
		}
		return in
	}
	null := sign("a")
	null["email"] = nil
	c.Client().Post("/auth/registration/", null).Want(201)
	for name, email := range map[string]string{"b": "", "c": " "} {
		c.Client().Post("/auth/registration/", sign(name, "email", email)).Want(201)
		form := url.Values{"username": {name + "2"}, "email": {email}, "password1": {authtest.Password}, "password2": {authtest.Password}}
		c.Client().Post("/auth/registration/", form).Want(201)
		body := "--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n" + email + "\r\n"
		for field, value := range sign(name + "3") {
			body += "--x\r\nContent-Disposition: form-data; name=\"" + field + "\"\r\n\r\n" + value.(string) + "\r\n"
		}
		c.Client().Do("POST", "/auth/registration/", body+"--x--\r\n", "Content-Type", "multipart/form-data; boundary=x").Want(201)
	}
	if n := c.count(&models.User{}); n != 7 {
		c.Errorf("%d users", n)
	}
	c.Client().Post("/auth/registration/", sign("")).WantProblems("username blank")
	a := c.LoggedIn("a")
	a.Patch("/auth/user/", obj{"username": ""}).WantProblems("username blank") // a change to an empty name, which is not allowed
	a.Patch("/auth/user/", obj{"first_name": nil}).WantProblems("first_name null")
}

// fieldsThatAreOffAreIgnored, whatever they contain.
func fieldsThatAreOffAreIgnored(c *Case) {
	c.Start(func(cfg *config.Config) {
		cfg.LoginMethods = []config.LoginMethod{config.LoginByEmail}
		cfg.SignUpFields.Username = config.FieldOff
	})
	for i, username := range []any{"ann@example.com", nil, obj{}, strings.Repeat("x", 300), "", "\x00"} {
		in := obj{"username": username, "email": string(rune('a'+i)) + "@example.com", "password1": authtest.Password, "password2": authtest.Password}
		c.Client().Post("/auth/registration/", in).Want(201)
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

// nestedObjectsFillNamedFieldsOnly: an object within a form of the application follows the rules of the form itself.
func nestedObjectsFillNamedFieldsOnly(c *Case) {
	c.Start(func(cfg *config.Config) {
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
		r := c.Client().Post("/auth/registration/", in)
		if try[1] == nil {
			r.WantProblems("contact invalid")
		} else if r.Want(201); c.member(name).Company != try[1] {
			c.Errorf("%v: stored %q", try[0], c.member(name).Company)
		}
	}
}

// charsetLabels: the library accepts all labels that browsers treat as UTF-8.
func charsetLabels(c *Case) {
	c.Start()
	c.SignedUp("ann")
	login := `{"username":"ann","password":"Looking-Glass-7"}`
	for _, label := range []string{"utf8", "UTF8", "utf-8", `"utf8"`, "unicode-1-1-utf-8"} {
		c.Client().Do("POST", "/auth/login/", login, "Content-Type", "application/json; charset="+label).Want(200)
	}
}
