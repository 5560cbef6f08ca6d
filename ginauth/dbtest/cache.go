package dbtest

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var cacheCases = Group{Name: "cache", Cases: []func(*Case){
	cachedSessionsCostNoQuery, revocationEmptiesTheCache, onlySafeRequestsUseTheCache, changesAreVisibleAtOnce,
	requestsGetTheirOwnCopyOfTheUser, concurrentReadsDoNotCacheARevokedSession, cachedSessionsAreTouched, cacheNeverReturnsOlderState, userChangedClearsTheCache,
	cacheNeedsACopyableUser, invalidTokensDoNotEmptyTheCache,
}}

// caching caches sessions for ten seconds.
func caching(cfg *config.Config) { cfg.Session.CacheFor = 10 * time.Second }

// guarded adds routes of the application that need a user.
func guarded(app *authtest.App) {
	ok := func(g *gin.Context) { g.String(http.StatusOK, ginauth.User(g).FirstName) }
	app.Router.Any("/mine", app.Auth.RequireUser(), ok)
	app.Router.GET("/perhaps", app.Auth.OptionalUser(), func(g *gin.Context) {
		if ginauth.User(g) == nil {
			g.Status(http.StatusNoContent)
		}
	})
	app.Router.GET("/fresh", app.Auth.RequireFresh(time.Hour), ok)
	app.Router.GET("/active", app.Auth.RequireUser(), app.Auth.Require(func(u *models.User) bool { return u.IsActive }), ok)
}

func cachedSessionsCostNoQuery(c *Case) {
	c.Start(caching, withEachCredential)
	guarded(c.App)
	var queries atomic.Int64
	c.beforeReads(func(*gorm.DB) { queries.Add(1) })
	c.SignedUp("ann")
	for name, browser := range map[string]*authtest.Client{
		"cookie": c.LoggedIn("ann"), "token": c.byToken(c.loginAs("ann", "token").Key), "jwt": c.byToken(c.loginAs("ann", "jwt").Access),
	} {
		for i, want := range []int64{1, 0, 0, 1} {
			queries.Store(0)
			browser.Get("/mine").Want(200)
			if got := queries.Load(); got != want {
				c.Errorf("%s, request %d: %d queries", name, i+1, got)
			}
			c.Clock.Advance(4 * time.Second)
		}
	}
}

// revocationEmptiesTheCache: when a session ends on this instance, its next request is refused.
func revocationEmptiesTheCache(c *Case) {
	c.StartMail(caching)
	guarded(c.App)
	ctx, password := context.Background(), obj{"password": authtest.Password}
	for name, end := range map[string]func(ann, other *authtest.Client, user *models.User) error{
		"logout": func(ann, _ *authtest.Client, _ *models.User) error {
			return sends(ann, "POST", "/auth/logout/", nil, 200)()
		},
		"a new login": func(ann, _ *authtest.Client, u *models.User) error {
			return sends(ann, "POST", "/auth/login/", authtest.Login(u.Username), 200)()
		},
		"all sessions": func(_, other *authtest.Client, _ *models.User) error {
			return sends(other, "DELETE", "/auth/sessions/", nil, 204)()
		},
		"a deletion": func(_, other *authtest.Client, _ *models.User) error {
			return sends(other, "POST", "/auth/user/delete/", password, 200)()
		},
		"a session": func(ann, other *authtest.Client, _ *models.User) error {
			return sends(other, "DELETE", "/auth/sessions/"+c.current(ann).ID, nil, 204)()
		},
		"EndSessions": func(_, _ *authtest.Client, u *models.User) error { return c.Auth.EndSessions(ctx, u.ID) },
		"SetPassword": func(_, _ *authtest.Client, u *models.User) error {
			return c.Auth.SetPassword(ctx, u.ID, "Mirror-Maze-88")
		},
		"SetActive":  func(_, _ *authtest.Client, u *models.User) error { return c.Auth.SetActive(ctx, u.ID, false) },
		"DeleteUser": func(_, _ *authtest.Client, u *models.User) error { return c.Auth.DeleteUser(ctx, u.ID) },
		"a reset": func(_, _ *authtest.Client, u *models.User) error {
			c.askReset(u.Email)
			c.reset(c.mailTo(u.Email, "reset"), "Mirror-Maze-88").Want(200)
			return nil
		},
		"a change of the password": func(_, other *authtest.Client, _ *models.User) error {
			return sends(other, "POST", "/auth/password/change/", change(authtest.Password, "Mirror-Maze-88"), 200)()
		},
	} {
		c.SignedUp(strings.ReplaceAll(name, " ", "-"))
		user := c.user(strings.ReplaceAll(name, " ", "-"))
		ann, other := c.LoggedIn(user.Username), c.LoggedIn(user.Username)
		ann.Get("/mine").Want(200)
		other.Get("/mine").Want(200)
		before := ann.Clone()
		if err := end(ann, other, &user); err != nil {
			c.Errorf("%s: %v", name, err)
		}
		if status := before.Get("/mine").StatusCode; status != 401 {
			c.Errorf("after %s: %d", name, status)
		}
	}
}

// onlySafeRequestsUseTheCache: another instance deactivates a user. Until the cached session expires here, only GET and
// HEAD behind RequireUser or OptionalUser still work.
func onlySafeRequestsUseTheCache(c *Case) {
	c.Start(caching)
	guarded(c.App)
	c.SignedUp("ann")
	type request struct {
		method, path string
		want         int
	}
	// Those that use the cache come first: one that reads the user drops its session, and counters can be shared with others.
	requests := []request{
		{"GET", "/mine", 200}, {"GET", "/perhaps", 200},
		{"POST", "/mine", 401}, {"DELETE", "/mine", 401}, {"OPTIONS", "/mine", 401}, {"GET", "/fresh", 401}, {"GET", "/active", 401},
		{"GET", "/auth/user/", 401}, {"GET", "/auth/sessions/", 401},
	}
	browsers := make([]*authtest.Client, len(requests))
	for i := range browsers {
		browsers[i] = c.LoggedIn("ann")
	}
	for _, browser := range browsers { // after the last login, because a login changes the user
		browser.Get("/mine").Want(200)
	}
	other := authtest.New(c.T, c.instance(), caching)
	if err := other.Auth.SetActive(c.Context(), c.user("ann").ID, false); err != nil {
		c.Fatal(err)
	}
	for i, r := range requests {
		if got := browsers[i].Do(r.method, r.path, nil).StatusCode; got != r.want {
			c.Errorf("%s %s: %d", r.method, r.path, got)
		}
	}
	c.Clock.Advance(10 * time.Second)
	browsers[0].Get("/mine").Want(401)
}

// cacheNeverReturnsOlderState: when a request reads newer state, later requests see it as well.
func cacheNeverReturnsOlderState(c *Case) {
	c.Start(caching)
	guarded(c.App)
	other := authtest.New(c.T, c.instance(), caching)
	for name, end := range map[string]func(id int64) error{
		"inactive": func(id int64) error { return other.Auth.SetActive(c.Context(), id, false) },
		"ended":    func(id int64) error { return other.Auth.EndSessions(c.Context(), id) },
	} {
		browser := c.SignedUp(name)
		browser.Get("/mine").Want(200)
		if err := end(c.user(name).ID); err != nil {
			c.Fatal(err)
		}
		kept := browser.Clone()
		browser.Get("/mine").Want(200)
		browser.Post("/mine", nil).Want(401)
		kept.Get("/mine").Want(401)
	}
}

// userChangedClearsTheCache: the application writes columns itself and calls UserChanged.
func userChangedClearsTheCache(c *Case) {
	c.Start(caching)
	guarded(c.App)
	ann := c.SignedUp("ann")
	user := c.user("ann")
	ann.Get("/mine").Want(200)
	c.exec("UPDATE auth_user SET first_name = 'Ann'")
	if r := ann.Get("/mine").Want(200); r.Text != "" {
		c.Errorf("got %q", r.Text)
	}
	c.Auth.UserChanged(user.ID)
	if r := ann.Get("/mine").Want(200); r.Text != "Ann" {
		c.Errorf("got %q", r.Text)
	}
}

// memoUser has a field that all requests would share.
type memoUser struct {
	models.User
	memo map[string]bool
}

// cacheNeedsACopyableUser: otherwise handlers of two requests would write the same map.
func cacheNeedsACopyableUser(c *Case) {
	c.Start()
	memo := func(cfg *config.Config) {
		cfg.NewUser = func() models.Account { return &memoUser{memo: map[string]bool{}} }
	}
	cfg := c.Auth.Config()
	memo(&cfg)
	if _, err := ginauth.New(c.DB, cfg); err != nil {
		c.Errorf("without a cache: %v", err)
	}
	caching(&cfg)
	if _, err := ginauth.New(c.DB, cfg); err == nil || !strings.Contains(err.Error(), "Session.CacheFor") || !strings.Contains(err.Error(), "memoUser.memo") {
		c.Errorf("got %v", err)
	}
}

// changesAreVisibleAtOnce: a handler of the application sees what the library has just stored.
func changesAreVisibleAtOnce(c *Case) {
	c.Start(caching)
	guarded(c.App)
	ann := c.SignedUp("ann")
	for _, name := range []string{"Ann", "Anna", "Anne"} {
		ann.Patch("/auth/user/", obj{"first_name": name}).Want(200)
		for range 2 {
			if r := ann.Get("/mine").Want(200); r.Text != name {
				c.Errorf("got %q, want %q", r.Text, name)
			}
		}
	}
}

// requestsGetTheirOwnCopyOfTheUser: if a handler changes its user and session, other requests do not see it.
func requestsGetTheirOwnCopyOfTheUser(c *Case) {
	c.Start(caching, members)
	c.Router.GET("/change", c.Auth.RequireUser(), func(g *gin.Context) {
		m, session := ginauth.UserAs[Member](g), ginauth.Session(g)
		g.String(http.StatusOK, "%s %s %t", m.Company, *m.UsernameKey, session.LastSeenAt.IsZero())
		m.Company, *m.UsernameKey, session.LastSeenAt = "Eve", "eve", time.Time{}
	})
	ann := c.Client()
	ann.Post("/auth/registration/", memberIn("ann")).Want(201)
	for range 3 {
		if r := ann.Get("/change").Want(200); r.Text != "Acme ann false" {
			c.Errorf("got %q", r.Text)
		}
	}
}

// concurrentReadsDoNotCacheARevokedSession: requests that read a session while it ends must not cache it.
func concurrentReadsDoNotCacheARevokedSession(c *Case) {
	c.Start(caching)
	guarded(c.App)
	c.SignedUp("ann")
	user := c.user("ann")
	for range 20 {
		ann := c.LoggedIn("ann")
		var readers sync.WaitGroup
		for range 4 {
			reader := ann.Clone()
			readers.Go(func() {
				for reader.Get("/mine").StatusCode == 200 {
				}
			})
		}
		if err := c.Auth.EndSessions(c.Context(), user.ID); err != nil {
			c.Fatal(err)
		}
		ann.Get("/mine").Want(401)
		readers.Wait()
	}
}

// cachedSessionsAreTouched: last-seen is written once, not by each request.
func cachedSessionsAreTouched(c *Case) {
	c.Start(caching, func(cfg *config.Config) { cfg.Session.Touch = time.Minute })
	guarded(c.App)
	ann := c.SignedUp("ann")
	var statements meter
	statements.install(c)
	c.Clock.Advance(2 * time.Minute)
	ann.Get("/mine").Want(200)
	ann.Get("/mine").Want(200)
	statements.take()
	ann.Get("/mine").Want(200)
	if got := statements.take(); got != "" {
		c.Errorf("the last one ran %s", got)
	}
	var session models.Session
	if err := c.DB.Take(&session).Error; err != nil || !session.LastSeenAt.Equal(c.Clock.Now()) {
		c.Errorf("seen at %s, %v", session.LastSeenAt, err)
	}
}
