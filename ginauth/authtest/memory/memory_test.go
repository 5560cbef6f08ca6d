package memory_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/gin-contrib/sessions/memstore"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/models"
)

// TestNew: each test has its own database.
func TestNew(t *testing.T) {
	t.Parallel()
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			app := memory.New(t, func(cfg *config.Config) { cfg.BasePath = "/accounts" })
			ann := app.User(t, "ann")
			if ann.ID != 1 {
				t.Errorf("ID %d", ann.ID)
			}
			app.Login(t, ann).Get("/accounts/user/").Want(200)
		})
	}
}

// TestConcurrentRequests: concurrent reads, writes and logins on several connections.
func TestConcurrentRequests(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*config.Config){
		"default":      func(*config.Config) {},
		"server store": func(cfg *config.Config) { cfg.SessionStore = memstore.NewStore([]byte(authtest.Secret)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := memory.New(t, change)
			ann := app.User(t, "ann")
			var all sync.WaitGroup
			for i := range 16 {
				all.Go(func() {
					app.Client(t).Post("/auth/registration/", authtest.SignUp(fmt.Sprintf("user%d", i))).Want(201)
					for range 4 {
						response := httptest.NewRecorder()
						app.Router.ServeHTTP(response, app.As(t, ann, httptest.NewRequest(http.MethodGet, "/auth/sessions/", nil)))
						if response.Code != 200 {
							t.Errorf("%d %s", response.Code, response.Body)
						}
					}
				})
			}
			all.Wait()
		})
	}
}

// TestOpen: the database is removed after the test, and enforces transactions and foreign keys.
func TestOpen(t *testing.T) {
	t.Parallel()
	type note struct {
		ID     int64
		UserID int64
		User   *models.User
	}
	var kept *gorm.DB
	t.Run("during", func(t *testing.T) {
		kept = memory.Open(t)
		app := authtest.Prepare(t, kept)
		if err := kept.AutoMigrate(&note{}); err != nil {
			t.Fatal(err)
		}
		if err := kept.Create(&note{UserID: 7}).Error; err == nil {
			t.Error("a note of an unknown user was stored")
		}
		ann := app.User(t, "ann")
		_ = kept.Transaction(func(tx *gorm.DB) error {
			return errors.Join(tx.Create(&note{UserID: ann.ID}).Error, errors.New("roll back"))
		})
		var n int64
		if err := kept.Model(&note{}).Count(&n).Error; err != nil || n != 0 {
			t.Errorf("%d notes, %v", n, err)
		}
	})
	if err := kept.Exec("SELECT 1").Error; err == nil {
		t.Error("the database is still open")
	}
}

// TestDialector: two handles have separate databases.
func TestDialector(t *testing.T) {
	t.Parallel()
	for range 2 {
		db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Exec("CREATE TABLE things (id INTEGER)").Error; err != nil {
			t.Error(err)
		}
		if pool, err := db.DB(); err == nil {
			_ = pool.Close()
		}
	}
}
