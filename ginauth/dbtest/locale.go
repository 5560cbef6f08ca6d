package dbtest

import (
	"regexp"
	"strings"
	"testing/fstest"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var localeCases = []func(*Case){
	AnswersInTheReadersLanguage, MailsInTheReadersLanguage, TextsCanBeReplaced, NoticesInTheOwnersLanguage,
	NoticesOfAnotherSession, DatesInTheReadersForm, OwnMailsNameTheUser, CheckOfOwnMails,
}

// AnswersInTheReadersLanguage: the user's own, then what the client prefers, then the default.
func AnswersInTheReadersLanguage(c *Case) {
	c.start(func(cfg *config.Config) { cfg.DefaultLocale = "fr" })
	ask := func(browser *authtest.Client, accept string) *authtest.Response {
		return browser.Do("POST", "/auth/login/", obj{}, "Accept-Language", accept, "Accept", "application/json")
	}
	texts := map[string]bool{}
	for accept, lang := range map[string]string{
		"en": "en", "de-AT, en;q=0.5": "de", "es": "es", "pt-BR": "pt", "zh-CN": "zh", "ja": "ja", "": "fr", "xx, *;q=0": "fr",
		strings.Repeat("de,", 10000): "de", "\x00;;q=,": "fr",
	} {
		r := ask(c.client(), accept)
		r.Want(400)
		texts[r.Text] = true
		if got := r.Header.Get("Content-Language"); got != lang {
			c.Errorf("%.20q: answered in %q, want %q", accept, got, lang)
		}
	}
	if len(texts) != 7 {
		c.Errorf("%d texts in 7 languages", len(texts))
	}
	ann := c.signedUp("ann")
	ann.Patch("/auth/user/", obj{"locale": "no language!"}).WantProblems("locale invalid")
	ann.Patch("/auth/user/", obj{"locale": "es"}).Want(200)
	r := ann.Do("POST", "/auth/password/change/", change(authtest.Password, "Mirror-Maze-88"), "Accept-Language", "ja").Want(200)
	if !strings.Contains(r.Text, "contraseña") {
		c.Errorf("to a Spanish user: %s", r.Text)
	}
}

func MailsInTheReadersLanguage(c *Case) {
	c.startMail()
	browser := c.client()
	browser.Do("POST", "/auth/registration/", authtest.SignUp("ann"), "Accept-Language", "de-CH, fr;q=0.8").Want(201)
	m := c.mail("verify")
	if m.Lang != "de" || !strings.Contains(m.HTML, `lang="de"`) || !strings.Contains(m.Text, "Adresse") {
		c.Errorf("in %s: %s", m.Lang, m.Text)
	}
	c.client().Do("POST", "/auth/password/reset/", obj{"email": "ann@example.com"}, "Accept-Language", "ja").Want(200)
	if m := c.mail("reset"); m.Lang != "de" { // who asks may be anybody
		c.Errorf("in %s", m.Lang)
	}
	if c.user("ann").Locale != "de" {
		c.Errorf("the user's language is %q", c.user("ann").Locale)
	}
	c.signedUp("bob")
	if m := c.mail("verify"); m.Lang != "en" || c.user("bob").Locale != "" {
		c.Errorf("in %s, the user's is %q", m.Lang, c.user("bob").Locale)
	}
}

// TextsCanBeReplaced: single files of the library, and a language that it does not have.
func TextsCanBeReplaced(c *Case) {
	c.startMail(func(cfg *config.Config) {
		cfg.Texts = fstest.MapFS{
			"mail/verify.txt":   {Data: []byte("Ours, in {{.Lang}}: {{.Link}}\n")},
			"locales/it.json":   {Data: []byte(`{"error.required": "Serve questo campo."}`)},
			"locales/de.json":   {Data: []byte(`{"error.required": "Das fehlt."}`)},
			"unrelated/file.go": {Data: []byte("package x")},
		}
	})
	c.signedUp("ann")
	if m := c.mail("verify"); !strings.HasPrefix(m.Text, "Ours, in en:") || !strings.HasPrefix(m.Link(c.T), authtest.Site+"/verify/") || !strings.Contains(m.HTML, "<html") {
		c.Errorf("got %s", m.Text)
	}
	for lang, want := range map[string]string{"it": "Serve questo campo.", "de": "Das fehlt.", "en": "This field is required."} {
		r := c.client().Do("POST", "/auth/login/", obj{}, "Accept-Language", lang, "Accept", "application/json").Want(400)
		if !strings.Contains(r.Text, want) {
			c.Errorf("%s: %s", lang, r.Text)
		}
	}
}

// NoticesInTheOwnersLanguage: neither the Accept-Language of an intruder nor a language that they
// set counts for notices.
func NoticesInTheOwnersLanguage(c *Case) {
	c.startMail(func(cfg *config.Config) { cfg.DefaultLocale = "fr" })
	for name, own := range map[string]string{"ann": "de", "bob": ""} {
		want := map[string]string{"de": "de", "": "fr"}[own]
		c.verified(name)
		if own != "" { // as it is already; MariaDB reports no row then
			c.set(name, map[string]any{"locale": own})
		}
		thief := c.client()
		thief.Do("POST", "/auth/login/", authtest.Login(name), "Accept-Language", "ja").Want(200)
		device := c.mail("new_device")
		if device.Lang != want {
			c.Errorf("%s: new_device in %s, want %s", name, device.Lang, want)
		}
		thief.Patch("/auth/user/", obj{"locale": "zh"}).Want(200)
		thief.Patch("/auth/user/", obj{"locale": "ja"}).Want(200)
		thief.Do("POST", "/auth/password/change/", change(authtest.Password, "Mirror-Maze-88"), "Accept-Language", "ja").Want(200)
		if m := c.mail("password_changed"); m.Lang != want {
			c.Errorf("%s: password_changed in %s, want %s", name, m.Lang, want)
		}
		c.client().Do("POST", "/auth/security/revoke/", obj{"key": device.Key(c.T)}, "Accept-Language", "es").Want(200)
		if m := c.mail("secured"); m.Lang != "es" {
			c.Errorf("%s: secured in %s, want that of the owner's browser", name, m.Lang)
		}
	}
}

// NoticesOfAnotherSession: an intruder sets a language in one session and makes the change in
// another one, or by a personal token. The language from before counts for Mail.NoticeLifetime
// after the last change, then the new one does.
func NoticesOfAnotherSession(c *Case) {
	c.startMail(func(cfg *config.Config) { cfg.Mail.NoticeLifetime = 48 * time.Hour }, withEverything)
	c.verified("ann")
	c.set("ann", map[string]any{"locale": "de"})
	c.mails()
	one := c.loggedIn("ann")
	one.Patch("/auth/user/", obj{"locale": "de"}).Want(200) // no change
	one.Patch("/auth/user/", obj{"locale": "zh"}).Want(200)
	c.mails()
	two := c.loggedIn("ann")
	if m := c.mail("new_device"); m.Lang != "de" {
		c.Errorf("new_device in %s, want de", m.Lang)
	}
	c.personal(two, obj{"name": "x", "password": authtest.Password})
	if m := c.mail("token_created"); m.Lang != "de" {
		c.Errorf("token_created in %s, want de", m.Lang)
	}
	c.Clock.Advance(40 * time.Hour)
	c.loggedIn("ann").Patch("/auth/user/", obj{"locale": "ja"}).Want(200)
	c.mails()
	c.Clock.Advance(40 * time.Hour)
	three := c.loggedIn("ann")
	three.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	for _, m := range c.mails() {
		if m.Lang != "de" {
			c.Errorf("%s in %s, want de", m.Kind, m.Lang)
		}
	}
	c.Clock.Advance(8 * time.Hour)
	three.Post("/auth/password/change/", change("Mirror-Maze-88", authtest.Password)).Want(200)
	if m := c.mail("password_changed"); m.Lang != "ja" {
		c.Errorf("password_changed in %s, want ja", m.Lang)
	}
}

// DatesInTheReadersForm: in answers and in mails, as readers of the language write them.
func DatesInTheReadersForm(c *Case) {
	c.startMail(func(cfg *config.Config) { cfg.DeleteGrace = 7 * 24 * time.Hour })
	for lang, form := range map[string]string{"de": `\d\d\.\d\d\.20\d\d, \d\d:\d\d Uhr`, "ja": `20\d\d年\d+月\d+日 \d\d:\d\d`, "en": `\d+ [A-Z][a-z]+ 20\d\d, \d\d:\d\d UTC`} {
		want := regexp.MustCompile(form)
		browser := c.client()
		browser.Do("POST", "/auth/registration/", authtest.SignUp("ann-"+lang), "Accept-Language", lang).Want(201)
		if m := c.mail("verify"); !want.MatchString(m.Text) || !want.MatchString(m.HTML) {
			c.Errorf("%s: %s", lang, m.Text)
		}
		r := browser.Post("/auth/user/delete/", obj{"password": authtest.Password}).Want(200)
		if !want.MatchString(r.Text) {
			c.Errorf("%s: %s", lang, r.Text)
		}
		if m := c.mail("account_deleted"); !want.MatchString(m.Text) || !want.MatchString(m.HTML) {
			c.Errorf("%s: %s", lang, m.Text)
		}
	}
}

// OwnMailsNameTheUser: only at an address that the user has confirmed; whoever gives another's
// address for an account can choose its name, and may send no words that way (T093).
func OwnMailsNameTheUser(c *Case) {
	own := fstest.MapFS{}
	for _, kind := range []string{"verify", "account_exists", "reset", "login_code", "new_device", "password_changed", "secured", "account_deleted"} {
		own["mail/"+kind+".txt"] = &fstest.MapFile{Data: []byte("To <{{.Username}}> {{.Link}} {{.Code}}\n")}
	}
	c.startMail(byCode, func(cfg *config.Config) { cfg.Texts = own })
	wants := func(kind, name string) authtest.Mail {
		c.Helper()
		m := c.mail(kind)
		if !strings.HasPrefix(m.Text, "To <"+name+">\n") {
			c.Errorf("%s: %s, want the name %q", kind, m.Text, name)
		}
		return m
	}
	address := obj{"email": "ann@example.com"}
	ann := c.signedUp("ann")
	verify := wants("verify", "")
	c.client().Post("/auth/password/reset/", address).Want(200)
	wants("reset", "")
	c.client().Post("/auth/login/code/", address).Want(200)
	wants("login_code", "")
	c.loggedIn("ann")
	wants("new_device", "")
	ann.Post("/auth/registration/verify-email/", obj{"key": verify.Key(c.T)}).Want(200)

	c.client().Post("/auth/password/reset/", address).Want(200)
	wants("reset", "ann")
	c.client().Post("/auth/login/code/", address).Want(200)
	wants("login_code", "ann")
	c.signedUp("bob")
	wants("verify", "")
	bob := c.loggedIn("bob")
	wants("new_device", "")
	bob.Post("/auth/emails/", address).Want(201)
	wants("account_exists", "ann")
	c.loggedIn("ann")
	device := wants("new_device", "ann")
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	wants("password_changed", "ann")
	c.client().Post("/auth/security/revoke/", obj{"key": device.Key(c.T)}).Want(200)
	wants("secured", "ann")
}

// CheckOfOwnMails: a mail of the application that leaves out what protects its reader is found.
func CheckOfOwnMails(c *Case) {
	own := fstest.MapFS{"mail/verify.txt": {Data: []byte("Open {{.Link}}\n")}, "mail/new_device.html": {Data: []byte("<p>{{.Link}} {{.IP}} {{datetime .When}}")}}
	c.start(production)
	findings := c.check(func(cfg *config.Config) { cfg.Texts = own })
	c.want(findings, "warning Texts", "warning Texts")
	c.says(findings, "mail/verify.txt", "show {{.Opened}}")
	c.says(findings, "mail/new_device.html", "show {{.Device}}")
	own = fstest.MapFS{"mail/verify.txt": {Data: []byte(`{{define "title"}}Welcome{{end}}`)}}
	c.want(c.check(func(cfg *config.Config) { cfg.Texts = own }))
}
