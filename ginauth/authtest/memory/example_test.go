package memory_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/models"
)

// Member is the application's user.
type Member struct {
	models.User
	Company string
}

// routes are the application's.
func routes(auth *ginauth.Auth) *gin.Engine {
	router := gin.New()
	router.GET("/api/company", auth.RequireUser(), func(c *gin.Context) {
		c.JSON(http.StatusOK, gin.H{"company": ginauth.UserAs[Member](c).Company})
	})
	return router
}

// A test of a route behind RequireUser. The function is what a test file calls
//
//	func TestCompany(t *testing.T)
func Example() {
	testCompany := func(t testing.TB) {
		app := memory.New(t, func(cfg *config.Config) { cfg.NewUser = config.Model[Member]() })
		router := routes(app.Auth)
		ann := authtest.UserAs[Member](t, app, "ann", func(m *Member) { m.Company = "Acme" })

		answer := httptest.NewRecorder()
		router.ServeHTTP(answer, app.As(t, ann, httptest.NewRequest("GET", "/api/company", nil)))
		fmt.Println(answer.Code, answer.Body)

		stranger := httptest.NewRecorder()
		router.ServeHTTP(stranger, httptest.NewRequest("GET", "/api/company", nil))
		fmt.Println(stranger.Code)
	}
	asTest(testCompany) // go test does this for a TestCompany
	// Output:
	// 200 {"company":"Acme"}
	// 401
}
