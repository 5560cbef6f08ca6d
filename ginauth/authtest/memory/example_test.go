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

// Member is the user type of the application.
type Member struct {
	models.User
	Company string
}

// routes returns the router of the application.
func routes(auth *ginauth.Auth) *gin.Engine {
	router := gin.New()
	router.GET("/api/company", auth.RequireUser(), func(c *gin.Context) {
		c.JSON(http.StatusOK, gin.H{"company": ginauth.UserAs[Member](c).Company})
	})
	return router
}

// Test a route behind RequireUser.
func Example() {
	testCompany := func(t testing.TB) { // in your code: func TestCompany(t *testing.T)
		app := memory.New(t, func(cfg *config.Config) { cfg.NewUser = config.Model[Member]() })
		router := routes(app.Auth)
		ann := authtest.UserAs[Member](t, app, "ann", func(m *Member) { m.Company = "Acme" })

		response := httptest.NewRecorder()
		router.ServeHTTP(response, app.As(t, ann, httptest.NewRequest("GET", "/api/company", nil)))
		fmt.Println(response.Code, response.Body)

		anonymous := httptest.NewRecorder()
		router.ServeHTTP(anonymous, httptest.NewRequest("GET", "/api/company", nil))
		fmt.Println(anonymous.Code)
	}
	asTest(testCompany) // go test does this
	// Output:
	// 200 {"company":"Acme"}
	// 401
}
