package binding_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

// staffOnly rejects sign-ups with an address outside of the company.
func staffOnly(_ context.Context, _ *gorm.DB, e config.Event) error {
	if !strings.HasSuffix(e.User.Base().Email, "@example.com") {
		return binding.Invalid("email", binding.Problem{Code: "not_staff", Message: "Please use your address at work."})
	}
	return nil
}

// A hook rejects a value. Clients get the message, and also the code if they accept problem+json.
func ExampleInvalid() {
	cfg := config.Config{Secret: "32-random-bytes-or-more-from-your-environment"}
	cfg.Hooks.BeforeRegister = staffOnly
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	if err != nil {
		log.Panic(err)
	}
	auth, err := ginauth.New(db, cfg)
	if err != nil {
		log.Panic(err)
	}
	if err := auth.Migrate(context.Background()); err != nil {
		log.Panic(err)
	}
	router := gin.New()
	if err := auth.Register(router); err != nil {
		log.Panic(err)
	}

	for _, accept := range []string{"application/json", "application/problem+json"} {
		r := httptest.NewRequest("POST", "/auth/registration/", strings.NewReader(
			`{"username": "ann", "email": "ann@mail.example", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 400 {"email":["Please use your address at work."]}
	// 400 {"type":"about:blank","title":"Bad Request","status":400,"detail":"The request could not be processed. Please check your input.","code":"invalid","errors":[{"field":"email","pointer":"#/email","code":"not_staff","detail":"Please use your address at work."}]}
}
