package authtest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/models"
)

// This file has a small application and its tests.

// Member is the user type of the application.
type Member struct {
	models.User
	Company string `gorm:"size:80"`
}

// Invoice is a table of the application.
type Invoice struct {
	ID       int64
	MemberID int64
	Member   *Member
	Cents    int64
}

// newRouter returns the router of the application, with the library's routes below /api/auth.
func newRouter(auth *ginauth.Auth, db *gorm.DB) (*gin.Engine, error) {
	router := gin.New()
	if err := auth.Register(router.Group("/api/auth")); err != nil {
		return nil, err
	}
	api := router.Group("/api", auth.RequireUser())
	api.GET("/company", func(c *gin.Context) {
		c.JSON(http.StatusOK, gin.H{"company": ginauth.UserAs[Member](c).Company})
	})
	api.POST("/invoices", func(c *gin.Context) {
		invoice := Invoice{MemberID: ginauth.User(c).ID, Cents: 100}
		if err := db.Create(&invoice).Error; err != nil {
			c.AbortWithStatus(http.StatusInternalServerError)
			return
		}
		c.JSON(http.StatusCreated, invoice.ID)
	})
	router.GET("/api/staff", auth.RequireStaff(), func(c *gin.Context) { c.Status(http.StatusNoContent) })
	return router, nil
}

// start creates the application for a test.
func start(t *testing.T) (*authtest.App, *gorm.DB) {
	t.Helper()
	db := memory.Open(t)
	app := authtest.Prepare(t, db, func(cfg *config.Config) { cfg.NewUser = config.Model[Member]() })
	if err := db.AutoMigrate(&Invoice{}); err != nil {
		t.Fatal(err)
	}
	var err error
	if app.Router, err = newRouter(app.Auth, db); err != nil {
		t.Fatal(err)
	}
	return app, db
}

func TestApplicationCompany(t *testing.T) {
	t.Parallel()
	app, _ := start(t)
	ann := authtest.UserAs[Member](t, app, "ann", func(m *Member) { m.Company = "Acme" })

	response := httptest.NewRecorder()
	app.Router.ServeHTTP(response, app.As(t, ann, httptest.NewRequest(http.MethodGet, "/api/company", nil)))
	if response.Code != http.StatusOK || response.Body.String() != `{"company":"Acme"}` {
		t.Errorf("%d %s", response.Code, response.Body)
	}

	response = httptest.NewRecorder()
	app.Router.ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/api/company", nil))
	if response.Code != http.StatusUnauthorized {
		t.Errorf("without a login: %d %s", response.Code, response.Body)
	}
}

func TestApplicationInvoices(t *testing.T) {
	t.Parallel()
	app, db := start(t)
	ann, bob := authtest.UserAs[Member](t, app, "ann"), authtest.UserAs[Member](t, app, "bob")
	for _, member := range []*Member{ann, ann, bob} {
		app.Login(t, member).Post("/api/invoices", nil).Want(http.StatusCreated)
	}
	var n int64
	if err := db.Model(&Invoice{}).Where("member_id = ?", ann.ID).Count(&n).Error; err != nil || n != 2 {
		t.Errorf("%d invoices, %v", n, err)
	}
}

func TestApplicationStaff(t *testing.T) {
	t.Parallel()
	app, _ := start(t)
	root := app.User(t, "root", func(u *models.User) { u.IsStaff = true })
	app.Login(t, root).Get("/api/staff").Want(http.StatusNoContent)
	app.Login(t, app.User(t, "ann")).Get("/api/staff").Want(http.StatusForbidden)
	app.Client(t).Get("/api/staff").Want(http.StatusUnauthorized)
}

// TestApplicationLogin: the user logs in with the password.
func TestApplicationLogin(t *testing.T) {
	t.Parallel()
	app, _ := start(t)
	authtest.UserAs[Member](t, app, "ann")
	browser := app.Client(t)
	browser.Post("/api/auth/login/", authtest.Login("ann")).Want(http.StatusOK)
	browser.Get("/api/company").Want(http.StatusOK)
}
