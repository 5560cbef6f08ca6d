package passkey_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
)

// A browser begins to log in with a passkey. It gets what navigator.credentials.get needs, for any user.
func Example() {
	gin.SetMode(gin.ReleaseMode)
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	must(err)
	auth, err := ginauth.New(db, config.Config{Secret: "for examples: aGm3vXr0Qe8TtW5yZsLb2HdNfUj7AcPo"},
		passkey.Feature(passkey.Options{Origins: []string{"https://app.example.com"}, RPID: "example.com"}))
	must(err)
	must(auth.Migrate(context.Background()))
	router := gin.New()
	must(auth.Register(router))

	response := httptest.NewRecorder()
	router.ServeHTTP(response, httptest.NewRequest("POST", "https://app.example.com/auth/passkeys/login/begin/", nil))
	var options passkey.RequestOptions
	must(json.Unmarshal(response.Body.Bytes(), &options))
	fmt.Println(response.Code, options.RPID, options.UserVerification, options.AllowCredentials)
	// Output: 200 example.com required []
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
