package dbtest

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var captchaCases = Group{Name: "captcha", Cases: []func(*Case){
	captchaAtSignUp, captchaAfterHalfOfTheFailures, requestsWithoutASolutionCostNothing, captchaAfterHalfOfTheSignUps, captchaInAKnownBrowser, captchaWithASession,
	captchasHoldUpNoOthers, wrongCaptchasAreLimited, failedVerifierLetsRequestsPass, captchaWithoutLimits, captchaRoutesMustExist,
}}

// verifier accepts the solution "solved", and records what it is asked. While it verifies, it calls the first of during.
type verifier struct {
	mu     sync.Mutex
	asked  []string
	fails  bool
	during []func()
}

func (v *verifier) Verify(_ context.Context, answer, ip string) (bool, error) {
	if len(v.during) > 0 {
		first := v.during[0]
		v.during = v.during[1:]
		first()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked = append(v.asked, answer+" from "+ip)
	if v.fails {
		return false, errors.New("the captcha service is away")
	}
	return answer == "solved", nil
}

// want compares what the verifier was asked since the last call.
func (v *verifier) want(c *Case, asked ...string) {
	c.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if got, want := strings.Join(v.asked, ", "), strings.Join(asked, ", "); got != want {
		c.Errorf("asked %q, want %q", got, want)
	}
	v.asked = nil
}

func (v *verifier) configure(cfg *config.Config) {
	limited(cfg)
	cfg.Captcha.Verifier = v
}

func solve(b *authtest.Client, answer, path string, body any) *authtest.Response {
	return b.Do("POST", path, body, config.CaptchaHeader, answer)
}

// captchaAtSignUp: each sign-up needs a solution, and the first login does not.
func captchaAtSignUp(c *Case) {
	var v verifier
	c.Start(v.configure)
	b := c.from("203.0.113.1")
	b.Post("/auth/registration/", authtest.SignUp("ann")).WantProblems("captcha captcha_required")
	b.Post("/auth/registration/", obj{}).WantProblems("captcha captcha_required") // before the fields
	v.want(c)
	solve(b, "guessed", "/auth/registration/", authtest.SignUp("ann")).WantProblems("captcha captcha_failed")
	solve(b, "solved", "/auth/registration/", authtest.SignUp("ann")).Want(201)
	v.want(c, "guessed from 203.0.113.1", "solved from 203.0.113.1")
	c.from("203.0.113.1").Post("/auth/login/", authtest.Login("ann")).Want(200)
	v.want(c)
}

// captchaAfterHalfOfTheFailures: from the fourth guess on, also for unknown names. Attempts without a solution do not count,
// and hash nothing.
func captchaAfterHalfOfTheFailures(c *Case) {
	var v verifier
	c.Start(v.configure)
	c.User(c.T, "ann")
	for i, name := range []string{"ann", "unknown"} {
		b := c.from([]string{"203.0.113.1", "203.0.113.2"}[i])
		for range 3 {
			b.Post("/auth/login/", wrong(name)).WantProblems("non_field_errors invalid_credentials")
		}
		hashes := c.hashes.Load()
		for range 4 {
			b.Post("/auth/login/", wrong(name)).WantProblems("captcha captcha_required")
			b.Post("/auth/login/", obj{"username": name, "password": authtest.Password}).WantProblems("captcha captcha_required")
			solve(b, "guessed", "/auth/login/", wrong(name)).WantProblems("captcha captcha_failed")
		}
		if after := c.hashes.Load(); after != hashes {
			c.Error(after-hashes, "hashes")
		}
		solve(b, "solved", "/auth/login/", wrong(name)).WantProblems("non_field_errors invalid_credentials")
	}
	b := c.from("203.0.113.1")
	solve(b, "solved", "/auth/login/", authtest.Login("ann")).Want(200)
	c.from("203.0.113.1").Post("/auth/login/", authtest.Login("ann")).Want(200) // the success took the failures back
}

// captchasHoldUpNoOthers: while the solutions of many logins are verified, others hash.
func captchasHoldUpNoOthers(c *Case) {
	var v verifier
	c.Start(v.configure, func(cfg *config.Config) { cfg.Hash.Parallel, cfg.Hash.Wait = 1, 5*time.Second })
	c.User(c.T, "ann")
	for i := range nextLogins + 2 {
		from, name := "203.0.113."+strconv.Itoa(i), "user"+strconv.Itoa(i)
		guess(c.from(from), name, 3)
		v.during = append(v.during, func() { solve(c.from(from), "solved", "/auth/login/", wrong(name)).Want(400) })
	}
	first := v.during[0]
	v.during = append(v.during[1:], func() { c.from("203.0.113.99").Post("/auth/login/", authtest.Login("ann")).Want(200) })
	first()
	if len(v.during) > 0 {
		c.Error(len(v.during), "were not verified")
	}
}

// requestsWithoutASolutionCostNothing once one of them has found out that a captcha is needed, and leave the attempts of a name to others.
func requestsWithoutASolutionCostNothing(c *Case) {
	var v verifier
	var m meter
	c.Start(v.configure)
	m.install(c)
	c.User(c.T, "ann")
	guess(c.from("203.0.113.1"), "ann", 3)
	c.from("203.0.113.1").Post("/auth/login/", wrong("ann")).WantProblems("captcha captcha_required")
	m.take()
	for range 10 {
		c.from("203.0.113.1").Post("/auth/login/", wrong("ann")).WantProblems("captcha captcha_required")
	}
	if statements := m.take(); statements != "" {
		c.Errorf("they cost %s", statements)
	}
	c.Clock.Advance(6 * time.Second) // one asks again
	c.from("203.0.113.1").Post("/auth/login/", wrong("ann")).WantProblems("captcha captcha_required")
	c.from("203.0.113.1").Post("/auth/login/", wrong("ann")).WantProblems("captcha captcha_required")
	if statements := m.take(); strings.Count(statements, "\n") > 1 {
		c.Errorf("after 6 seconds, two requests cost %s", statements)
	}
	solve(c.from("203.0.113.2"), "solved", "/auth/login/", authtest.Login("ann")).Want(200)
}

// captchaAfterHalfOfTheSignUps: AfterHalf also counts the sign-ups of a network.
func captchaAfterHalfOfTheSignUps(c *Case) {
	var v verifier
	c.Start(v.configure, func(cfg *config.Config) {
		cfg.Limits.SignUp.Attempts = 4
		cfg.Captcha.Always, cfg.Captcha.AfterHalf = []string{}, []string{"registration/"}
	})
	c.from("203.0.113.1").Post("/auth/registration/", authtest.SignUp("a")).Want(201)
	c.from("203.0.113.1").Post("/auth/registration/", authtest.SignUp("b")).Want(201)
	v.want(c)
	for range 5 {
		c.from("203.0.113.1").Post("/auth/registration/", authtest.SignUp("c")).WantProblems("captcha captcha_required")
	}
	c.from("203.0.113.2").Post("/auth/registration/", authtest.SignUp("d")).Want(201)
	solve(c.from("203.0.113.1"), "solved", "/auth/registration/", authtest.SignUp("c")).Want(201)
	v.want(c, "solved from 203.0.113.1")
}

// captchaInAKnownBrowser: an attack elsewhere asks the user for no captcha there.
func captchaInAKnownBrowser(c *Case) {
	var v verifier
	c.Start(v.configure)
	c.User(c.T, "ann")
	ann := c.from("203.0.113.1")
	ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
	ann.Post("/auth/logout/", nil).Want(200)
	for range 4 {
		solve(c.from("203.0.113.9"), "solved", "/auth/login/", wrong("ann")).Want(400)
	}
	c.from("203.0.113.2").Post("/auth/login/", authtest.Login("ann")).WantProblems("captcha captcha_required")
	ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
}

// captchaWithASession: on a route that compares a password of the logged-in user.
func captchaWithASession(c *Case) {
	var v verifier
	c.StartMail(v.configure, func(cfg *config.Config) {
		cfg.Captcha.Always, cfg.Captcha.AfterHalf = []string{"login", "password/reset"}, []string{"reauthenticate"}
	})
	c.User(c.T, "ann")
	ann := c.from("203.0.113.1")
	ann.Post("/auth/login/", authtest.Login("ann")).WantProblems("captcha captcha_required")
	solve(ann, "solved", "/auth/login/", authtest.Login("ann")).Want(200)
	ann.Get("/auth/login/").Want(405)
	ann.Post("/auth/password/reset/", obj{"email": "ann@example.com"}).WantProblems("captcha captcha_required")
	v.want(c, "solved from 203.0.113.1")
	for range 3 {
		ann.Post("/auth/reauthenticate/", obj{"password": "Wrong-Password-1"}).WantProblems("password password_incorrect")
	}
	ann.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).WantProblems("captcha captcha_required")
	solve(ann, "solved", "/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
	ann.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
	v.want(c, "solved from 203.0.113.1")
}

// wrongCaptchasAreLimited: a network cannot make the library call the verifier without end.
func wrongCaptchasAreLimited(c *Case) {
	var v verifier
	c.Start(v.configure)
	for i := range 40 {
		r := solve(c.from("203.0.113.1"), "guessed", "/auth/registration/", authtest.SignUp("ann"))
		if i < 30 && r.StatusCode != http.StatusBadRequest || i >= 30 && r.StatusCode != http.StatusTooManyRequests {
			c.Fatalf("answer %d: %s", i, r.Text)
		}
	}
	if n := len(v.asked); n > 31 {
		c.Errorf("%d answers were verified", n)
	}
	solve(c.from("203.0.113.2"), "solved", "/auth/registration/", authtest.SignUp("ann")).Want(201)
}

// failedVerifierLetsRequestsPass: an outage of the service does not stop the application. It is logged once a minute.
func failedVerifierLetsRequestsPass(c *Case) {
	v := verifier{fails: true}
	c.Start(v.configure)
	for _, name := range []string{"ann", "bob", "eve"} {
		solve(c.from("203.0.113.1"), "solved", "/auth/registration/", authtest.SignUp(name)).Want(201)
	}
	c.from("203.0.113.1").Post("/auth/registration/", authtest.SignUp("joe")).WantProblems("captcha captcha_required")
	if n := strings.Count(c.Log.String(), "the captcha service is away"); n != 1 {
		c.Errorf("%d lines: %s", n, c.Log.String())
	}
	if tried, _ := guess(c.from("203.0.113.9"), "ann", 3); tried != 3 {
		c.Error(tried)
	}
	b := c.from("203.0.113.9")
	b.Header.Set(config.CaptchaHeader, "anything")
	if tried, wait := guess(b, "ann", 10); tried != 2 || wait == 0 { // the limits hold
		c.Error(tried, wait)
	}
}

// captchaWithoutLimits: AfterHalf never asks, and Always does.
func captchaWithoutLimits(c *Case) {
	var v verifier
	c.Start(v.configure, func(cfg *config.Config) { cfg.Limits.AllowUnlimited = true })
	b := c.Client()
	for range 40 {
		b.Post("/auth/login/", wrong("ann")).WantProblems("non_field_errors invalid_credentials")
		solve(b, "guessed", "/auth/registration/", authtest.SignUp("ann")).WantProblems("captcha captcha_failed")
	}
}

func captchaRoutesMustExist(c *Case) {
	for want, captcha := range map[string]config.Captcha{
		`Captcha.Always: "sign-up" is not a route`:                  {Always: []string{"sign-up"}},
		`Captcha.Always: "password/reset" is not a route`:           {Always: []string{"login", "password/reset"}}, // without mails
		`Captcha.AfterHalf: "logout" has no limit`:                  {AfterHalf: []string{"logout"}},
		`Captcha.AfterHalf: "password/change/confirm" is not a rou`: {AfterHalf: []string{"password/change/confirm"}},
	} {
		captcha.Verifier = &verifier{}
		c.wantNewError(want, func(cfg *config.Config) { cfg.Captcha = captcha })
	}
	c.wantNewError("Captcha.Always: needs Captcha.Verifier", func(cfg *config.Config) { cfg.Captcha = config.Captcha{Always: []string{"login"}} })
}
