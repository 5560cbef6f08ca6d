package dbtest

// A feature of another module: the routes, texts and codes that it declares, over HTTP.

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

var featureCases = Group{Name: "feature", Cases: []func(*Case){
	wrongRoutesAreErrorsOfNew, featureHasTexts, wrongTextsAreErrorsOfNew,
	otherMistakesAddNoErrorsOfTexts, featureMigrationsRunOnce, migrationsThatCannotBePrinted, printingRunsNoStatementsThatReturnRows,
	featureTablesAreChecked, featureFindingsAreListed, errorsOfAllFeaturesAreListed,
	nilFeaturesAreErrorsOfNew, errorsOfNewHaveOnePrefix, lateDeclarationsPanic,
	publicConfigIsTheSameForEveryone, publicConfigFollowsTheSettings, publicConfigCanBeHidden, wrongFactsAreErrorsOfNew, factsOfFeatures,
}}

// newWith makes an Auth with a feature, and returns the error of New.
func (c *Case) newWith(feature core.Feature, change ...func(*config.Config)) error {
	cfg := config.Config{Secret: authtest.Secret, Hash: config.Hash{Memory: 64, Time: 1, InsecureCheapForTests: true}}
	for _, f := range change {
		f(&cfg)
	}
	if c.DB == nil {
		c.DB = c.open(c.T)
	}
	auth, err := ginauth.New(c.DB, cfg, feature)
	if err != nil {
		return err
	}
	if err := auth.Migrate(c.Context()); err != nil {
		c.Fatal(err)
	}
	gin.SetMode(gin.ReleaseMode) // as authtest.New does
	c.App = authtest.Wrap(auth, c.DB, gin.New())
	return auth.Register(c.Router)
}

// wrongRoutesAreErrorsOfNew: each mistake in a route is an error that names the route, and New reports all of them.
func wrongRoutesAreErrorsOfNew(c *Case) {
	done := func(*gin.Context, *binding.Empty) (binding.Detail, error) { return binding.Detail{}, nil }
	anything := func(*gin.Context, *binding.Empty) (any, error) { return nil, nil }
	err := c.newWith(func(s *core.Setup) error {
		core.Add(s, core.Route{Method: "POST", Path: "login"}, done)
		core.Add(s, core.Route{Method: "Get", Path: "method"}, done)
		core.Add(s, core.Route{Method: "GET", Path: "/slashes/"}, done)
		core.Add(s, core.Route{Method: "GET", Path: "status", Status: 302}, done)
		core.Add(s, core.Route{Method: "GET", Path: "public", Public: true, Access: core.AccessUser}, done)
		core.Add(s, core.Route{Method: "GET", Path: "any"}, anything)
		core.Add(s, core.Route{Method: "GET", Path: "nil", Answers: []any{nil}}, anything)
		core.Add(s, core.Route{Method: "POST", Path: "reads", Reads: binding.Login{}},
			func(*gin.Context, *binding.Login) (binding.Detail, error) { return binding.Detail{}, nil })
		core.Add[binding.Empty, binding.Detail](s, core.Route{Method: "GET", Path: "handler"}, nil)
		core.AddChecked(s, core.Route{Method: "GET", Path: "check"}, nil, done)
		core.AddRaw(s, core.Route{Method: "GET", Path: "raw"}, nil)
		core.Add(s, core.Route{Method: "POST", Path: "door", Answers: []any{binding.LoginResponse{}}}, anything)
		core.Add(s, core.Route{Method: "DELETE", Path: "fine", Status: http.StatusNoContent}, anything)
		return nil
	})
	if err == nil {
		c.Fatal("New returned no error")
	}
	for _, want := range []string{
		"POST login is taken", "Get method has no such method", "GET /slashes/ has a path", "GET status has the status 302",
		"GET public is Public", "GET any answers a type", "GET nil answers a type", "POST reads has Reads",
		"GET handler has no handler", "GET check has no check", "GET raw has no handler",
		"POST door answers with a login",
	} {
		if !strings.Contains(err.Error(), want) {
			c.Errorf("%q is missing in:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "fine") {
		c.Error(err)
	}
}
