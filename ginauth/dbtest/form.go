package dbtest

import (
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var formCases = Group{Name: "form", Cases: []func(*Case){
	ownFormsAreSaved, ownFormsCanRefuse, ownViews, ownLoginForm, ownFormsOfEveryRoute, errorViewThatPanics,
	viewsCanReturnNil, formsInTheTransaction, formsInTheTransactionOfEveryRoute, formsRunAfterAWrite,
	formsRunAfterAWriteForBackendUsers, pendingSignUpHasNoForm, raceOfSignUpsWhoseFormsRead, viewsOfTokenLogins,
	ownFormsMustNotHideLibraryFields, ownFormsWriteOnlyTheirUser, ownLoginFormCannotChangeTheUser, ownSignUpFormWritesProfile,
}}

func ownFormsAreSaved(c *Case) {
	c.Start(members)
	ann := c.Client()
	ann.Post("/auth/registration/", obj{"username": "ann"}).
		WantProblems("password1 required", "password2 required", "company required")
	in := memberIn("ann")
	in["seats"] = 101
	ann.Post("/auth/registration/", in).WantProblems("seats max_value")
	ann.Post("/auth/registration/", memberIn("ann")).Want(201)
	if m := c.member("ann"); m.Company != "Acme" || m.Seats != 3 {
		c.Errorf("stored %+v", m)
	}
	c.DB.Model(&Member{}).Where("username_key = ?", "ann").Update("seats", 7) // a concurrent write of the application
	ann.Patch("/auth/user/", obj{"company": "Acme & Sons", "notes": []string{"a", "b"}, "first_name": "Ann"}).Want(200)
	m := c.member("ann")
	if m.Company != "Acme & Sons" || fmt.Sprint(m.Notes) != "[a b]" || m.FirstName != "Ann" || m.Seats != 7 || m.IsStaff {
		c.Errorf("stored %+v", m)
	}
	ann.Patch("/auth/user/", obj{"company": "", "notes": []string{}}).Want(400) // blank values need a rule that allows them
	ann.Patch("/auth/user/", obj{"notes": []string{}}).Want(200)
	ann.Patch("/auth/user/", obj{}).Want(200)
	if m := c.member("ann"); m.Company != "Acme & Sons" || len(m.Notes) != 0 {
		c.Errorf("stored %+v", m)
	}
}

func ownFormsCanRefuse(c *Case) {
	c.StartMail(mandatory, members)
	in := memberIn("ann")
	in["company"] = "Evil Corp"
	r := c.Client().Post("/auth/registration/", in).WantProblems("company not_welcome")
	if !strings.Contains(r.Text, "We know you.") {
		c.Errorf("the error of the application is missing: %s", r.Text)
	}
	if n := c.count(&Member{}); n != 0 {
		c.Errorf("%d members", n)
	}
	c.NoMail()
}

// memberLogin and memberError are responses of the application.
type memberLogin struct {
	Token   string `json:"token"`
	Company string `json:"company"`
}

type memberError struct {
	Error  binding.Code      `json:"error"`
	Text   string            `json:"text"`
	Fields map[string]string `json:"fields,omitempty"`
}

// ownViews: a login response with the member's columns, an error body, and elements of lists.
func ownViews(c *Case) {
	c.Start(members, withEverything, func(cfg *config.Config) {
		cfg.Views = config.Views{
			config.UserView(func(r binding.LoginResponse, m *Member) memberLogin {
				return memberLogin{r.Key + r.Access[:0], m.Company}
			}),
			config.View(func(e binding.Error) memberError {
				out := memberError{Error: e.Code, Text: e.Message, Fields: map[string]string{}}
				for _, name := range e.FieldNames() {
					out.Fields[name] = e.Fields[name][0].Message
				}
				return out
			}),
			config.View(func(s binding.Session) obj { return obj{"from": s.IP} }),
			config.UserView(func(u binding.User, m *Member) obj { return obj{"id": u.PK, "company": m.Company} }),
		}
	})
	ann := c.Client()
	ann.Header.Set("Accept", "application/json")
	var login memberLogin
	ann.Post("/auth/registration/", memberIn("ann")).Want(201).JSON(&login)
	if !strings.HasPrefix(login.Token, "gat_") || login.Company != "Acme" {
		c.Errorf("got %+v", login)
	}
	user := fmt.Sprintf(`{"company":%%q,"id":%d}`, c.member("ann").ID)
	for path, want := range map[string]string{"/auth/user/": fmt.Sprintf(user, "Acme"), "/auth/sessions/": `[{"from":"192.0.2.1"}]`} {
		if r := ann.Get(path).Want(200); r.Text != want {
			c.Errorf("%s: %s", path, r.Text)
		}
	}
	if r := ann.Patch("/auth/user/", obj{"company": "New"}).Want(200); r.Text != fmt.Sprintf(user, "New") {
		c.Errorf("after the change: %s", r.Text)
	}
	if r := ann.Post("/auth/login/", obj{}).Want(400); r.Text != `{"error":"invalid","text":"The request could not be processed. Please check your input.","fields":{"password":"This field is required."}}` {
		c.Errorf("got %s", r.Text)
	}
	ann.Do("POST", "/auth/login/", obj{}, "Accept", "application/problem+json").WantProblems("password required")
}

type (
	siteLogin struct {
		binding.Login
		Site string `json:"site" binding:"required"`
	}
	captchaReset struct {
		binding.ResetPassword
		Captcha string `json:"captcha" binding:"required"`
	}
	hintedChange struct {
		binding.ChangePassword
		Hint string `json:"hint"`
	}
	hintedReset struct {
		binding.ConfirmReset
		Hint string `json:"hint"`
	}
)

// ownLoginForm: it runs after the password was verified. If it refuses, that is not a login.
func ownLoginForm(c *Case) {
	c.Start(func(cfg *config.Config) {
		cfg.NewUser = config.Model[Member]()
		cfg.Forms.Login = config.Form(func(f *siteLogin, m *Member) error {
			m.Seats++
			if f.Site != "Leeds" {
				return binding.Invalid("site", binding.Problem{Code: "not_yours", Message: "You do not work there."})
			}
			return nil
		})
	})
	ann := c.SignedUp("ann")
	login := obj{"username": "ann", "password": authtest.Password}
	c.Client().Post("/auth/login/", login).WantProblems("site required")
	login["site"] = "York"
	c.Client().Post("/auth/login/", login).WantProblems("site not_yours")
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "wrong", "site": "York"}).
		WantProblems("non_field_errors invalid_credentials") // the form runs after the password was verified
	if m := c.member("ann"); m.Seats != 0 {
		c.Errorf("%d refused logins were counted", m.Seats)
	}
	login["site"] = "Leeds"
	ann.Post("/auth/login/", login).Want(200)
	if m := c.member("ann"); m.Seats != 1 {
		c.Errorf("%d logins counted", m.Seats)
	}
}

// ownFormsOfEveryRoute: including the routes of passwords.
func ownFormsOfEveryRoute(c *Case) {
	captcha := func(text string) error {
		if text != "42" {
			return binding.Invalid("captcha", binding.Problem{Code: "wrong", Message: "Try again."})
		}
		return nil
	}
	c.StartMail(func(cfg *config.Config) {
		cfg.NewUser = config.Model[Member]()
		cfg.Forms.PasswordReset = config.Form(func(f *captchaReset, m *Member) error {
			if m.ID != 0 {
				return fmt.Errorf("it knows the user")
			}
			return captcha(f.Captcha)
		})
		cfg.Forms.PasswordChange = config.Form(func(f *hintedChange, m *Member) error { m.Company = f.Hint; return nil })
		cfg.Forms.ResetConfirm = config.Form(func(f *hintedReset, m *Member) error { m.Company = f.Hint; return nil })
	})
	ann := c.verified("ann")
	ann.Post("/auth/password/change/", obj{
		"old_password": authtest.Password, "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88", "hint": "mirrors",
	}).Want(200)
	if m := c.member("ann"); m.Company != "mirrors" {
		c.Errorf("hint %q", m.Company)
	}
	c.Mails()
	c.Client().Post("/auth/password/reset/", obj{"email": "ann@example.com", "captcha": "41"}).WantProblems("captcha wrong")
	c.Client().Post("/auth/password/reset/", obj{"email": "ann@example.com", "captcha": "42"}).Want(200)
	mail := c.Mail("reset")
	form := resetForm(mail.UID(c.T), mail.Key(c.T), "Looking-Glass-9")
	form["hint"] = "glasses"
	c.Client().Post("/auth/password/reset/confirm/", form).Want(200)
	if m := c.member("ann"); m.Company != "glasses" {
		c.Errorf("hint %q", m.Company)
	}
}

// errorViewThatPanics covers T214: a refused request still gets a response.
func errorViewThatPanics(c *Case) {
	c.Start(patients, func(cfg *config.Config) {
		cfg.Views = config.Views{config.UserView(func(_ binding.Error, p *Patient) obj { return obj{"phone": p.Phone} })} // panics, because p is nil without a user
	})
	r := authtest.NewClient(c.T, c.Router).Do("GET", "/auth/user/", nil, "Accept", "application/json").Want(401)
	if !strings.Contains(r.Text, "not_authenticated") || !strings.Contains(c.Log.String(), "panic") {
		c.Errorf("%s, logged %s", r.Text, c.Log)
	}
}

// viewsCanReturnNil: the body is then null.
func viewsCanReturnNil(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.Views = config.Views{config.View(func(binding.User) any { return nil })} })
	ann := c.Client()
	if r := ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201); r.Text != `{"user":null}` {
		c.Errorf("got %s", r.Text)
	}
	if r := ann.Get("/auth/user/").Want(200); r.Text != "null" {
		c.Errorf("got %q", r.Text)
	}
}

// tokenViews are login responses of the application.
func tokenViews(cfg *config.Config) {
	cfg.Views = config.Views{
		config.View(func(r binding.LoginResponse) obj {
			return obj{"opaque": r.Key, "bearer": r.Access, "until": r.AccessExpiration, "longest": r.RefreshExpiration}
		}),
		config.View(func(t binding.Tokens) obj {
			return obj{"next": t.Refresh, "bearer": t.Access, "until": t.AccessExpiration}
		}),
	}
}

// viewsOfTokenLogins: they get what the library would have returned, for each kind of token.
func viewsOfTokenLogins(c *Case) {
	c.DB = c.open(c.T)
	c.App = authtest.New(c.T, c.DB, withJWT)
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	p := c.tokenPairOf("ann")
	until, longest := c.Clock.Now().Add(5*time.Minute).Format(time.RFC3339), c.Clock.Now().Add(14*24*time.Hour).Format(time.RFC3339)
	response := func(path string, body any, change ...func(*config.Config)) (out map[string]string) {
		c.App = authtest.New(c.T, c.DB, append(change, tokenViews)...)
		c.Client().Post(path, body).Want(200).JSON(&out)
		c.byToken(out["opaque"] + out["bearer"]).Get("/auth/user/").Want(200)
		return out
	}
	login := authtest.Login("ann")
	out := response("/auth/login/", login, func(cfg *config.Config) { cfg.Login = []config.Credential{config.OpaqueToken} })
	if len(out) != 4 || out["opaque"] == "" || out["bearer"] != "" {
		c.Errorf("a token: %q", out)
	}
	if out = response("/auth/login/", login, withJWT); len(out) != 4 || out["bearer"] == "" || out["until"]+out["longest"] != "" {
		c.Errorf("JWT: %q", out)
	}
	out = response("/auth/login/", login, withJWT, func(cfg *config.Config) { cfg.JWT.ReturnExpiration = true })
	if len(out) != 4 || out["bearer"] == "" || out["until"] != until || out["longest"] != longest {
		c.Errorf("JWT with expirations: %q", out)
	}
	if out = response("/auth/token/refresh/", obj{"refresh": p.Refresh}, withJWT); len(out) != 3 || out["next"] == "" || out["until"] != until {
		c.Errorf("refreshed: %q", out)
	}
}
