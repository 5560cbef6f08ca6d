package social_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
)

// Users log in with Google or GitHub. The front end sends what the provider gave it.
func Example() {
	gin.SetMode(gin.ReleaseMode)
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	must(err)
	google := social.Google("id.apps.googleusercontent.com", "client-secret")
	google.RedirectURLs = []string{"https://app.acme.example/google"}
	auth, err := ginauth.New(db, config.Config{Secret: "for examples: aGm3vXr0Qe8TtW5yZsLb2HdNfUj7AcPo"},
		social.Login(google, social.GitHub("client-id", "client-secret")))
	must(err)
	must(auth.Migrate(context.Background()))
	router := gin.New()
	must(auth.Register(router))

	r := httptest.NewRequest("POST", "/auth/google/", strings.NewReader(`{}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	router.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
	// Output:
	// 400 {"non_field_errors":["Incorrect input. access_token or code is required."]}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
