package dbtest

import (
	"errors"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi/openapitest"
)

// failing puts middleware before login/ and user/ that writes an error with Fail, and returns a browser. Responses must
// match an OpenAPI document that knows the code of noRobot.
func (c *Case) failing(fail func() error, change ...func(*config.Config)) *authtest.Client {
	c.Helper()
	codes := func(cfg *config.Config) {
		cfg.Codes = []binding.CodeDoc{{Code: "puzzle_failed", Meaning: "solve another one"}}
	}
	app := authtest.Prepare(c.T, c.open(c.T), append(change, codes)...)
	for _, path := range []string{"login", "user"} {
		app.Auth.Use(path, func(g *gin.Context) { app.Auth.Fail(g, fail()) })
	}
	if err := app.Auth.Register(app.Router); err != nil {
		c.Fatal(err)
	}
	app.User(c.T, "ann")
	c.App = app
	return authtest.NewClient(c.T, openapitest.Check(c.T, app.Auth, app.Router))
}

// noRobot returns an error of one field, with a code of the application and one of the library.
func noRobot() error {
	return binding.Invalid("captcha", binding.Problem{Code: "puzzle_failed", Message: "Try once more."}, binding.Problem{Code: binding.CodeRequired})
}

// failWritesErrorsLikeTheLibrary: in Django's form or as problem+json, in the user's language. No later handler runs.
func failWritesErrorsLikeTheLibrary(c *Case) {
	browser := c.failing(noRobot)
	r := browser.Do("POST", "/auth/login/", authtest.Login("ann"), "Accept", "application/json", "Accept-Language", "de").Want(400)
	if r.Text != `{"captcha":["Try once more.","Dieses Feld ist erforderlich."]}` || r.Header.Get("Content-Language") != "de" ||
		r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("Content-Type") != "application/json" {
		c.Errorf("%s %v", r.Text, r.Header)
	}
	r = browser.Post("/auth/login/", authtest.Login("ann"))
	r.WantProblems("captcha puzzle_failed", "captcha required")
	if r.Header.Get("Content-Type") != "application/problem+json" || len(browser.Cookies) != 0 {
		c.Errorf("%v, cookies %v", r.Header, browser.Cookies)
	}
	browser = c.failing(func() error {
		return (&binding.Error{Status: 401, Code: binding.CodeNotAuthenticated}).WithHeader("Retry-After", "7")
	})
	r = browser.Get("/auth/user/")
	r.WantCode(401, binding.CodeNotAuthenticated)
	if r.Header.Get("Www-Authenticate") == "" || r.Header.Get("Retry-After") != "7" {
		c.Errorf("headers %v", r.Header)
	}
}

// failUsesTheErrorView: also a view that shows the problems unchanged.
func failUsesTheErrorView(c *Case) {
	browser := c.failing(noRobot, func(cfg *config.Config) {
		cfg.Views = config.Views{config.View(func(e binding.Error) gin.H {
			return gin.H{"error": e.Code, "message": e.Message, "fields": e.Fields}
		})}
	})
	r := browser.Do("POST", "/auth/login/", authtest.Login("ann"), "Accept", "application/json").Want(400)
	if r.Text != `{"error":"invalid","fields":{"captcha":[{"code":"puzzle_failed","message":"Try once more."},`+
		`{"code":"required","message":"This field is required."}]},"message":"The request could not be processed. Please check your input."}` {
		c.Error(r.Text)
	}
	browser.Post("/auth/login/", authtest.Login("ann")).WantProblems("captcha puzzle_failed", "captcha required")
}

// failHidesOtherErrors: they are logged and not shown. An error is never a success.
func failHidesOtherErrors(c *Case) {
	for want, tc := range map[string]struct {
		err    error
		status int
		code   binding.Code
	}{
		"the captcha service is down":                             {errors.New("the captcha service is down"), 503, binding.CodeUnavailable},
		"called without an error":                                 {nil, 500, binding.CodeInternal},
		"has the status 0, but must have at least 400: odd":       {&binding.Error{Code: "odd"}, 500, binding.CodeInternal},
		"has the status 200, but must have at least 400: strange": {&binding.Error{Status: 200, Code: "strange"}, 500, binding.CodeInternal},
	} {
		r := c.failing(func() error { return tc.err }).Post("/auth/login/", authtest.Login("ann"))
		r.WantCode(tc.status, tc.code)
		if strings.Contains(r.Text, want) || !strings.Contains(c.Log.String(), want) {
			c.Errorf("%q: answered %s, logged %s", want, r.Text, c.Log.String())
		}
	}
}
