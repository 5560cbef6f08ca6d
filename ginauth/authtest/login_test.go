package authtest_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-contrib/sessions/cookie"
	"github.com/gin-contrib/sessions/memstore"
	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// logins are configurations of credentials.
var logins = map[string]func(*config.Config){
	"default":      func(*config.Config) {},
	"cookie store": func(c *config.Config) { c.SessionStore = cookie.NewStore([]byte("a key of gin-contrib's store, 32.")) },
	"server store": func(c *config.Config) {
		c.SessionStore = memstore.NewStore([]byte("a key of gin-contrib's store, 32."))
	},
	"plain http":   func(c *config.Config) { c.Cookie.InsecureHTTP = true },
	"opaque token": func(c *config.Config) { c.Login = []config.Credential{config.OpaqueToken} },
	"jwt":          func(c *config.Config) { c.Login = []config.Credential{config.JSONWebToken} },
	"stateless": func(c *config.Config) {
		c.Login, c.JWT.Stateless = []config.Credential{config.JSONWebToken}, true
	},
	"jwt in cookies": func(c *config.Config) {
		c.Login, c.JWT.Transport = []config.Credential{config.JSONWebToken}, config.InCookies
	},
	"all": func(c *config.Config) {
		c.Login = []config.Credential{config.SessionCookie, config.OpaqueToken, config.JSONWebToken}
	},
}

// strict configures everything that can reject a new user or a login over HTTP.
func strict(cfg *config.Config) {
	type captcha struct {
		binding.Login
		Answer string `json:"answer" binding:"required"`
	}
	no := errors.New("rejected")
	cfg.EmailVerification, cfg.LoginMethods = config.VerifyMandatory, []config.LoginMethod{config.LoginByEmail}
	cfg.Forms.Login = config.Form(func(*captcha, *models.User) error { return no })
	cfg.Views = config.Views{config.View(func(in binding.LoginResponse) binding.LoginResponse { in.User = nil; return in })}
	cfg.Backends = []config.Backend{config.BackendFunc(func(context.Context, config.Credentials) (models.Account, error) { return nil, no })}
	cfg.Hooks.BeforeRegister = func(context.Context, *gorm.DB, config.Event) error { return no }
	cfg.PasswordRules = append(config.DefaultPasswordRules(), config.PasswordRuleFunc(func(context.Context, string, *models.User) (*binding.Problem, error) {
		return &binding.Problem{Code: "never"}, nil
	}))
	cfg.Session.MaxPerUser = 1
}

func TestAs(t *testing.T) {
	t.Parallel()
	for name, login := range logins {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := &authtest.Mailbox{}
			app := memory.New(t, box.Configure, strict, login)
			app.Router.POST("/id", app.Auth.RequireUser(), func(c *gin.Context) { c.JSON(200, ginauth.User(c).ID) })
			ann, bob := app.User(t, "ann"), app.User(t, "bob")
			r := app.As(t, bob, httptest.NewRequest(http.MethodPost, "/id", nil))
			for want, r := range map[string]*http.Request{"2": r.Clone(t.Context()), "1": app.As(t, ann, r)} { // replaces bob
				response := httptest.NewRecorder()
				app.Router.ServeHTTP(response, r)
				if response.Code != 200 || response.Body.String() != want {
					t.Errorf("%d %s, want %s", response.Code, response.Body, want)
				}
			}
			browser := app.Login(t, ann)
			browser.Post("/id", nil).Want(200)
			browser.Get("/auth/user/").Want(200)
			browser.Clone().Post("/auth/logout/", nil).Want(200)
			if name != "stateless" {
				browser.Get("/auth/user/").Want(401) // the session was stored
			}
			app.Login(t, bob)
			mails := app.Mails(t, box) // each user logged in twice
			if len(mails) != 2 || mails[0].Kind != "new_device" || mails[1].Kind != "new_device" {
				t.Errorf("mails: %v", mails)
			}
		})
	}
}

// TestLoginEnds: the sessions that Login creates expire and end like others.
func TestLoginEnds(t *testing.T) {
	t.Parallel()
	app := memory.New(t)
	ann := app.User(t, "ann")
	browser, other := app.Login(t, ann), app.Login(t, ann)
	var sessions []binding.Session
	other.Get("/auth/sessions/").Want(200).JSON(&sessions)
	if len(sessions) != 2 || sessions[0].Method != "application" {
		t.Errorf("sessions %+v", sessions)
	}
	app.Clock.Advance(25 * time.Hour)
	browser.Get("/auth/user/").Want(401)
	browser = app.Login(t, ann)
	if err := app.Auth.SetActive(t.Context(), ann.ID, false); err != nil {
		t.Fatal(err)
	}
	browser.Get("/auth/user/").Want(401)
}

func TestUser(t *testing.T) {
	t.Parallel()
	app := memory.New(t)
	ann := app.User(t, "ann", func(u *models.User) { u.IsStaff = true })
	if !ann.IsActive || !ann.IsStaff || ann.Email != "ann@example.com" || !ann.DateJoined.Equal(app.Clock.Now()) {
		t.Errorf("got %+v", ann)
	}
	app.Client(t).Post("/auth/login/", authtest.Login("ann")).Want(200)
	bob := app.User(t, "bob", func(u *models.User) { u.Email = "" })
	if bob.Email != "" || bob.EmailKey != nil {
		t.Errorf("got %+v", bob)
	}
	app.Router.GET("/verified", app.Auth.RequireVerifiedEmail(), func(c *gin.Context) { c.Status(204) })
	app.Login(t, ann).Get("/verified").Want(204)
	app.Login(t, bob).Get("/verified").Want(403)
}

// TestWrap: the application creates the Auth and registers it on a group.
func TestWrap(t *testing.T) {
	t.Parallel()
	db := memory.Open(t)
	auth, err := ginauth.New(db, config.Config{
		Secret: authtest.Secret, Login: []config.Credential{config.JSONWebToken}, JWT: config.JWT{Transport: config.InCookies},
	})
	router := gin.New()
	if err = errors.Join(err, auth.Migrate(t.Context()), auth.Register(router.Group("/api/auth"))); err != nil {
		t.Fatal(err)
	}
	app := authtest.Wrap(auth, db, router)
	ann := app.User(t, "ann")
	app.Login(t, ann).Get("/api/auth/user/").Want(200)
	app.Login(t, ann).Post("/api/auth/token/refresh/", map[string]string{}).Want(200)
	r := app.As(t, ann, httptest.NewRequest(http.MethodGet, "/api/auth/user/", nil))
	if names := r.Header.Get("Cookie"); strings.Contains(names, "refresh") {
		t.Errorf("a browser would not send %s", names)
	}
}

// TestWith: the route of a feature exists in each kind of App, and users can log in there.
func TestWith(t *testing.T) {
	t.Parallel()
	features := authtest.With(func(s *core.Setup) error {
		core.AddRaw(s, core.Route{Method: http.MethodGet, Path: "hello", Doc: "Say hello."}, func(c *gin.Context) { c.String(200, "hello") })
		return nil
	})
	registered := func(app *authtest.App) *authtest.App {
		if err := app.Auth.Register(app.Router); err != nil {
			t.Fatal(err)
		}
		return app
	}
	unmigrated := features.Unmigrated(t, memory.Open(t))
	if err := unmigrated.Auth.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, app := range map[string]*authtest.App{
		"New":        features.New(t, memory.Open(t), func(cfg *config.Config) { cfg.BasePath = "/accounts" }),
		"Prepare":    registered(features.Prepare(t, memory.Open(t))),
		"Unmigrated": registered(unmigrated),
	} {
		base := app.Auth.Base()
		if r := app.Client(t).Get(base + "/hello").Want(200); r.Text != "hello" {
			t.Errorf("%s: got %q", name, r.Text)
		}
		app.Login(t, app.User(t, "ann")).Get(base + "/user/").Want(200)
	}
	memory.New(t, func(*config.Config) {}).Client(t).Get("/auth/hello").Want(404)
}

// recorder is a test whose failure does not end the real test.
type recorder struct {
	testing.TB
	said string
}

func (r *recorder) Fatalf(format string, _ ...any) {
	r.said = format
	panic(r)
}

// failure runs a function that must fail, and returns the format of its message.
func failure(t *testing.T, run func(testing.TB)) string {
	t.Helper()
	r := &recorder{TB: t}
	func() {
		defer func() {
			if p := recover(); p != nil && p != any(r) {
				panic(p)
			}
		}()
		run(r)
		t.Error("it did not fail")
	}()
	return r.said
}

func TestFailures(t *testing.T) {
	t.Parallel()
	box := &authtest.Mailbox{}
	app := memory.New(t, box.Configure, func(cfg *config.Config) { cfg.EmailVerification = config.VerifyMandatory })
	idle := app.User(t, "idle")
	if err := app.Auth.SetActive(t.Context(), idle.ID, false); err != nil {
		t.Fatal(err)
	}
	open := &models.User{Username: "open", Email: "open@example.com"}
	if err := app.Auth.CreateUser(t.Context(), open, authtest.Password); err != nil {
		t.Fatal(err)
	}
	blocked := memory.New(t, func(cfg *config.Config) {
		cfg.Hooks.BeforeLogin = func(context.Context, *gorm.DB, config.Event) error { return errors.New("no") }
	})
	hidden := memory.New(t, func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.OpaqueToken}
		cfg.Views = config.Views{config.View(func(binding.LoginResponse) string { return "nothing" })}
	})
	bob, eve := blocked.User(t, "bob"), hidden.User(t, "eve")
	for want, run := range map[string]func(testing.TB){
		"not stored":        func(t testing.TB) { app.Login(t, &models.User{Username: "new"}) },
		"cannot log in":     func(t testing.TB) { app.Login(t, idle) },
		"%d (%q)":           func(t testing.TB) { app.Login(t, open) }, // the address is not confirmed
		"user %q":           func(t testing.TB) { app.User(t, "idle") },
		"%d (%q) cannot":    func(t testing.TB) { blocked.Login(t, bob) }, // the hook rejects the login
		"contains no token": func(t testing.TB) { hidden.Login(t, eve) },
		"NewUser makes %T":  func(t testing.TB) { authtest.UserAs[Member](t, app, "ann") },
	} {
		if got := failure(t, run); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
