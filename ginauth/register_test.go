package ginauth_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"
	"gorm.io/gorm/utils/tests"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// dummyDB returns a handle that cannot run statements.
func dummyDB(t *testing.T) *gorm.DB {
	t.Helper()
	db, err := gorm.Open(tests.DummyDialector{}, &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func newAuth(t *testing.T, cfg config.Config) *ginauth.Auth {
	t.Helper()
	gin.SetMode(gin.TestMode)
	cfg.Secret = authtest.Secret
	cfg.Hash = config.Hash{Memory: 64, Time: 1, InsecureCheapForTests: true}
	auth, err := ginauth.New(dummyDB(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return auth
}

func TestRegisterMountsAtBasePath(t *testing.T) {
	for want, mount := range map[string]func(*gin.Engine) error{
		"/auth/login/":     func(e *gin.Engine) error { return newAuth(t, config.Config{}).Register(e) },
		"/accounts/login/": func(e *gin.Engine) error { return newAuth(t, config.Config{BasePath: "/accounts"}).Register(e) },
		"/login/":          func(e *gin.Engine) error { return newAuth(t, config.Config{BasePath: "/"}).Register(e) },
		"/api/login/":      func(e *gin.Engine) error { return newAuth(t, config.Config{}).Register(e.Group("/api")) },
		"/api/v1/login/": func(e *gin.Engine) error {
			return newAuth(t, config.Config{BasePath: "/v1"}).Register(e.Group("/api"))
		},
	} {
		engine := gin.New()
		if err := mount(engine); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{want, strings.TrimSuffix(want, "/")} {
			w := httptest.NewRecorder()
			engine.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			if w.Code != http.StatusMethodNotAllowed {
				t.Errorf("%s: %d", path, w.Code)
			}
		}
	}
}

func TestRegisterReturnsErrors(t *testing.T) {
	auth := newAuth(t, config.Config{})
	if err := auth.Register(gin.New()); err != nil {
		t.Fatal(err)
	}
	if err := auth.Register(gin.New()); err == nil || !strings.Contains(err.Error(), "called before") {
		t.Errorf("a second time: %v", err)
	}
	engine := gin.New()
	engine.GET("/auth/user/", func(*gin.Context) {})
	if err := newAuth(t, config.Config{}).Register(engine); err == nil || !strings.Contains(err.Error(), "/auth/user/") {
		t.Errorf("a taken path: %v", err)
	}
}

func TestNewReturnsErrors(t *testing.T) {
	if _, err := ginauth.New(nil, config.Config{Secret: authtest.Secret}); err == nil {
		t.Error("no database was accepted")
	}
	_, err := ginauth.New(dummyDB(t), config.Config{BasePath: "x"})
	if err == nil || !strings.Contains(err.Error(), "Secret") || !strings.Contains(err.Error(), "BasePath") {
		t.Errorf("got %v", err)
	}
}

// TestDebugLines checks the number of lines in README.md that Gin prints, and that all of them have the library's
// module path in the handler's name. The test is not parallel, because Gin's mode is a global.
func TestDebugLines(t *testing.T) {
	auth := newAuth(t, config.Config{})
	auth.Use("", func(*gin.Context) {})
	lines, other := 0, ""
	mode := gin.Mode()
	gin.SetMode(gin.DebugMode)
	gin.DebugPrintRouteFunc = func(_, path, handler string, _ int) {
		lines++
		if !strings.Contains(handler, "/gin-rest-auth/") {
			other = path + " " + handler
		}
	}
	defer func() {
		gin.DebugPrintRouteFunc = nil
		gin.SetMode(mode)
	}()
	if err := auth.Register(gin.New()); err != nil || lines != 198 || other != "" {
		t.Errorf("%d lines, %q, %v", lines, other, err)
	}
}

// TestNewChangesNothing: New and Register do not change the handle and the engine.
func TestNewChangesNothing(t *testing.T) {
	db := dummyDB(t)
	before, logger := *db.Config, db.Logger
	auth, err := ginauth.New(db, config.Config{Secret: authtest.Secret})
	if err != nil {
		t.Fatal(err)
	}
	if db.TranslateError != before.TranslateError || db.SkipDefaultTransaction != before.SkipDefaultTransaction || db.Logger != logger {
		t.Error("the application's handle changed")
	}
	engine := gin.New()
	if err := auth.Register(engine); err != nil {
		t.Fatal(err)
	}
	if engine.HandleMethodNotAllowed || len(engine.Handlers) != 0 || !engine.RedirectTrailingSlash {
		t.Error("the application's engine changed")
	}
}
