package dbtest

// Attacks with the credentials of features.

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// credentialsWithoutScopesCanDoNothing: an empty list of scopes is not the same as nil.
func credentialsWithoutScopesCanDoNothing(c *Case) {
	c.With(serviceKeys("X-Service", false, []string{}...)).Start(withEverything, func(cfg *config.Config) { cfg.Token.Scopes = []string{"read"} })
	c.SignedUp("ann")
	id := fmt.Sprint(c.user("ann").ID)
	for path, guard := range map[string]gin.HandlerFunc{
		"/own": c.Auth.RequireUser(), "/maybe": c.Auth.OptionalUser(), "/read": c.Auth.RequireScope("read"), "/auth/user/": nil,
	} {
		if guard != nil {
			c.Router.GET(path, guard, func(g *gin.Context) { g.Status(200) })
		}
		c.Client().Do("GET", path, nil, "X-Service", id).WantCode(403, binding.CodeInsufficientScope)
	}
}

// credentialsEndWithTheAccount: a feature's credential of a user who deleted the account is as invalid as a session.
func credentialsEndWithTheAccount(c *Case) {
	c.With(serviceKeys("X-Service", false)).Start(func(cfg *config.Config) { cfg.DeleteGrace = 7 * 24 * time.Hour })
	ann := c.SignedUp("ann")
	id := fmt.Sprint(c.user("ann").ID)
	c.Client().Do("GET", "/auth/user/", nil, "X-Service", id).Want(200)
	ann.Post("/auth/user/delete/", nil).Want(200)
	c.Client().Do("GET", "/auth/user/", nil, "X-Service", id).WantCode(401, binding.CodeInvalidToken)
	c.LoggedIn("ann").Get("/auth/user/").Want(200)
	c.Client().Do("GET", "/auth/user/", nil, "X-Service", id).Want(200)
}

// readsThatChangeDataNeedTheRightOrigin: a page of another site makes a browser send a GET with the session cookie or
// with a feature's credential.
func readsThatChangeDataNeedTheRightOrigin(c *Case) {
	c.With(serviceKeys("X-Certificate", true), serviceKeys("X-Service", false), func(s *core.Setup) error {
		for path, access := range map[string]core.Access{"own/link": core.AccessUser, "own/mark": core.AccessUserOrToken} {
			core.Add(s, core.Route{Method: http.MethodGet, Path: path, Access: access, Changes: true, Doc: "Change something."},
				func(*gin.Context, *binding.Empty) (binding.Detail, error) { return binding.Detail{Detail: "done"}, nil })
		}
		return nil
	}).Start()
	ann := c.SignedUp("ann")
	id := fmt.Sprint(c.user("ann").ID)
	for _, path := range []string{"/auth/own/link/", "/auth/own/mark/"} {
		ann.Do("GET", path, nil, "Sec-Fetch-Site", "same-origin").Want(200)
		ann.Do("GET", path, nil, "Sec-Fetch-Site", "cross-site").WantCode(403, binding.CodeCrossSite)
	}
	c.Client().Do("GET", "/auth/own/mark/", nil, "X-Certificate", id, "Sec-Fetch-Site", "cross-site").WantCode(403, binding.CodeCrossSite)
	c.Client().Do("GET", "/auth/own/mark/", nil, "X-Service", id, "Sec-Fetch-Site", "cross-site").Want(200)
}

// usersOfAnotherAuthAreIgnored: behind a guard of one Auth, a user that a guard of another Auth found does not count.
func usersOfAnotherAuthAreIgnored(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	staff := authtest.New(c.T, c.open(c.T), func(cfg *config.Config) { cfg.Cookie.Name = "staff" })
	whose := func(g *gin.Context) {
		if user := ginauth.User(g); user != nil {
			g.String(200, user.Username)
		}
	}
	c.Router.GET("/staff", c.Auth.OptionalUser(), staff.Auth.OptionalUser(), whose)
	c.Router.GET("/member", staff.Auth.OptionalUser(), c.Auth.OptionalUser(), whose)
	if r := ann.Get("/staff").Want(200); r.Text != "" {
		c.Errorf("%q is a user of the staff's", r.Text)
	}
	if r := ann.Get("/member").Want(200); r.Text != "ann" {
		c.Errorf("the member is %q", r.Text)
	}
}
