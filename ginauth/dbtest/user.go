package dbtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var userCases = Group{Name: "user", Cases: []func(*Case){
	userReadsAndChangesTheProfile, userCannotChangeOtherColumns, userKeepsUnknownColumns, guardsGiveTheUser, createUserFillsDefaults,
	setActiveEndsSessions, raceToRename, slowProfileChangeFailsWhenItsSessionEnds,
	reservedNamesAreRejected, reservedNamesAreASetting, namesHaveALengthAndAForm, namesThatExistStay, optionalNamesHaveRules,
}}

func slowProfileChangeFailsWhenItsSessionEnds(c *Case) {
	var m interruption
	type profile struct{ binding.UpdateUser }
	c.StartMail(func(cfg *config.Config) {
		cfg.Forms.Profile = config.Form(func(*profile, *models.User) error { m.run(); return nil })
	})
	c.secureDuringThiefsRequest(&m).Patch("/auth/user/", obj{"username": "mallory"}).Want(401)
	c.user("ann")
}

func raceToRename(c *Case) {
	c.Start()
	const n = 12
	var browsers [n]*authtest.Client
	for i := range n {
		browsers[i] = c.SignedUp(fmt.Sprintf("user%d", i))
	}
	got := c.concurrently(n, func(i int) *authtest.Response { return browsers[i].Patch("/auth/user/", obj{"username": "star"}) })
	c.wantOneWinner(got, 200, 400, n-1)
}

func userReadsAndChangesTheProfile(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	c.SignedUp("bob")
	var u binding.User
	ann.Put("/auth/user/", obj{"username": "ann"}).Want(200) // the user's own name is not taken
	ann.Patch("/auth/user", obj{"username": "ANN", "first_name": " Ann ", "last_name": 7}).Want(200).JSON(&u)
	if u.Username != "ANN" || u.FirstName != "Ann" || u.LastName != "7" {
		c.Errorf("got %+v", u)
	}
	ann.Put("/auth/user/", obj{"first_name": ""}).WantProblems("username required")
	ann.Put("/auth/user/", obj{"username": "ann2", "first_name": ""}).Want(200).JSON(&u)
	if u.Username != "ann2" || u.FirstName != "" || u.LastName != "7" {
		c.Errorf("got %+v", u)
	}
	ann.Patch("/auth/user/", obj{"username": "BOB"}).WantProblems("username taken")
	ann.Patch("/auth/user/", obj{"username": "", "first_name": nil, "last_name": strings.Repeat("x", 151)}).
		WantProblems("username blank", "first_name null", "last_name max_length")
	ann.Patch("/auth/user/", obj{}).Want(200)
	ann.Get("/auth/user/").Want(200).JSON(&u)
	if u.Username != "ann2" {
		c.Errorf("got %+v", u)
	}
}

// userCannotChangeOtherColumns covers T074: a user cannot change columns that the form does not have.
func userCannotChangeOtherColumns(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	before := c.user("ann")
	ann.Patch("/auth/user/", obj{
		"pk": 5, "id": 5, "email": "eve@example.com", "is_staff": true, "is_superuser": true, "is_active": false,
		"password": "x", "session_epoch": 9, "EMAIL": "eve@example.com", "user": obj{"is_staff": true},
	}).Want(200)
	ann.Do("PATCH", "/auth/user/?is_staff=1", obj{"first_name": "A"}).Want(200)
	after := c.user("ann")
	after.FirstName = before.FirstName
	if *after.EmailKey != *before.EmailKey || after.IsStaff || after.IsSuperuser || !after.IsActive ||
		after.ID != before.ID || after.Password != before.Password || after.SessionEpoch != before.SessionEpoch {
		c.Errorf("stored %+v, had %+v", after, before)
	}
}

// userKeepsUnknownColumns covers T197: the library writes only its own columns.
func userKeepsUnknownColumns(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.NewUser = config.Model[Member]() })
	ann := &Member{User: models.User{Username: "ann"}, Company: "Looking-Glass Ltd"}
	if err := c.Auth.CreateUser(context.Background(), ann, authtest.Password); err != nil {
		c.Fatal(err)
	}
	if err := c.Auth.CreateUser(context.Background(), &models.User{Username: "bob"}, ""); err == nil {
		c.Error("a user of another type was stored")
	}
	browser := c.LoggedIn("ann")
	browser.Patch("/auth/user/", obj{"first_name": "Ann"}).Want(200)
	browser.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	c.Router.GET("/company", c.Auth.RequireUser(), func(g *gin.Context) {
		g.String(200, ginauth.UserAs[Member](g).Company+" "+ginauth.User(g).FirstName)
	})
	if r := browser.Get("/company").Want(200); r.Text != "Looking-Glass Ltd Ann" {
		c.Errorf("got %q", r.Text)
	}
	c.Router.GET("/wrong", c.Auth.RequireUser(), func(g *gin.Context) { ginauth.UserAs[models.User](g) })
	browser.Get("/wrong").Want(599) // a panic that names both types
}

func guardsGiveTheUser(c *Case) {
	c.Start()
	who := func(g *gin.Context) {
		name := "nobody"
		if u := ginauth.User(g); u != nil {
			name = u.Username
		}
		if (ginauth.User(g) == nil) != (ginauth.Session(g) == nil) || (ginauth.User(g) == nil) != (ginauth.UserAs[models.User](g) == nil) {
			name = "the accessors disagree"
		}
		g.String(200, name)
	}
	c.Router.GET("/bare", who)
	c.Router.GET("/optional", c.Auth.OptionalUser(), who)
	c.Router.GET("/required", c.Auth.OptionalUser(), c.Auth.RequireUser(), who)
	c.Router.POST("/required", c.Auth.RequireUser(), who)
	ann, gone, stranger := c.SignedUp("ann"), c.loggedInAfterSignUp("bob"), c.Client()
	ended := gone.Clone()
	gone.Post("/auth/logout/", nil).Want(200)

	for _, want := range []struct {
		browser *authtest.Client
		method  string
		path    string
		status  int
		text    string
	}{
		{ann, "GET", "/bare", 200, "nobody"},
		{ann, "GET", "/optional", 200, "ann"},
		{ann, "GET", "/required", 200, "ann"},
		{ann, "POST", "/required", 200, "ann"},
		{stranger, "GET", "/optional", 200, "nobody"},
		{stranger, "GET", "/required", 401, ""},
		{ended, "GET", "/optional", 200, "nobody"},
		{ended, "GET", "/required", 401, ""},
	} {
		r := want.browser.Do(want.method, want.path, nil).Want(want.status)
		if want.text != "" && r.Text != want.text {
			c.Errorf("%s %s: %q, want %q", want.method, want.path, r.Text, want.text)
		}
		if want.status == 401 && r.Header.Get("WWW-Authenticate") == "" {
			c.Errorf("%s: 401 without a challenge", want.path)
		}
		if want.path != "/bare" && !slices.ContainsFunc(r.Header.Values("Vary"), func(v string) bool { return strings.Contains(v, "Cookie") }) {
			c.Errorf("%s: Vary %q", want.path, r.Header.Values("Vary"))
		}
	}
}

func (c *Case) loggedInAfterSignUp(name string) *authtest.Client {
	c.SignedUp(name)
	return c.LoggedIn(name)
}

func createUserFillsDefaults(c *Case) {
	c.Start()
	ctx := context.Background()
	root := &models.User{Username: " Root ", Email: "root@EXAMPLE.com", IsStaff: true, IsSuperuser: true}
	if err := c.Auth.CreateUser(ctx, root, authtest.Password); err != nil {
		c.Fatal(err)
	}
	if u := c.user("root"); u.ID != root.ID || u.Username != "Root" || u.Email != "root@example.com" || !u.IsActive || !u.IsStaff ||
		!u.IsSuperuser {
		c.Errorf("stored %+v", u)
	}
	c.LoggedIn("root@example.com")
	if err := c.Auth.CreateUser(ctx, &models.User{Email: "nopw@example.com"}, ""); err != nil {
		c.Fatal(err)
	}
	for _, password := range []string{"!", "x"} {
		c.Client().Post("/auth/login/", obj{"email": "nopw@example.com", "password": password}).
			WantProblems("non_field_errors invalid_credentials")
	}
	err := c.Auth.CreateUser(ctx, &models.User{Username: "ROOT", Email: "nope"}, "short")
	invalid, ok := errors.AsType[*binding.Error](err)
	if !ok || !slices.Equal(invalid.FieldNames(), []string{"email", "password", "username"}) {
		c.Errorf("got %v with fields %v", err, invalid)
	}
}

// setActiveEndsSessions covers T039, by the API and by a direct write to the table.
func setActiveEndsSessions(c *Case) {
	c.Start()
	ctx := context.Background()
	ann := c.SignedUp("ann")
	id := c.user("ann").ID
	if err := c.Auth.SetActive(ctx, id, true); err != nil { // it already is
		c.Fatal(err)
	}
	ann.Get("/auth/user/").Want(200)
	if err := c.Auth.SetActive(ctx, id, false); err != nil {
		c.Fatal(err)
	}
	ann.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	if err := c.Auth.SetActive(ctx, id, true); err != nil {
		c.Fatal(err)
	}
	ann.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
	c.set("ann", obj{"is_active": false})
	ann.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	for _, active := range []bool{false, true} {
		if err := c.Auth.SetActive(ctx, id+1, active); !errors.Is(err, ginauth.ErrNoSuchUser) {
			c.Errorf("got %v", err)
		}
	}
}
