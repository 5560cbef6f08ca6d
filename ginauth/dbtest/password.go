package dbtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var passwordCases = Group{Name: "password", Cases: []func(*Case){
	passwordChangeEndsOtherSessions, passwordChangeCanEndThisSession, passwordChangeChecks, passwordChangeWithoutOld,
	passwordRulesCanBeReplaced, passwordHashCanBeBcrypt, passwordInEachUnicodeSpelling, oldHashesOfOtherSpellings,
	passwordCutByBcrypt, passwordChangeEndsCopiedTokenCookies, passwordChangeEndsARefreshInFlight, refreshDuringAPasswordChange, passwordChangeEndsTokensOfTheSameLogin,
	passwordChangeEndsDuplicateTokenCookies, passwordChangeRotatesCookies, raceToChangeThePassword,
	slowPasswordChangeFailsWhenItsSessionEnds, laterPasswordRuleReplacesTheDefault, passwordChangeSentTwice,
	passwordsForDjango, loginKeepsHashesOfDjango,
	firstPasswordIsSet, firstPasswordNeedsARecentLogin, firstPasswordIsRefused, raceToSetThePassword,
	breachedPasswordsAreRejected, passwordRulesRunOutsideTransactions,
	passwordPageIsAtTheRoot, passwordPageOfAGroup, passwordPageMustBeAPage,
}}

// slowPasswordChangeFailsWhenItsSessionEnds: also if the session was ended and the password is the same.
func slowPasswordChangeFailsWhenItsSessionEnds(c *Case) {
	for _, logout := range []bool{false, true} {
		var m interruption
		c.documented = nil
		c.StartMail(func(cfg *config.Config) {
			cfg.LogoutOnPasswordChange = logout
			cfg.Forms.PasswordChange = config.Form(func(*slowChange, *models.User) error { m.run(); return nil })
		})
		ann := c.verified("ann")
		thief := c.LoggedIn("ann")
		m.set(func() { ann.Delete("/auth/sessions/").Want(204) })
		thief.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(401)
		ann.Get("/auth/user/").Want(200)
		c.LoggedIn("ann")
	}
}

// passwordChangeEndsOtherSessions covers T038: a new password ends every session except the one that changed it.
func passwordChangeEndsOtherSessions(c *Case) {
	c.Start()
	ann, bob := c.SignedUp("ann"), c.SignedUp("bob")
	other, copied := c.LoggedIn("ann"), ann.Clone()
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	ann.Get("/auth/user/").Want(200)
	bob.Get("/auth/user/").Want(200)
	other.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	copied.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed) // the key changes as well
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(200)
}

func passwordChangeCanEndThisSession(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.LogoutOnPasswordChange = true })
	ann := c.SignedUp("ann")
	copied := ann.Clone()
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	if len(ann.Cookies) != 0 {
		c.Errorf("cookies left: %v", ann.Cookies)
	}
	copied.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	if n := c.count(&models.Session{}); n != 0 {
		c.Errorf("%d sessions left", n)
	}
}

func passwordChangeChecks(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	post := func(body any) *authtest.Response { return ann.Post("/auth/password/change/", body) }
	c.Client().Post("/auth/password/change/", change("x", "Mirror-Maze-88")).WantCode(401, binding.CodeNotAuthenticated)
	post(obj{}).WantProblems("old_password required", "new_password1 required", "new_password2 required")
	post(obj{"old_password": "", "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}).WantProblems("old_password blank")
	post(change("wrong", "Mirror-Maze-88")).WantProblems("old_password password_incorrect")
	post(obj{"old_password": "wrong", "new_password1": ""}).
		WantProblems("old_password password_incorrect", "new_password1 blank", "new_password2 required")
	post(obj{"old_password": authtest.Password, "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-89"}).
		WantProblems("new_password2 password_mismatch")
	post(change(authtest.Password, "1234567")).WantProblems(
		"new_password2 password_too_short", "new_password2 password_too_common", "new_password2 password_numeric")
	post(change(authtest.Password, "ann@example.com")).WantProblems("new_password2 password_too_similar")
	ann.Get("/auth/user/").Want(200)
	c.LoggedIn("ann")
}

func passwordChangeWithoutOld(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.AllowPasswordChangeWithoutOld = true })
	ann := c.SignedUp("ann")
	ann.Post("/auth/password/change/", change("wrong", "Mirror-Maze-88")).WantProblems("old_password password_incorrect")
	body := obj{"new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}
	ann.Post("/auth/password/change/", body).Want(200)
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(200)
}

func passwordRulesCanBeReplaced(c *Case) {
	broken := errors.New("the service that was broken into is down")
	rule := config.PasswordRuleFunc(func(_ context.Context, password string, u *models.User) (*binding.Problem, error) {
		if password == "outage" {
			return nil, broken
		}
		if strings.Contains(password, u.Username) {
			return &binding.Problem{Code: "no_names", Message: "Leave your name out of it."}, nil
		}
		return nil, nil
	})
	c.Start(func(cfg *config.Config) { cfg.PasswordRules = []config.PasswordRule{rule} })
	in := authtest.SignUp("ann")
	in.Password1, in.Password2 = "hi ann", "hi ann"
	c.Client().Post("/auth/registration/", in).WantProblems("password1 no_names")
	in.Password1, in.Password2 = "outage", "outage"
	c.Client().Post("/auth/registration/", in).WantCode(503, binding.CodeUnavailable)
	if !strings.Contains(c.Log.String(), broken.Error()) {
		c.Errorf("the reason was not logged: %s", c.Log)
	}
	in.Password1, in.Password2 = "x", "x"
	c.Client().Post("/auth/registration/", in).Want(201)
}

// passwordHashCanBeBcrypt covers T017: at most 72 bytes.
func passwordHashCanBeBcrypt(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.Hash.Algorithm, cfg.Hash.Cost = "bcrypt", 4 })
	long := strings.Repeat("xY3-", 18) // 72 bytes
	in := authtest.SignUp("ann")
	in.Password1, in.Password2 = long+"z", long+"z"
	c.Client().Post("/auth/registration/", in).WantProblems("password1 password_too_long")
	in.Password1, in.Password2 = long, long
	ann := c.Client()
	ann.Post("/auth/registration/", in).Want(201)
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": long}).Want(200)
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": long + "z"}).WantProblems("non_field_errors invalid_credentials")
	ann.Post("/auth/password/change/", change(long, long+"z")).WantProblems("new_password2 password_too_long")
}

// raceToChangeThePassword: of several concurrent changes with the same old password, one succeeds. Its session lives,
// and its password is the one that is stored.
func raceToChangeThePassword(c *Case) {
	c.Start()
	const n = 16
	var browsers [n]*authtest.Client
	browsers[0] = c.SignedUp("ann")
	for i := 1; i < n; i++ {
		browsers[i] = c.LoggedIn("ann")
	}
	var winner int
	var mu sync.Mutex
	got := c.concurrently(n, func(i int) *authtest.Response {
		r := browsers[i].Post("/auth/password/change/", change(authtest.Password, fmt.Sprintf("Mirror-Maze-%d", i)))
		if r.StatusCode == 200 {
			mu.Lock()
			defer mu.Unlock()
			winner = i
		}
		return r
	})
	if got[200] != 1 || got[400]+got[401] != n-1 {
		c.Errorf("got %v, want one 200 and no 5xx; log: %s", got, c.Log)
	}
	browsers[winner].Get("/auth/user/").Want(200)
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": fmt.Sprintf("Mirror-Maze-%d", winner)}).Want(200)
	if n := c.count(&models.Session{}); n != 2 {
		c.Errorf("%d sessions, want the winner's and the new login's", n)
	}
}

// laterPasswordRuleReplacesTheDefault: a rule that is appended to the default rules replaces the default rule of its
// kind.
func laterPasswordRuleReplacesTheDefault(c *Case) {
	in := authtest.SignUp("marigold")
	for _, length := range []int{12, 6} {
		c.Start(func(cfg *config.Config) {
			cfg.PasswordRules = append(config.DefaultPasswordRules(), config.MinLength(length))
		})
		in.Password1 = "xY3-xY3-xY3"[:length-1]
		in.Password2 = in.Password1
		c.Client().Post("/auth/registration/", in).WantProblems("password1 password_too_short")
	}
	in.Password1, in.Password2 = "xY3-xY3", "xY3-xY3"
	c.Client().Post("/auth/registration/", in).Want(201)
	in = authtest.SignUp("tulip")
	in.Password1, in.Password2 = "tulip-xY3", "tulip-xY3"
	c.Start(func(cfg *config.Config) {
		cfg.PasswordRules = append(config.DefaultPasswordRules(), config.NotSimilar{Max: 0.99})
	})
	c.Client().Post("/auth/registration/", in).Want(201)
}

// passwordChangeSentTwice: a double click gets the same response twice, for each kind of login.
func passwordChangeSentTwice(c *Case) {
	for i, login := range [][]config.Credential{{config.SessionCookie}, {config.OpaqueToken}, {config.JSONWebToken}} {
		var m interruption
		c.Start(func(cfg *config.Config) {
			cfg.Login, cfg.AllowPasswordChangeWithoutOld, cfg.JWT.Transport = login, true, config.InCookies
			cfg.Forms.PasswordChange = config.Form(func(*slowChange, *models.User) error { m.run(); return nil })
		})
		var out binding.LoginResponse
		ann := c.Client()
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
			c.Errorf("%d: the second response sets %v", i, r.Cookies())
		}
		first.Get("/auth/user/").Want(200)
		second := first.Clone()
		m.set(func() { post(first, "Mirror-Maze-89").Want(200) })
		if r := post(second, "Mirror-Maze-90"); r.StatusCode != 400 && r.StatusCode != 401 {
			c.Errorf("%d: another change: %d", i, r.StatusCode)
		}
		c.Client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-89"}).Want(200)
	}
}
