package pin_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/example/pin"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi"
)

type obj = map[string]any

var cases = dbtest.Group{Name: "pin", Cases: []func(*dbtest.Case){
	loginAsksForThePin, pinIsShown, pinsNeedARecentLogin, pinIsReplacedAndRemoved, deletedUsersLeaveNoPin, noticeRemovesPin, textsAreTranslated,
	exportHasPin, routesAreDocumented, settingsAreChecked,
}}

func TestSQLite(t *testing.T)   { dbtest.Run(t, openSQLite, cases) }
func TestPostgres(t *testing.T) { dbtest.Run(t, openPostgres(t), cases) }
func TestMySQL(t *testing.T)    { dbtest.Run(t, openMySQL(t), cases) }

// exportHasPin: the data that a user downloads has the time of the PIN and not its hash.
func exportHasPin(c *dbtest.Case) {
	start(c, func(cfg *config.Config) { cfg.Export.Enabled = true })
	var out struct{ Features struct{ Pin pin.State } }
	r := withPin(c, "ann").Get("/auth/user/export/").Want(200)
	r.JSON(&out)
	if out.Features.Pin.SetAt == nil || strings.Contains(r.Text, "mac") {
		c.Error(r.Text)
	}
}

func start(c *dbtest.Case, change ...func(*config.Config)) {
	c.With(pin.Feature(pin.Options{MinDigits: 4})).StartMail(change...)
}

// withPin signs a user up and sets a PIN.
func withPin(c *dbtest.Case, name string) *authtest.Client {
	c.Helper()
	browser := c.SignedUp(name)
	c.Mails()
	browser.Post("/auth/pin/", obj{"pin": "2468"}).Want(200)
	return browser
}

// challenge logs in with the password and returns the ephemeral token.
func challenge(c *dbtest.Case, browser *authtest.Client, name string) string {
	c.Helper()
	var out binding.Challenge
	browser.Post("/auth/login/", authtest.Login(name)).Want(200).JSON(&out)
	if len(out.Factors) != 1 || out.Factors[0] != "pin" {
		c.Fatalf("the login asks for %v", out.Factors)
	}
	return out.EphemeralToken
}

func rows(c *dbtest.Case) (n int64) {
	c.Helper()
	if err := c.DB.Model(&pin.Pin{}).Count(&n).Error; err != nil {
		c.Fatal(err)
	}
	return n
}

func loginAsksForThePin(c *dbtest.Case) {
	start(c)
	withPin(c, "ann")
	browser := c.Client()
	token := challenge(c, browser, "ann")
	browser.Get("/auth/user/").Want(401)
	browser.Post("/auth/pin/verify/", obj{"ephemeral_token": token, "pin": "1111"}).WantProblems("pin pin_wrong")
	browser.Post("/auth/pin/verify/", obj{"ephemeral_token": "x", "pin": "2468"}).WantProblems("ephemeral_token ticket_not_valid")
	browser.Post("/auth/pin/verify/", obj{"ephemeral_token": token, "pin": "2468"}).Want(200)
	browser.Get("/auth/user/").Want(200)
	c.Client().Post("/auth/pin/verify/", obj{"ephemeral_token": token, "pin": "2468"}).WantProblems("ephemeral_token ticket_not_valid")
	var row pin.Pin
	if err := c.DB.First(&row).Error; err != nil || strings.Contains(row.MAC, "2468") {
		c.Errorf("the stored MAC is %q, %v", row.MAC, err)
	}
}

// pinIsShown: the user can see when the PIN was set.
func pinIsShown(c *dbtest.Case) {
	start(c)
	browser := c.SignedUp("ann")
	read := func() (out pin.State) {
		c.Helper()
		browser.Get("/auth/pin/").Want(200).JSON(&out)
		return out
	}
	if at := read().SetAt; at != nil {
		c.Errorf("without a PIN: %v", at)
	}
	withPin(c, "bob")
	browser.Post("/auth/pin/", obj{"pin": "2468"}).Want(200)
	if at := read().SetAt; at == nil || !at.Equal(c.Clock.Now().Truncate(time.Millisecond)) {
		c.Errorf("with a PIN: %v", at)
	}
	c.Client().Get("/auth/pin/").Want(401)
}

func pinsNeedARecentLogin(c *dbtest.Case) {
	start(c)
	browser := c.SignedUp("ann")
	c.Clock.Advance(time.Hour)
	browser.Post("/auth/pin/", obj{"pin": "2468"}).WantCode(403, "fresh_login_required")
	browser.Post("/auth/pin/", obj{"pin": "2468", "password": authtest.Password}).Want(200)
	c.Clock.Advance(time.Hour)
	browser.Post("/auth/pin/remove/", nil).WantCode(403, "fresh_login_required")
	c.Client().Post("/auth/pin/", obj{"pin": "2468"}).Want(401)
	for bad, want := range map[string]string{"": "pin blank", "123": "pin pin_too_short", "12a4": "pin invalid", strings.Repeat("1", 13): "pin max_length"} {
		browser.Post("/auth/pin/", obj{"pin": bad, "password": authtest.Password}).WantProblems(want)
	}
}

func pinIsReplacedAndRemoved(c *dbtest.Case) {
	start(c)
	browser := withPin(c, "ann")
	browser.Post("/auth/pin/", obj{"pin": "13579"}).Want(200)
	other := c.Client()
	token := challenge(c, other, "ann")
	other.Post("/auth/pin/verify/", obj{"ephemeral_token": token, "pin": "2468"}).Want(400)
	other.Post("/auth/pin/verify/", obj{"ephemeral_token": token, "pin": "13579"}).Want(200)
	other.Post("/auth/pin/remove/", nil).Want(200)
	if n := rows(c); n != 0 {
		c.Errorf("%d rows", n)
	}
	c.LoggedIn("ann").Get("/auth/user/").Want(200)
}

func deletedUsersLeaveNoPin(c *dbtest.Case) {
	start(c)
	browser := withPin(c, "ann")
	withPin(c, "bob")
	browser.Post("/auth/user/delete/", nil).Want(200)
	if n := rows(c); n != 1 {
		c.Errorf("%d rows, want only the one of bob", n)
	}
}

// noticeRemovesPin: the link "it was not me" in the mail about a new PIN removes the PIN.
func noticeRemovesPin(c *dbtest.Case) {
	start(c)
	withPin(c, "ann")
	notice := c.Mail("pin_set")
	if !strings.Contains(notice.Text, "also asks for this PIN") || !strings.Contains(notice.HTML, "also asks for this PIN") {
		c.Error(notice.Text)
	}
	c.Client().Post("/auth/security/revoke/", obj{"key": notice.Key(c.T)}).Want(200)
	if n := rows(c); n != 0 {
		c.Errorf("%d rows", n)
	}
	reset := c.Mail("secured")
	c.Client().Post("/auth/password/reset/confirm/", obj{
		"uid": reset.UID(c.T), "token": reset.Key(c.T), "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88",
	}).Want(200)
	browser := c.Client()
	browser.Post("/auth/login/", binding.Login{Username: "ann", Password: "Mirror-Maze-88"}).Want(200)
	browser.Get("/auth/user/").Want(200)
}

func textsAreTranslated(c *dbtest.Case) {
	start(c)
	browser := c.SignedUp("ann")
	for lang, want := range map[string][2]string{
		"de": {"Verwenden Sie mindestens 4 Ziffern.", "Ihre PIN ist gesetzt."},
		"en": {"Use at least 4 digits.", "Your PIN is set."},
		"fr": {"Use at least 4 digits.", "Your PIN is set."},
	} {
		short := browser.Do("POST", "/auth/pin/", obj{"pin": "1"}, "Accept-Language", lang).Want(400)
		set := browser.Do("POST", "/auth/pin/", obj{"pin": "2468"}, "Accept-Language", lang).Want(200)
		if !strings.Contains(short.Text, want[0]) || !strings.Contains(set.Text, want[1]) {
			c.Errorf("%s: %s %s", lang, short.Text, set.Text)
		}
	}
}

// routesAreDocumented: the document has the routes, and the challenge among the responses of the login.
func routesAreDocumented(c *dbtest.Case) {
	start(c)
	document, err := openapi.Document(c.Auth)
	if err != nil {
		c.Fatal(err)
	}
	text, _ := json.Marshal(document)
	for _, want := range []string{`"/pin/"`, `"/pin/remove/"`, `"/pin/verify/"`, `"SetPin"`, `"Challenge"`, `"pin_wrong"`} {
		if !strings.Contains(string(text), want) {
			c.Errorf("the document lacks %s", want)
		}
	}
}

func settingsAreChecked(c *dbtest.Case) {
	start(c)
	finding := func(digits int) string {
		cfg := c.Auth.Config()
		return fmt.Sprint(ginauth.Check(c.Context(), c.DB, cfg, pin.Feature(pin.Options{MinDigits: digits})))
	}
	if found := finding(4); !strings.Contains(found, "pin.Options.MinDigits") || !strings.Contains(found, "4 digits") {
		c.Error(found)
	}
	if found := finding(8); strings.Contains(found, "pin.") {
		c.Error(found)
	}
	if _, err := ginauth.New(c.DB, c.Auth.Config(), pin.Feature(pin.Options{MinDigits: 2})); err == nil || !strings.Contains(err.Error(), "pin.Options.MinDigits") {
		c.Error(err)
	}
}

// TestGuide: the code in the guide is the code of this package.
func TestGuide(t *testing.T) {
	read := func(file string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	code := read("pin.go") + read("pin_test.go")
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(read("../../ginauth/core/README.md"), -1)
	if len(blocks) < 7 {
		t.Errorf("the guide has %d blocks of code", len(blocks))
	}
	for _, block := range blocks {
		if !strings.Contains(code, block[1]) {
			t.Errorf("neither pin.go nor pin_test.go contains\n%s", block[1])
		}
	}
}
