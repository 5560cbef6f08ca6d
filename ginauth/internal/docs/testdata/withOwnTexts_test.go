package snippet

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
)

// TestWithOwnTexts puts the two files of the recipe in place of the embedded ones.
func TestWithOwnTexts(t *testing.T) {
	_, recipe, _ := strings.Cut(docs.Read(t, "ginauth/RECIPES.md"), "\n### Your own mail templates and languages\n")
	block := func(language string) []byte {
		found := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindStringSubmatch(recipe)
		if found == nil {
			t.Fatal("no", language)
		}
		return []byte(found[1])
	}
	if withOwnTexts(config.Config{}).Texts == nil {
		t.Error("no texts")
	}
	box := &authtest.Mailbox{}
	app := memory.New(t, box.Configure, func(cfg *config.Config) {
		*cfg = withOwnTexts(*cfg)
		cfg.Texts = fstest.MapFS{"locales/en.json": {Data: block("json")}, "mail/reset.html": {Data: block("html")}}
	})
	app.User(t, "ann")
	app.Client(t).Post("/auth/password/reset/", map[string]string{"email": "ann@example.com"}).Want(200)
	mail := app.Mails(t, box)[0]
	for _, want := range []string{"Welcome to Acme", "Choose a password, and your account is ready.", "1 Main Street", mail.Link(t)} {
		if !strings.Contains(mail.HTML, want) {
			t.Errorf("%q is not in %s", want, mail.HTML)
		}
	}
	if mail.Subject != "[Example] Welcome to Acme" || !strings.Contains(mail.Text, "Choose a password") {
		t.Errorf("%s\n%s", mail.Subject, mail.Text)
	}
	if refused := app.Client(t).Post("/auth/login/", binding.Login{Username: "ann", Password: "wrong"}).Want(400); !strings.Contains(refused.Text, "do not match") {
		t.Errorf("the login returned %s", refused.Text)
	}
}
