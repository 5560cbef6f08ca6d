package dbtest

// Texts and codes of another module's feature, which seals a user's account.

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"strings"
	"testing/fstest"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi"
)

type sealForm struct {
	Wax string `json:"wax" binding:"required"`
}

func sealTexts() fstest.MapFS {
	return fstest.MapFS{
		"locales/de.json": {Data: []byte(`{"done.sealed": "Versiegelt.", "error.seal_broken": "Das Siegel ist gebrochen.",
			"error.seal_wax": "Höchstens {{.Limit}} Gramm.", "mail.sealed": "Ihr Konto ist versiegelt"}`)},
		"locales/en.json": {Data: []byte(`{"done.sealed": "Sealed.", "error.seal_broken": "The seal is broken.",
			"error.seal_wax": "Use at most {{.Limit}} grams.", "mail.sealed": "Your account is sealed"}`)},
		"locales/it.json":  {Data: []byte(`{"done.sealed": "Sigillato."}`)}, // the library has no Italian
		"mail/sealed.txt":  {Data: []byte(`{{define "title"}}{{t "mail.sealed"}}{{end}}{{define "intro"}}{{t "mail.sealed"}}{{end}}{{define "label"}}{{end}}`)},
		"mail/sealed.html": {Data: []byte(`{{define "title"}}{{t "mail.sealed"}}{{end}}{{define "intro"}}{{t "mail.sealed"}}{{end}}{{define "label"}}{{end}}`)},
	}
}

func sealCodes() []binding.CodeDoc {
	return []binding.CodeDoc{
		{Code: "seal_broken", Statuses: []int{409}, Meaning: "somebody opened it"},
		{Code: "seal_wax", Meaning: "too much wax"},
	}
}

// seal is the feature.
func seal(s *core.Setup) error {
	s.Texts(sealTexts())
	s.Codes(sealCodes()...)
	s.Mail(core.MailKind{Name: "sealed", Notice: true})
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: "seal", Tag: "Seals", Access: core.AccessUser, Fails: []int{409}, Doc: "Seal the account.",
	}, func(g *gin.Context, in *sealForm) (binding.Detail, error) {
		switch in.Wax {
		case "none":
			return binding.Detail{}, &binding.Error{Status: 409, Code: "seal_broken"}
		case "much":
			return binding.Detail{}, binding.Invalid("wax", binding.Problem{Code: "seal_wax", Params: map[string]any{"Limit": 20}})
		}
		err := s.Core().Tx(g.Request.Context(), func(tx *core.Tx) error {
			user := core.User(g)
			return s.Core().Post(g, tx, core.Mail{Kind: "sealed", User: user, Address: user.Email})
		})
		return binding.Detail{Detail: s.Core().Say(g, "done.sealed", nil)}, err
	})
	return nil
}

// featureHasTexts: its codes, responses and mails are in the user's language, and the application can replace each text.
func featureHasTexts(c *Case) {
	c.Box = &authtest.Mailbox{}
	if err := c.newWith(seal, c.Box.Configure, func(cfg *config.Config) {
		cfg.Texts = fstest.MapFS{
			"locales/de.json": {Data: []byte(`{"error.seal_broken": "Kaputt.", "error.seal_broken.seal": "Ganz kaputt."}`)},
			"locales/es.json": {Data: []byte(`{"done.sealed": "Sellado."}`)},
			"mail/sealed.txt": {Data: []byte(`{{define "subject"}}Seal, {{.Lang}}{{end}}`)},
		}
	}); err != nil {
		c.Fatal(err)
	}
	ann := c.SignedUp("ann")
	c.Mail("verify")
	ann.Post("/auth/seal/", obj{"wax": "red"}).Want(200)
	m := c.Mail("sealed")
	if m.Subject != "Seal, en" || !strings.Contains(m.HTML, "Your account is sealed") || !strings.Contains(m.Text, "Your account is sealed") {
		c.Errorf("%s\n%s", m.Subject, m.HTML)
	}
	for _, try := range []struct{ wax, lang, want, in string }{
		{"red", "en", "Sealed.", "en"}, {"red", "de", "Versiegelt.", "de"}, {"red", "fr", "Sealed.", "fr"}, {"red", "es", "Sellado.", "es"},
		{"red", "it", "Sealed.", "en"},
		{"none", "en", "The seal is broken.", "en"}, {"none", "de", "Ganz kaputt.", "de"},
		{"much", "en", "Use at most 20 grams.", "en"}, {"much", "de", "Höchstens 20 Gramm.", "de"},
	} {
		r := ann.Do("POST", "/auth/seal/", obj{"wax": try.wax}, "Accept-Language", try.lang)
		if !strings.Contains(r.Text, try.want) || r.StatusCode != 200 && r.Header.Get("Content-Language") != try.in {
			c.Errorf("%s in %s: %d %s in %q", try.wax, try.lang, r.StatusCode, r.Text, r.Header.Get("Content-Language"))
		}
	}
	ann.Post("/auth/seal/", obj{"wax": "none"}).WantCode(409, "seal_broken")
	ann.Post("/auth/seal/", obj{"wax": "much"}).WantProblems("wax seal_wax")
	document, err := openapi.Document(c.Auth)
	if err != nil {
		c.Fatal(err)
	}
	text, _ := json.Marshal(document)
	for _, want := range []string{`"seal_broken"`, "`seal_broken`: 409: somebody opened it", "`seal_wax`: too much wax", `"Seals"`} {
		if !strings.Contains(string(text), want) {
			c.Errorf("the document does not have %s", want)
		}
	}
}

// wrongTextsAreErrorsOfNew: each mistake in texts and codes of a feature, and in texts that replace them.
func wrongTextsAreErrorsOfNew(c *Case) {
	box := &authtest.Mailbox{}
	with := func(texts fs.FS, codes ...binding.CodeDoc) core.Feature {
		return func(s *core.Setup) error {
			s.Texts(texts)
			s.Codes(codes...)
			return nil
		}
	}
	file := func(name, text string) fs.FS { return fstest.MapFS{name: {Data: []byte(text)}} }
	both := func(features ...core.Feature) core.Feature {
		return func(s *core.Setup) error {
			for _, feature := range features {
				if err := feature(s); err != nil {
					return err
				}
			}
			return nil
		}
	}
	doc := func(code binding.Code) binding.CodeDoc { return binding.CodeDoc{Code: code, Meaning: "x"} }
	mail := func(s *core.Setup) error { s.Mail(core.MailKind{Name: "sealed"}); return nil }
	for want, feature := range map[string]core.Feature{
		"Texts needs a file system":                            with(nil),
		"error.taken: the library or another feature has":      with(file("locales/en.json", `{"error.taken": "Mine."}`)),
		"done.sealed: the library or another feature has":      both(seal, with(file("locales/en.json", `{"done.sealed": "Mine."}`))),
		"done.waxed: there is no English text":                 with(file("locales/de.json", `{"done.waxed": "Gewachst."}`)),
		"locales/de.json: line 1":                              with(file("locales/de.json", `{`)),
		"mail/verify.txt: there is no mail":                    with(file("mail/verify.txt", "x")),
		"mail/sealed.txt: there is no mail":                    with(file("mail/sealed.txt", "x")),
		"mail/sealed.txt: another feature has this file":       both(seal, with(file("mail/sealed.txt", "x"))),
		"mail/sealed.html: the feature that declares this":     both(mail, with(file("mail/sealed.txt", "x"))),
		`the code "taken" is declared already`:                 with(sealTexts(), doc("taken")),
		`the code "seal_wax" is declared already`:              both(seal, with(file("x", ""), doc("seal_wax"))),
		`the code "Wax!" needs lower-case`:                     with(file("x", ""), doc("Wax!")),
		`Codes: the code "busy" is declared already`:           nil,
		`error.app_cod: there is no such message`:              nil,
		`error.seal_wax: template: :1:11: executing "" at <.X`: seal,
	} {
		err := c.newWith(orNothing(feature), box.Configure, func(cfg *config.Config) {
			switch {
			case strings.HasPrefix(want, "Codes"):
				cfg.Codes = []binding.CodeDoc{doc("busy")}
			case strings.HasPrefix(want, "error.app"):
				cfg.Codes = []binding.CodeDoc{doc("app_code")}
				cfg.Texts = file("locales/de.json", `{"error.app_code": "Ja.", "error.app_cod": "Nein."}`)
			case strings.HasPrefix(want, "error.seal"):
				cfg.Texts = file("locales/de.json", `{"error.seal_wax": "Zu viel: {{.X}}"}`)
			}
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			c.Errorf("want %q, got %v", want, err)
		}
	}
}

func orNothing(feature core.Feature) core.Feature {
	if feature == nil {
		return func(*core.Setup) error { return nil }
	}
	return feature
}

// otherMistakesAddNoErrorsOfTexts: if another mistake keeps New from calling features, the texts that replace theirs are
// not reported.
func otherMistakesAddNoErrorsOfTexts(c *Case) {
	box := &authtest.Mailbox{}
	err := c.newWith(seal, box.Configure, func(cfg *config.Config) {
		cfg.Secret = ""
		cfg.Texts = fstest.MapFS{
			"locales/de.json": {Data: []byte(`{"error.seal_broken": "Kaputt.", "error.taken": "Weg."}`)},
			"mail/sealed.txt": {Data: []byte(`{{define "subject"}}Seal{{end}}`)},
		}
	})
	if err == nil || !strings.Contains(err.Error(), "Secret") || strings.Contains(err.Error(), "seal") {
		c.Error(err)
	}
}
