package dbtest

import (
	"regexp"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var localeCases = Group{Name: "locale", Cases: []func(*Case){
	responsesUseTheUsersLanguage, mailsUseTheUsersLanguage, textsCanBeReplaced, noticesUseTheOwnersLanguage,
	noticesKeepTheLanguageBeforeAChange, datesHaveTheFormOfTheLanguage, ownMailsNameTheUser, checkOfOwnMails, ownCodesHaveTexts, missingTextsAreLogged, hooksAndFormsKnowTheLanguage,
	languageOfResponsesCanBeFixed, textsCanBeReplacedByFieldAndRoute,
}}

// responsesUseTheUsersLanguage: first the user's own language, then the one that the client prefers, then the default.
func responsesUseTheUsersLanguage(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.DefaultLocale = "fr" })
	ask := func(browser *authtest.Client, accept string) *authtest.Response {
		return browser.Do("POST", "/auth/login/", obj{}, "Accept-Language", accept, "Accept", "application/json")
	}
	texts := map[string]bool{}
	for accept, lang := range map[string]string{
		"en": "en", "de-AT, en;q=0.5": "de", "es": "es", "pt-BR": "pt", "zh-CN": "zh", "ja": "ja", "": "fr", "xx, *;q=0": "fr",
		strings.Repeat("de,", 10000): "de", "\x00;;q=,": "fr",
	} {
		r := ask(c.Client(), accept)
		r.Want(400)
		texts[r.Text] = true
		if got := r.Header.Get("Content-Language"); got != lang {
			c.Errorf("%.20q: the response is in %q, want %q", accept, got, lang)
		}
	}
	if len(texts) != 7 {
		c.Errorf("%d texts in 7 languages", len(texts))
	}
	ann := c.SignedUp("ann")
	ann.Patch("/auth/user/", obj{"locale": "no language!"}).WantProblems("locale invalid")
	ann.Patch("/auth/user/", obj{"locale": "es"}).Want(200)
	r := ann.Do("POST", "/auth/password/change/", change(authtest.Password, "Mirror-Maze-88"), "Accept-Language", "ja").Want(200)
	if !strings.Contains(r.Text, "contraseña") {
		c.Errorf("for a Spanish user: %s", r.Text)
	}
}

func mailsUseTheUsersLanguage(c *Case) {
	c.StartMail()
	browser := c.Client()
	browser.Do("POST", "/auth/registration/", authtest.SignUp("ann"), "Accept-Language", "de-CH, fr;q=0.8").Want(201)
	m := c.Mail("verify")
	if m.Lang != "de" || !strings.Contains(m.HTML, `lang="de"`) || !strings.Contains(m.Text, "Adresse") {
		c.Errorf("in %s: %s", m.Lang, m.Text)
	}
	c.Client().Do("POST", "/auth/password/reset/", obj{"email": "ann@example.com"}, "Accept-Language", "ja").Want(200)
	if m := c.Mail("reset"); m.Lang != "de" { // a stranger may have asked for it
		c.Errorf("in %s", m.Lang)
	}
	if c.user("ann").Locale != "de" {
		c.Errorf("the user's language is %q", c.user("ann").Locale)
	}
	c.SignedUp("bob")
	if m := c.Mail("verify"); m.Lang != "en" || c.user("bob").Locale != "" {
		c.Errorf("in %s, the user's is %q", m.Lang, c.user("bob").Locale)
	}
}

// noticesUseTheOwnersLanguage: the Accept-Language of an intruder does not count for notices, and neither does a
// language that the intruder sets.
func noticesUseTheOwnersLanguage(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.DefaultLocale = "fr" })
	for name, own := range map[string]string{"ann": "de", "bob": ""} {
		want := map[string]string{"de": "de", "": "fr"}[own]
		c.verified(name)
		if own != "" { // already set; MariaDB then reports no changed row
			c.set(name, map[string]any{"locale": own})
		}
		thief := c.Client()
		thief.Do("POST", "/auth/login/", authtest.Login(name), "Accept-Language", "ja").Want(200)
		device := c.Mail("new_device")
		if device.Lang != want {
			c.Errorf("%s: new_device in %s, want %s", name, device.Lang, want)
		}
		thief.Patch("/auth/user/", obj{"locale": "zh"}).Want(200)
		thief.Patch("/auth/user/", obj{"locale": "ja"}).Want(200)
		thief.Do("POST", "/auth/password/change/", change(authtest.Password, "Mirror-Maze-88"), "Accept-Language", "ja").Want(200)
		if m := c.Mail("password_changed"); m.Lang != want {
			c.Errorf("%s: password_changed in %s, want %s", name, m.Lang, want)
		}
		c.Client().Do("POST", "/auth/security/revoke/", obj{"key": device.Key(c.T)}, "Accept-Language", "es").Want(200)
		if m := c.Mail("secured"); m.Lang != "es" {
			c.Errorf("%s: secured in %s, want that of the owner's browser", name, m.Lang)
		}
	}
}

// noticesKeepTheLanguageBeforeAChange: an intruder sets a language in one session and makes the change in another one,
// or with a personal token. The previous language counts for Mail.NoticeLifetime after the last change of language, then
// the new one.
func noticesKeepTheLanguageBeforeAChange(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.Mail.NoticeLifetime = 48 * time.Hour }, withEverything)
	c.verified("ann")
	c.set("ann", map[string]any{"locale": "de"})
	c.Mails()
	one := c.LoggedIn("ann")
	one.Patch("/auth/user/", obj{"locale": "de"}).Want(200) // the same language, so not a change
	one.Patch("/auth/user/", obj{"locale": "zh"}).Want(200)
	c.Mails()
	two := c.LoggedIn("ann")
	if m := c.Mail("new_device"); m.Lang != "de" {
		c.Errorf("new_device in %s, want de", m.Lang)
	}
	c.personal(two, obj{"name": "x", "password": authtest.Password})
	if m := c.Mail("token_created"); m.Lang != "de" {
		c.Errorf("token_created in %s, want de", m.Lang)
	}
	c.Clock.Advance(40 * time.Hour)
	c.LoggedIn("ann").Patch("/auth/user/", obj{"locale": "ja"}).Want(200)
	c.Mails()
	c.Clock.Advance(40 * time.Hour)
	three := c.LoggedIn("ann")
	three.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	for _, m := range c.Mails() {
		if m.Lang != "de" {
			c.Errorf("%s in %s, want de", m.Kind, m.Lang)
		}
	}
	c.Clock.Advance(8 * time.Hour)
	three.Post("/auth/password/change/", change("Mirror-Maze-88", authtest.Password)).Want(200)
	if m := c.Mail("password_changed"); m.Lang != "ja" {
		c.Errorf("password_changed in %s, want ja", m.Lang)
	}
}

// datesHaveTheFormOfTheLanguage, in responses and in mails.
func datesHaveTheFormOfTheLanguage(c *Case) {
	c.StartMail(func(cfg *config.Config) { cfg.DeleteGrace = 7 * 24 * time.Hour })
	for lang, form := range map[string]string{"de": `\d\d\.\d\d\.20\d\d um \d\d:\d\d Uhr`, "ja": `20\d\d年\d+月\d+日 \d\d:\d\d`, "en": `[A-Z][a-z]+ \d+, 20\d\d at \d+:\d\d [AP]M\sUTC`} {
		want := regexp.MustCompile(form)
		browser := c.Client()
		browser.Do("POST", "/auth/registration/", authtest.SignUp("ann-"+lang), "Accept-Language", lang).Want(201)
		if m := c.Mail("verify"); !want.MatchString(m.Text) || !want.MatchString(m.HTML) {
			c.Errorf("%s: %s", lang, m.Text)
		}
		r := browser.Post("/auth/user/delete/", obj{"password": authtest.Password}).Want(200)
		if !want.MatchString(r.Text) {
			c.Errorf("%s: %s", lang, r.Text)
		}
		if m := c.Mail("account_deleted"); !want.MatchString(m.Text) || !want.MatchString(m.HTML) {
			c.Errorf("%s: %s", lang, m.Text)
		}
	}
}
