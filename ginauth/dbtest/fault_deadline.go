package dbtest

import (
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// hang makes statements wait until their context ends, while the returned flag is set.
func (c *Case) hang() *atomic.Bool {
	c.Helper()
	var on atomic.Bool
	wait := func(db *gorm.DB) {
		if !on.Load() {
			return
		}
		select {
		case <-db.Statement.Context.Done():
			_ = db.AddError(db.Statement.Context.Err())
		case <-time.After(30 * time.Second):
			c.Error("a statement has no deadline")
		}
	}
	for _, err := range []error{
		c.DB.Callback().Query().Before("*").Register("hang", wait), c.DB.Callback().Row().Before("*").Register("hang", wait),
		c.DB.Callback().Raw().Before("*").Register("hang", wait), c.DB.Callback().Create().Before("*").Register("hang", wait),
		c.DB.Callback().Update().Before("*").Register("hang", wait), c.DB.Callback().Delete().Before("*").Register("hang", wait),
	} {
		if err != nil {
			c.Fatal(err)
		}
	}
	return &on
}

// impatient is for applications whose database hangs.
func withShortTimeout(cfg *config.Config) { cfg.Timeout = 500 * time.Millisecond }

// statementsHaveADeadline: if the database hangs, each route and guard responds 503 in time and logs it. The
// application's handler behind a guard gets no deadline from the library.
func statementsHaveADeadline(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	c.App = authtest.New(c.T, c.DB, withShortTimeout)
	hangs := c.hang()
	c.Router.GET("/guarded", c.Auth.RequireUser(), func(g *gin.Context) {
		if _, bounded := g.Request.Context().Deadline(); bounded || g.Request.Context().Err() != nil {
			c.Errorf("the handler of the application has a deadline, or a context that has ended")
		}
		g.Status(204)
	})
	ann = c.as(ann)
	ann.Get("/guarded").Want(204)
	for path, body := range map[string]any{
		"GET /auth/user/": nil, "GET /guarded": nil, "POST /auth/login/": authtest.Login("ann"), "POST /auth/registration/": authtest.SignUp("bob"),
		"DELETE /auth/sessions/": nil, "POST /auth/logout/": nil,
	} {
		method, path, _ := strings.Cut(path, " ")
		hangs.Store(true)
		ann.Clone().Do(method, path, body).WantCode(503, binding.CodeUnavailable)
		hangs.Store(false)
		if !strings.Contains(c.Log.String(), "route="+path) {
			c.Errorf("%s is not logged: %s", path, c.Log)
		}
	}
	ann.Get("/auth/user/").Want(200)
}

// manyNodes reports whether connections go to several nodes of a Galera cluster.
func (c *Case) manyNodes() bool {
	names := map[string]bool{}
	for range 2 {
		tx := c.DB.Begin()
		defer tx.Rollback()
		var name string
		if c.DB.Name() != "mysql" || tx.Raw("SELECT @@wsrep_node_name").Scan(&name).Error != nil {
			return false
		}
		names[name] = true
	}
	return len(names) > 1
}

// lockedRowsHaveADeadline: a statement that waits for a lock beyond the deadline is not executed later either.
func lockedRowsHaveADeadline(c *Case) {
	c.Start()
	ann, other := c.SignedUp("ann"), c.LoggedIn("ann")
	c.App = authtest.New(c.T, c.DB, withShortTimeout)
	if c.DB.Name() == "sqlite" || c.manyNodes() { // in SQLite no context ends the busy timeout; Galera nodes do not wait for locks of other nodes
		one, err := c.DB.DB()
		if err != nil {
			c.Fatal(err)
		}
		one.SetMaxOpenConns(1)
	}
	lock := c.DB.Begin()
	for model, column := range map[any]string{&models.User{}: "last_login", &models.Session{}: "last_seen_at"} {
		if err := lock.Model(model).Where("1 = 1").Update(column, time.Now().UTC()).Error; err != nil {
			c.Fatal(err)
		}
	}
	ends := time.AfterFunc(time.Minute, func() { lock.Rollback() }) // otherwise a request without a deadline would never return
	c.as(ann).Patch("/auth/user/", obj{"first_name": "Late"}).WantCode(503, binding.CodeUnavailable)
	c.as(ann).Delete("/auth/sessions/").WantCode(503, binding.CodeUnavailable)
	ends.Stop()
	if err := lock.Rollback().Error; err != nil {
		c.Fatal(err)
	}
	ann.Get("/auth/user/").Want(200)
	other.Get("/auth/user/").Want(200)
	if name := c.user("ann").FirstName; name != "" {
		c.Errorf("first name %q after 503", name)
	}
}

// slowBody sends the rest of a body only on a signal.
type slowBody struct {
	rest  *strings.Reader
	pause <-chan time.Time
}

func (b slowBody) Read(p []byte) (int, error) {
	<-b.pause
	return b.rest.Read(p)
}

// slowBodiesAreNotTimedOut: the deadline applies to the database, not to the client.
func slowBodiesAreNotTimedOut(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.Timeout = 2 * time.Second })
	c.SignedUp("ann")
	over := time.NewTicker(1100 * time.Millisecond) // for the body, and for its end
	defer over.Stop()
	body := slowBody{strings.NewReader(`{"username":"ann","password":"` + authtest.Password + `"}`), over.C}
	r := httptest.NewRequestWithContext(c.T.Context(), "POST", "/auth/login/", body)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	c.Router.ServeHTTP(w, r)
	if w.Code != 200 {
		c.Errorf("%d %s", w.Code, w.Body)
	}
}
