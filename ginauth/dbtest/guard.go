package dbtest

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi/openapitest"
	"github.com/ginauth/gin-rest-auth/models"
)

var guardCases = Group{Name: "guard", Cases: []func(*Case){
	registerGuardKeepsItsStatus, guardsOfRoles, guardsOfFreshLogins, guardsOfVerifiedEmails, registerGuardAndMiddleware,
	failWritesErrorsLikeTheLibrary, failUsesTheErrorView, failHidesOtherErrors,
}}

func guardsOfRoles(c *Case) {
	c.Start(withEverything)
	for path, guard := range map[string]gin.HandlerFunc{
		"/staff": c.Auth.RequireStaff(), "/root": c.Auth.RequireSuperuser(),
		"/ann": c.Auth.Require(func(u *models.User) bool { return u.Username == "ann" }),
	} {
		c.Router.GET(path, guard, func(g *gin.Context) { g.Status(204) })
	}
	ann, bob := c.SignedUp("ann"), c.SignedUp("bob")
	c.set("bob", obj{"is_staff": true, "is_superuser": true})
	for path, want := range map[string][2]int{"/staff": {403, 204}, "/root": {403, 204}, "/ann": {204, 403}} {
		c.Client().Get(path).WantCode(401, binding.CodeNotAuthenticated)
		for i, browser := range []*authtest.Client{ann, bob} {
			if r := browser.Get(path).Want(want[i]); r.StatusCode == 403 {
				r.WantCode(403, binding.CodePermissionDenied)
			}
		}
	}
	c.set("bob", obj{"is_staff": false})
	bob.Get("/staff").Want(403) // takes effect at once
}

// guardsOfFreshLogins: re-entering the password counts as a fresh login.
func guardsOfFreshLogins(c *Case) {
	c.StartMail(withEverything)
	c.Router.GET("/fresh", c.Auth.RequireFresh(10*time.Minute), func(g *gin.Context) { g.Status(204) })
	ann := c.verified("ann")
	token := c.personal(ann, obj{"name": "program"}).Key
	ann.Get("/fresh").Want(204)
	c.Clock.Advance(10 * time.Minute)
	ann.Get("/fresh").WantCode(403, binding.CodeFreshLogin)
	ann.Post("/auth/reauthenticate/", obj{}).WantProblems("password required")
	ann.Post("/auth/reauthenticate/", obj{"password": "wrong"}).WantProblems("password password_incorrect")
	ann.Get("/fresh").Want(403)
	ann.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
	ann.Get("/fresh").Want(204)
	ann.Post("/auth/emails/", obj{"email": "second@example.com"}).Want(201)
	c.byToken(token).Get("/fresh").WantCode(403, binding.CodeInsufficientScope)
	c.byToken(token).Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(403)
	c.Client().Get("/fresh").Want(401)
}

func guardsOfVerifiedEmails(c *Case) {
	c.StartMail()
	c.Router.GET("/verified", c.Auth.RequireVerifiedEmail(), func(g *gin.Context) { g.Status(204) })
	ann := c.SignedUp("ann")
	ann.Get("/verified").WantCode(403, binding.CodeEmailUnverified)
	c.verify(c.Mail("verify").Key(c.T)).Want(200)
	ann.Get("/verified").Want(204)
}

// registerGuardAndMiddleware: RegisterGuard and Auth.Use can both refuse a request.
func registerGuardAndMiddleware(c *Case) {
	c.Start(func(cfg *config.Config) {
		cfg.RegisterGuard = func(r *http.Request) error {
			if r.Header.Get("Invitation") != "please" {
				return &binding.Error{Status: 403, Code: "no_invitation", Message: "Bring an invitation."}
			}
			return nil
		}
	})
	c.Client().Post("/auth/registration/", authtest.SignUp("ann")).WantCode(403, "no_invitation")
	c.Client().Do("POST", "/auth/registration/", authtest.SignUp("ann"), "Invitation", "please").Want(201)

	other := authtest.Prepare(c.T, c.DB)
	other.Auth.Use("login", func(g *gin.Context) { g.AbortWithStatus(418) })
	other.Auth.Use("", func(g *gin.Context) { g.Header("Server-Name", "b") })
	refused := func(path, want string) {
		defer func() {
			if said := fmt.Sprint(recover()); !strings.Contains(said, want) {
				c.Errorf("Use(%q): %s", path, said)
			}
		}()
		other.Auth.Use(path)
	}
	refused("loggin", "there is no such route")
	if err := other.Auth.Register(other.Router); err != nil {
		c.Fatal(err)
	}
	refused("login", "Register was called already")
	for _, path := range []string{"/auth/login/", "/auth/login"} { // a response of the application, which no document has
		other.Client(c.T).Post(path, authtest.Login("ann")).Want(418)
	}
	browser := authtest.NewClient(c.T, openapitest.Check(c.T, other.Auth, other.Router))
	if r := browser.Get("/auth/user/").Want(401); r.Header.Get("Server-Name") != "b" {
		c.Errorf("headers %v", r.Header)
	}
}

// registerGuardKeepsItsStatus: an error other than invalid fields keeps its status.
func registerGuardKeepsItsStatus(c *Case) {
	c.Start(func(cfg *config.Config) {
		cfg.RegisterGuard = func(*http.Request) error {
			e := binding.Invalid(binding.NonField, binding.Problem{Code: "closed", Message: "Closed."})
			e.Status = 403
			return e.WithHeader("Retry-After", "60")
		}
	})
	if r := c.Client().Post("/auth/registration/", authtest.SignUp("ann")).Want(403); r.Header.Get("Retry-After") != "60" {
		c.Errorf("got %v", r.Header)
	}
}
