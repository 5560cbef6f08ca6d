package social

// The routes of logins by redirect.

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// flowRoutes adds the routes of a provider for logging in by redirect, if Options.URL is set.
func (f *feature) flowRoutes(s *core.Setup, p *source) {
	if f.pages == nil {
		return
	}
	core.AddRedirect(s, core.Route{
		Method: http.MethodGet, Path: p.Name + "/login", Tag: tag, SetsCookies: true, Limit: core.LimitStart, AllowCrossSite: true, Fails: notFound(p),
		Doc: "Send the browser to " + p.Name + " to log in.",
		Query: []core.Parameter{
			{Name: "next", Doc: "The page of the front end where the login ends: a path, or a URL in Options.Pages. Default: the first of these."},
			{Name: "code_challenge", Doc: "An S256 challenge (RFC 7636). The page then gets a code for socialexchange/."},
			{Name: "request", Doc: "In the URL of {provider}/connect/login/ and {provider}/reauthenticate/login/."},
		},
	}, func(g *gin.Context) (string, error) { return f.start(g, p) }, f.page)
	returned := func(g *gin.Context) (string, error) { return f.callback(g, p) }
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		core.AddRedirect(s, core.Route{
			Method: method, Path: p.Name + "/callback", Tag: tag, SetsCookies: true, AllowCrossSite: true, Fails: notFound(p),
			Doc: "Where " + p.Name + " sends the browser back to.",
		}, returned, f.page)
	}
	f.beginRoutes(s, p)
}

// beginRoutes adds the routes with which a logged-in user begins a login by redirect.
func (f *feature) beginRoutes(s *core.Setup, p *source) {
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: p.Name + "/connect/login", Tag: tag, Access: core.AccessUser, Limit: core.LimitGuess,
		Doc: "Begin to connect an account of " + p.Name + " by redirect.",
	}, func(g *gin.Context, in *Begin) (Begun, error) {
		if err := f.core.RequireRecent(g, in.Password); err != nil {
			return Begun{}, err
		}
		if f.core.Managed(core.User(g)) {
			return Begun{}, binding.Invalid(binding.NonField, core.ProblemManaged)
		}
		return f.begin(g, p, toConnect, in)
	})
	if !p.isOIDC() { // OAuth 2 cannot say when the user logged in there
		return
	}
	core.Add(s, core.Route{
		Method: http.MethodPost, Path: p.Name + "/reauthenticate/login", Tag: tag, Access: core.AccessUser, Limit: core.LimitGuess,
		Doc: "Begin to log in to " + p.Name + " again before a sensitive action.",
	}, func(g *gin.Context, in *BeginAgain) (Begun, error) {
		return f.begin(g, p, toReauthenticate, &Begin{Next: in.Next, CodeChallenge: in.CodeChallenge})
	})
}
