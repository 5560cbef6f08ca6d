package dbtest

import (
	"context"
	"net/http"
	"strings"
	"testing/fstest"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// textsCanBeReplaced: single files of the library, and a language that the library does not have.
func textsCanBeReplaced(c *Case) {
	c.StartMail(func(cfg *config.Config) {
		cfg.Texts = fstest.MapFS{
			"mail/verify.txt":   {Data: []byte("Ours, in {{.Lang}}: {{.Link}}\n")},
			"locales/it.json":   {Data: []byte(`{"error.required": "Serve questo campo."}`)},
			"locales/de.json":   {Data: []byte(`{"error.required": "Das fehlt."}`)},
			"unrelated/file.go": {Data: []byte("package x")},
		}
	})
	c.SignedUp("ann")
	if m := c.Mail("verify"); !strings.HasPrefix(m.Text, "Ours, in en:") || !strings.HasPrefix(m.Link(c.T), authtest.Site+"/verify/") || !strings.Contains(m.HTML, "<html") {
		c.Errorf("got %s", m.Text)
	}
	for lang, want := range map[string]string{"it": "Serve questo campo.", "de": "Das fehlt.", "en": "This field is required."} {
		r := c.Client().Do("POST", "/auth/login/", obj{}, "Accept-Language", lang, "Accept", "application/json").Want(400)
		if !strings.Contains(r.Text, want) {
			c.Errorf("%s: %s", lang, r.Text)
		}
	}
}

// ownMailsNameTheUser: only at an address that the user has confirmed. A stranger who signs up with another person's
// address chooses the name, and must not be able to send text that way (T093).
func ownMailsNameTheUser(c *Case) {
	own := fstest.MapFS{}
	for _, kind := range []string{"verify", "account_exists", "reset", "login_code", "new_device", "password_changed", "secured", "account_deleted"} {
		own["mail/"+kind+".txt"] = &fstest.MapFile{Data: []byte("To <{{.Username}}> {{.Link}} {{.Code}}\n")}
	}
	c.StartMail(byCode, func(cfg *config.Config) { cfg.Texts = own })
	wants := func(kind, name string) authtest.Mail {
		c.Helper()
		m := c.Mail(kind)
		if !strings.HasPrefix(m.Text, "To <"+name+">\n") {
			c.Errorf("%s: %s, want the name %q", kind, m.Text, name)
		}
		return m
	}
	address := obj{"email": "ann@example.com"}
	ann := c.SignedUp("ann")
	verify := wants("verify", "")
	c.Client().Post("/auth/password/reset/", address).Want(200)
	wants("reset", "")
	c.Client().Post("/auth/login/code/", address).Want(200)
	wants("login_code", "")
	c.LoggedIn("ann")
	wants("new_device", "")
	ann.Post("/auth/registration/verify-email/", obj{"key": verify.Key(c.T)}).Want(200)

	c.Client().Post("/auth/password/reset/", address).Want(200)
	wants("reset", "ann")
	c.Client().Post("/auth/login/code/", address).Want(200)
	wants("login_code", "ann")
	c.SignedUp("bob")
	wants("verify", "")
	bob := c.LoggedIn("bob")
	wants("new_device", "")
	bob.Post("/auth/emails/", address).Want(201)
	wants("account_exists", "ann")
	c.LoggedIn("ann")
	device := wants("new_device", "ann")
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	wants("password_changed", "ann")
	c.Client().Post("/auth/security/revoke/", obj{"key": device.Key(c.T)}).Want(200)
	wants("secured", "ann")
}

// checkOfOwnMails: Check reports a mail of the application that leaves out data that protects its reader.
func checkOfOwnMails(c *Case) {
	own := fstest.MapFS{"mail/verify.txt": {Data: []byte("Open {{.Link}}\n")}, "mail/new_device.html": {Data: []byte("<p>{{.Link}} {{.IP}} {{datetime .When}}")}}
	c.Start(production)
	findings := c.check(func(cfg *config.Config) { cfg.Texts = own })
	c.want(findings, "warning Texts", "warning Texts")
	c.says(findings, "mail/verify.txt", "show {{.Opened}}")
	c.says(findings, "mail/new_device.html", "show {{.Device}}")
	own = fstest.MapFS{"mail/verify.txt": {Data: []byte(`{{define "title"}}Welcome{{end}}`)}}
	c.want(c.check(func(cfg *config.Config) { cfg.Texts = own }))
}

// ownCodesHaveTexts: the texts of Config.Texts in each language, also for a field, otherwise a general text. The name of
// a message is never shown.
func ownCodesHaveTexts(c *Case) {
	var code binding.Code
	var refuse error
	c.Start(func(cfg *config.Config) {
		cfg.Codes = []binding.CodeDoc{{Code: "not_welcome", Meaning: "known"}, {Code: "other", Meaning: "without a text"}, {Code: "too_young", Statuses: []int{403}, Meaning: "under 16"}}
		cfg.Texts = fstest.MapFS{
			"locales/en.json": {Data: []byte(`{"error.not_welcome": "We know you, {{.Name}}."}`)},
			"locales/de.json": {Data: []byte(`{"error.not_welcome": "{{.Name}}, wir kennen Sie.", "error.too_young.registration": "Noch zu jung."}`)},
		}
		cfg.RegisterGuard = func(*http.Request) error {
			if refuse != nil {
				return refuse
			}
			return binding.Invalid("username", binding.Problem{Code: code, Params: map[string]any{"Name": "Ann"}})
		}
	})
	for _, try := range []struct {
		code       binding.Code
		lang, want string
	}{
		{"not_welcome", "en", "We know you, Ann."}, {"not_welcome", "de", "Ann, wir kennen Sie."}, {"not_welcome", "fr", "We know you, Ann."},
		{"other", "en", "Enter a valid value."}, {binding.CodeMaxLength, "en", "Enter a valid value."},
	} {
		code = try.code
		r := c.Client().Do("POST", "/auth/registration/", authtest.SignUp("ann"), "Accept-Language", try.lang).Want(400)
		if !strings.Contains(r.Text, try.want) || strings.Contains(r.Text, "error.") {
			c.Errorf("%s: %s", code, r.Text)
		}
	}
	refuse = &binding.Error{Status: 403, Code: "too_young"}
	for lang, want := range map[string]string{"en": "You do not have permission to do this.", "de": "Noch zu jung."} {
		r := c.Client().Do("POST", "/auth/registration/", authtest.SignUp("ann"), "Accept-Language", lang).WantCode(403, "too_young")
		if !strings.Contains(r.Text, want) {
			c.Errorf("got %s", r.Text)
		}
	}
}

// missingTextsAreLogged: a code without a text, and a text whose placeholder has no value, are logged once each. The
// client gets a general text.
func missingTextsAreLogged(c *Case) {
	var refuse error
	c.Start(func(cfg *config.Config) {
		cfg.Codes = []binding.CodeDoc{{Code: "no_text", Meaning: "x"}, {Code: "typo", Meaning: "x"}, {Code: "typo_de", Meaning: "x"}, {Code: "good", Meaning: "x"}}
		cfg.Texts = fstest.MapFS{
			"locales/en.json": {Data: []byte(`{"error.typo": "Not {{.Firma}}.", "error.typo_de": "Not {{.Company}}.", "error.good": "Not {{.Company}}!"}`)},
			"locales/de.json": {Data: []byte(`{"error.typo_de": "Nicht {{.Firma}}."}`)},
		}
		cfg.RegisterGuard = func(*http.Request) error { return refuse }
	})
	raw := authtest.NewClient(c.T, c.Router) // undeclared codes are not in the document
	field := func(code binding.Code, message string) error {
		return binding.Invalid("username", binding.Problem{Code: code, Message: message, Params: map[string]any{"Company": "Acme"}})
	}
	for _, try := range []struct {
		err                error
		lang, text, logged string
	}{
		{field("good", ""), "en", "Not Acme!", ""},
		{field("no_text", "Own."), "en", "Own.", ""},
		{field("anything", "Own."), "en", "Own.", ""},
		{field("no_text", ""), "en", "Enter a valid value.", "code=no_text"},
		{field("undeclared", ""), "en", "Enter a valid value.", "code=undeclared"},
		{field("typo", ""), "en", "Enter a valid value.", "locales/en.json text=error.typo "},
		{field("typo_de", ""), "de", "Not Acme.", "locales/de.json text=error.typo_de "},
		{&binding.Error{Status: 403, Code: "whole"}, "en", "You do not have permission to do this.", "code=whole"},
	} {
		refuse = try.err
		before := c.Log.String()
		for range 2 {
			r := raw.Do("POST", "/auth/registration/", authtest.SignUp("ann"), "Accept-Language", try.lang)
			if !strings.Contains(r.Text, try.text) {
				c.Errorf("%v: %s", try.err, r.Text)
			}
		}
		logged := strings.TrimPrefix(c.Log.String(), before)
		if strings.Count(logged, "level=WARN") != strings.Count(logged, "\n") || (logged == "") != (try.logged == "") ||
			strings.Count(logged, "\n") > 1 || !strings.Contains(logged, try.logged) {
			c.Errorf("%v: logged %q, want one warning with %q", try.err, logged, try.logged)
		}
	}
}

// languageOfResponsesCanBeFixed: the setting is for clients that compare texts. Mails stay in the user's language.
func languageOfResponsesCanBeFixed(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.ResponseLocale = "EN" })
	ann := c.Client()
	ann.Do("POST", "/auth/registration/", authtest.SignUp("ann"), "Accept-Language", "de").Want(201)
	if m := c.Mail("verify"); m.Lang != "de" {
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

// textsCanBeReplacedByFieldAndRoute: by field, by route, or by both. No other text changes.
func textsCanBeReplacedByFieldAndRoute(c *Case) {
	c.StartMail(func(cfg *config.Config) {
		cfg.Texts = fstest.MapFS{"locales/en.json": {Data: []byte(`{
			"error.taken.username": "That name.", "error.taken": {"registration": {"email": "That address."}},
			"error.required.login.password": "Password, please.", "error.email_unverified.members": "Confirm first.",
			"done.verification_sent.registration/resend-email": "ok", "error.password_too_short.password1": "{{.Count}} or more."
		}`)}}
	}, func(cfg *config.Config) { cfg.EmailVerification = config.VerifyOptional })
	c.Router.GET("/members", c.Auth.RequireVerifiedEmail(), func(g *gin.Context) { g.Status(204) })
	ann := c.SignedUp("ann")
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	bob := c.SignedUp("bob")
	short := authtest.SignUp("cleo")
	short.Password1, short.Password2 = "xY3", "xY3"
	for _, try := range []struct {
		browser      *authtest.Client
		method, path string
		body         any
		lang, want   string
	}{
		{c.Client(), "POST", "/auth/registration/", authtest.SignUp("ann"), "en", `{"email":["That address."],"username":["That name."]}`},
		{bob, "PATCH", "/auth/user/", obj{"username": "ann"}, "en", `{"username":["That name."]}`},
		{bob, "PATCH", "/auth/user/", obj{"username": "ann"}, "de", "vergeben"},
		{c.Client(), "POST", "/auth/login/", obj{}, "en", `{"password":["Password, please."]}`},
		{ann, "POST", "/auth/reauthenticate/", obj{}, "en", `{"password":["This field is required."]}`},
		{c.Client(), "POST", "/auth/registration/resend-email/", obj{"email": "bob@example.com"}, "en", `{"detail":"ok"}`},
		{c.Client(), "POST", "/auth/registration/", short, "en", `{"password1":["8 or more."]}`},
		{bob, "GET", "/members", nil, "en", `{"detail":"Confirm first.","code":"email_unverified"}`},
	} {
		r := try.browser.Do(try.method, try.path, try.body, "Accept-Language", try.lang, "Accept", "application/json")
		if !strings.Contains(r.Text, try.want) {
			c.Errorf("%s %s in %s: %s, want %s", try.method, try.path, try.lang, r.Text, try.want)
		}
	}
}

// hooksAndFormsKnowTheLanguage: hooks, and functions of forms that get a context.
func hooksAndFormsKnowTheLanguage(c *Case) {
	type profile struct{ binding.UpdateUser }
	var form, hook, after, event string
	c.Start(func(cfg *config.Config) {
		cfg.Forms.Profile = config.FormTx(func(ctx context.Context, _ *gorm.DB, _ *profile, _ *models.User) error {
			form = config.LanguageOf(ctx)
			return nil
		})
		cfg.Hooks.BeforeLogin = func(ctx context.Context, _ *gorm.DB, e config.Event) error {
			hook, event = config.LanguageOf(ctx), e.Language
			return nil
		}
		cfg.Hooks.AfterLogin = func(ctx context.Context, _ config.Event) error {
			after = config.LanguageOf(ctx)
			return nil
		}
	})
	ann := c.Client()
	for accept, want := range map[string]string{"": "en", "de-AT": "de", "xx, ja": "ja"} {
		ann.Do("POST", "/auth/registration/", authtest.SignUp("ann"+want), "Accept-Language", accept).Want(201)
		if hook != want || event != want || after != want {
			c.Errorf("%q: hooks know %q, %q, %q", accept, hook, event, after)
		}
		c.set("ann"+want, map[string]any{"locale": "es"}) // the user's own language comes first
		ann.Do("PATCH", "/auth/user/", obj{"first_name": "Ann"}, "Accept-Language", accept).Want(200)
		if form != "es" {
			c.Errorf("%q: the form knows %q", accept, form)
		}
	}
}
