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

// What follows is an application, as it could be, and its tests.

// Member is its user.
type Member struct {
	models.User
	Company string `gorm:"size:80"`
}

// Invoice is its own table.
type Invoice struct {
	ID       int64
	MemberID int64
	Member   *Member
	Cents    int64
}

// newRouter is its router: its own engine, the library's routes where it wants them.
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

// start makes it for a test.
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

	answer := httptest.NewRecorder()
	app.Router.ServeHTTP(answer, app.As(t, ann, httptest.NewRequest(http.MethodGet, "/api/company", nil)))
	if answer.Code != http.StatusOK || answer.Body.String() != `{"company":"Acme"}` {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}

	answer = httptest.NewRecorder()
	app.Router.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/api/company", nil))
	if answer.Code != http.StatusUnauthorized {
		t.Errorf("a stranger gets %d %s", answer.Code, answer.Body)
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

// TestApplicationLogin: with the password, and the user's browser.
func TestApplicationLogin(t *testing.T) {
	t.Parallel()
	app, _ := start(t)
	authtest.UserAs[Member](t, app, "ann")
	browser := app.Client(t)
	browser.Post("/api/auth/login/", authtest.Login("ann")).Want(http.StatusOK)
	browser.Get("/api/company").Want(http.StatusOK)
}
