package jwtroutes_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

// A client exchanges its refresh token for new tokens.
func Example() {
	gin.SetMode(gin.ReleaseMode)
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	must(err)
	auth, err := ginauth.New(db, config.Config{
		Secret: "for examples: aGm3vXr0Qe8TtW5yZsLb2HdNfUj7AcPo",
		Login:  []config.Credential{config.JSONWebToken}, // adds token/refresh/, token/verify/ and jwks.json
	})
	must(err)
	must(auth.Migrate(context.Background()))
	router := gin.New()
	must(auth.Register(router))

	send := func(path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r)
		return w
	}
	var login binding.LoginResponse
	signUp := `{"username": "ann", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7"}`
	must(json.Unmarshal(send("/auth/registration/", signUp).Body.Bytes(), &login))
	var next binding.Tokens
	must(json.Unmarshal(send("/auth/token/refresh/", `{"refresh": "`+login.Refresh+`"}`).Body.Bytes(), &next))

	fmt.Println("a new pair:", next.Access != login.Access, next.Refresh != login.Refresh)
	fmt.Println("valid:", send("/auth/token/verify/", `{"token": "`+next.Access+`"}`).Code)
	fmt.Println("made up:", send("/auth/token/verify/", `{"token": "made up"}`).Code)
	// Output:
	// a new pair: true true
	// valid: 200
	// made up: 401
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
