package social_test

// Sign-ups that the front end completes.

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/dbtest"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/models"
)

var signUpCases = dbtest.Group{Name: "signup", Cases: []func(*dbtest.Case){
	formsAreCompleted, formsInTransactionsAreCompleted, namesAreChosen, addressesAreAsked, typedAddressesAreConfirmed, addressesOfOthersStayUnknown, mistypedAddressesAreCorrected,
	ticketsBelongToTheirBrowser, ticketsExpire, ticketsCreateUsersOnly, redirectsAskForTheRest, factsHaveThePaths, guardsOfSignUps, signUpsOfAllAreLimited, waitingProofsAreBounded,
	raceToComplete, raceToCompleteAndConnect, raceOfTickets,
}}

// SignUp is the sign-up form of an application.
type SignUp struct {
	binding.Register
	Company string `json:"company" binding:"required,max=20"`
	Invite  string `json:"invite"`
}

// company is a form with a required field, and an invitation that its function checks.
func company(cfg *config.Config) {
	cfg.NewUser = config.Model[Member]()
	cfg.Forms.SignUp = config.Form(func(f *SignUp, m *Member) error {
		if f.Invite == "wrong" {
			return binding.Invalid("invite", binding.Problem{Code: binding.CodeInvalid})
		}
		m.Plan, m.LastName = f.Company+" "+f.Username, "by the form"
		return nil
	})
}

// asked logs in, and wants the response that asks for more.
func asked(c *dbtest.Case, idp *idp, subject string, more ...obj) (*authtest.Client, social.SignUpRequired) {
	c.Helper()
	browser, r := enter(c, obj{"id_token": idp.idToken(subject, more...)})
	return browser, asksFor(c, r)
}

func asksFor(c *dbtest.Case, r *authtest.Response) (out social.SignUpRequired) {
	c.Helper()
	if r.Want(200).JSON(&out); !out.SignUpRequired || len(out.Ticket) != 43 {
		c.Fatalf("the response is %s", r.Text)
	}
	return out
}

func completes(browser *authtest.Client, ticket string, form obj) *authtest.Response {
	body := obj{"ticket": ticket}
	for name, value := range form {
		body[name] = value
	}
	return browser.Post("/auth/socialsignup/", body)
}

const ticketProblem = "ticket social_ticket"

func member(c *dbtest.Case, id int64) (m Member) {
	c.Helper()
	if err := c.DB.First(&m, id).Error; err != nil {
		c.Fatal(err)
	}
	return m
}

// formsAreCompleted: with a form of the application, a new user fills it in. Mistakes do not use up the ticket.
func formsAreCompleted(c *dbtest.Case) {
	var forms []string
	idp := start(c, acme(), company, func(cfg *config.Config) {
		cfg.Hooks.BeforeRegister = config.Hook(func(_ context.Context, _ *gorm.DB, m *Member, e config.Event) error {
			forms = append(forms, fmt.Sprintf("%s %+v", m.Username, *e.Form.(*SignUp)))
			return nil
		})
	})
	browser, out := asked(c, idp, "s1", verified("Ann@Example.com"), obj{"name": "Ann Dam", "preferred_username": "ann"})
	if !slices.Equal(out.Required, []string{"company"}) || len(out.Usernames) != 3 || out.Usernames[0] != "ann" || out.Email != "Ann@example.com" || !out.EmailVerified || out.FirstName != "Ann" {
		c.Errorf("the response is %+v", out)
	}
	if n := count(c, &models.User{}) + count(c, &models.Identity{}); n != 0 {
		c.Errorf("%d rows are stored before the sign-up is complete", n)
	}
	completes(browser, out.Ticket, nil).WantProblems("company required")
	completes(browser, out.Ticket, obj{"company": strings.Repeat("x", 21), "username": "a b", "email": "x"}).WantProblems("company max_length", "email invalid_email", "username invalid_username")
	completes(browser, out.Ticket, obj{"company": "Acme", "invite": "wrong"}).WantProblems("invite invalid")
	completes(browser, "x", obj{"company": "Acme"}).WantProblems(ticketProblem)
	r := completes(browser, out.Ticket, obj{"company": "Acme", "username": "annie", "email": "other@example.com", "is_staff": true, "password1": "ignored", "plan": "x"}).Want(201)
	user := me(browser)
	if !strings.Contains(r.Text, `"username":"annie"`) || user.Username != "annie" || user.Email != "Ann@example.com" || user.FirstName != "Ann" || user.LastName != "by the form" {
		c.Errorf("the new user is %+v: %s", user, r.Text)
	}
	if m := member(c, user.PK); m.Plan != "Acme annie" || m.HasPassword() || m.SignedUp || m.IsStaff || len(identities(c, user.PK)) != 1 {
		c.Errorf("the row is %+v", m)
	}
	if want := "[annie {Register:{Username: Email: Password1: Password2: Invitation:} Company:Acme Invite:}]"; fmt.Sprint(forms) != want {
		c.Errorf("the hook got %s, want %s", forms, want)
	}
	completes(browser, out.Ticket, obj{"company": "Acme"}).WantProblems(ticketProblem)
	c.NoMail()
	entered(c, idp, "s1", obj{"jti": "2"})
}

// formsInTransactionsAreCompleted: a form of config.FormTx runs in the transaction that creates the user.
func formsInTransactionsAreCompleted(c *dbtest.Case) {
	idp := start(c, acme(), func(cfg *config.Config) {
		cfg.NewUser = config.Model[Member]()
		cfg.Forms.SignUp = config.FormTx(func(_ context.Context, tx *gorm.DB, f *SignUp, m *Member) error {
			var n int64
			if err := tx.Model(&models.User{}).Where("username_key = ?", f.Invite).Count(&n).Error; err != nil || n == 0 {
				return cmpOr(err, binding.Invalid("invite", binding.Problem{Code: binding.CodeInvalid}))
			}
			m.Plan, m.FirstName = f.Company, "Form"
			return nil
		})
	})
	browser, out := asked(c, idp, "s1", verified("ann@example.com"))
	completes(browser, out.Ticket, obj{"company": "Acme", "invite": "bob"}).WantProblems("invite invalid")
	confirmed(c, "bob", nil)
	completes(browser, out.Ticket, obj{"company": "Acme", "invite": "bob"}).Want(201)
	if user := me(browser); user.FirstName != "Form" || member(c, user.PK).Plan != "Acme" {
		c.Errorf("the user is %+v", user)
	}
}

func cmpOr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// namesAreChosen: with AskUsername, and if the rules for names allow no suggestion.
func namesAreChosen(c *dbtest.Case) {
	idp := startWith(c, social.Options{Providers: []social.Provider{acme()}, AskUsername: true})
	confirmed(c, "ann", nil)
	browser, out := asked(c, idp, "s1", obj{"preferred_username": "ann"})
	if !slices.Equal(out.Required, []string{"username"}) || len(out.Usernames) != 3 || slices.Contains(out.Usernames, "ann") || !strings.HasPrefix(out.Usernames[0], "ann") {
		c.Errorf("the response is %+v", out)
	}
	completes(browser, out.Ticket, nil).WantProblems("username required")
	completes(browser, out.Ticket, obj{"username": "ANN"}).WantProblems("username taken")
	completes(browser, out.Ticket, obj{"username": "admin"}).WantProblems("username username_reserved")
	completes(browser, out.Ticket, obj{"username": out.Usernames[1], "first_name": "Anna"}).Want(201)
	if user := me(browser); user.Username != out.Usernames[1] || user.FirstName != "Anna" {
		c.Errorf("the user is %+v", user)
	}
	entered(c, idp, "s1", obj{"jti": "2"})
	idp = start(c, acme(), func(cfg *config.Config) { cfg.Username.Pattern = "[A-Z]+" })
	browser, out = asked(c, idp, "s1", obj{"preferred_username": "ann"})
	if !slices.Equal(out.Required, []string{"username"}) || len(out.Usernames) != 0 {
		c.Errorf("the response is %+v", out)
	}
	completes(browser, out.Ticket, obj{"username": "ann"}).WantProblems("username username_pattern")
	completes(browser, out.Ticket, obj{"username": "ANN"}).Want(201)
}

// ticketsBelongToTheirBrowser: a stolen ticket of a browser is worth nothing. Clients that get tokens have no cookie.
func ticketsBelongToTheirBrowser(c *dbtest.Case) {
	idp := start(c, acme(), company)
	browser, out := asked(c, idp, "s1")
	completes(c.Client(), out.Ticket, obj{"company": "Acme"}).WantProblems(ticketProblem)
	c.Clock.Advance(14 * time.Minute)
	completes(browser, out.Ticket, obj{"company": "Acme"}).Want(201)
	idp = start(c, acme(), company, func(cfg *config.Config) { cfg.Login = []config.Credential{config.OpaqueToken} })
	_, out = asked(c, idp, "s1")
	var login struct{ Key string }
	if completes(c.Client(), out.Ticket, obj{"company": "Acme"}).Want(201).JSON(&login); login.Key == "" {
		c.Error("no token")
	}
	for _, path := range []string{"/auth/token/refresh/", "/auth/mfa/verify/", "/auth/login/code/confirm/"} { // the ticket is no other credential
		if r := c.Client().Post(path, obj{"refresh": out.Ticket, "ephemeral_token": out.Ticket, "key": out.Ticket, "code": "000000"}); r.StatusCode < 400 {
			c.Errorf("%s: %d", path, r.StatusCode)
		}
	}
}

func ticketsExpire(c *dbtest.Case) {
	idp := start(c, acme(), company)
	browser, out := asked(c, idp, "s1")
	c.Clock.Advance(15 * time.Minute)
	completes(browser, out.Ticket, obj{"company": "Acme"}).WantProblems(ticketProblem)
	for _, wrong := range []string{"", " ", "\u0000", strings.Repeat("x", 43)} {
		if r := completes(browser, wrong, obj{"company": "Acme"}); r.StatusCode != 400 {
			c.Errorf("%q: %d", wrong, r.StatusCode)
		}
	}
	c.Clock.Advance(time.Minute)
	if _, err := c.Auth.Sweep(c.Context()); err != nil {
		c.Fatal(err)
	}
	if n := waitingRows(c); n != 0 {
		c.Errorf("%d rows are left", n)
	}
}

func waitingRows(c *dbtest.Case) (n int64) {
	c.Helper()
	if err := c.DB.Table("auth_social_code").Count(&n).Error; err != nil {
		c.Fatal(err)
	}
	return n
}

// ticketsCreateUsersOnly: what happened since the login counts. A ticket logs in no user who exists.
func ticketsCreateUsersOnly(c *dbtest.Case) {
	idp := start(c, acme(linking), company)
	browser, first := asked(c, idp, "s1", verified("ann@example.com"))
	eve := confirmed(c, "eve", nil)
	owner := c.LoggedIn("eve")
	owner.Post("/auth/acme/connect/", obj{"id_token": idp.idToken("s1", obj{"jti": "c"})}).Want(200)
	completes(browser, first.Ticket, obj{"company": "Acme"}).WantProblems(ticketProblem)
	browser.Get("/auth/user/").Want(401)
	if rows := identities(c, eve.ID); len(rows) != 1 || count(c, &models.User{}) != 1 {
		c.Errorf("the identities are %+v", rows)
	}
	bob, taken := asked(c, idp, "s4", verified("dan@example.com"))
	confirmed(c, "dan", nil)
	completes(bob, taken.Ticket, obj{"company": "Acme"}).WantProblems(emailTaken)
}

// redirectsAskForTheRest: the page gets a code, and its exchange asks for the rest, with and without a verifier.
func redirectsAskForTheRest(c *dbtest.Case) {
	idp := startFlow(c, company)
	for i, query := range []string{"?code_challenge=" + s256, ""} {
		browser := c.Client()
		code := trip(c, idp, browser, query, idp.claims(fmt.Sprint("s", i))).Query().Get("code")
		if n := waitingRows(c); n != 1 {
			c.Errorf("%d proofs wait for the exchange", n)
		}
		out := asksFor(c, exchange(browser, code, []string{verifier, ""}[i]))
		exchange(browser, code, verifier).WantProblems("non_field_errors social_code_not_valid")
		browser.Get("/auth/user/").Want(401)
		completes(browser, out.Ticket, obj{"company": "Acme"}).Want(201)
		me(browser)
		if n := waitingRows(c); n != 0 {
			c.Errorf("%d proofs are left", n)
		}
	}
	exchange(c.Client(), "x", verifier).WantProblems("non_field_errors social_code_not_valid")
}

// factsHaveThePaths: config/ has every path that a front end needs.
func factsHaveThePaths(c *dbtest.Case) {
	startFlow(c)
	want := `"social":{"providers":[{"name":"acme","login":"acme/","connect":"acme/connect/","redirect":"acme/login/","connect_redirect":"acme/connect/login/",` +
		`"reauthenticate_redirect":"acme/reauthenticate/login/"}],"signup":"socialsignup/","exchange":"socialexchange/"}`
	if text := c.Client().Get("/auth/config/").Want(200).Text; !strings.Contains(text, want) {
		c.Errorf("config/ has %s", text)
	}
}
