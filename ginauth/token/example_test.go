package token_test

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

// A user creates a personal token that can read orders and do nothing else.
func Example() {
	gin.SetMode(gin.ReleaseMode)
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	must(err)
	auth, err := ginauth.New(db, config.Config{
		Secret: "for examples: aGm3vXr0Qe8TtW5yZsLb2HdNfUj7AcPo",
		Login:  []config.Credential{config.OpaqueToken}, // adds tokens/
		Token:  config.Token{Scopes: []string{"orders:read", "orders:write"}},
	})
	must(err)
	must(auth.Migrate(context.Background()))
	router := gin.New()
	must(auth.Register(router))
	router.GET("/orders", auth.RequireScope("orders:read"), func(c *gin.Context) { c.String(200, "orders of "+ginauth.User(c).Username) })
	router.POST("/orders", auth.RequireScope("orders:write"), func(c *gin.Context) { c.Status(201) })

	send := func(method, path, body, key string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		if key != "" {
			r.Header.Set("Authorization", "Bearer "+key)
		}
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r)
		return w
	}
	var login binding.LoginResponse
	signUp := `{"username": "ann", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7"}`
	must(json.Unmarshal(send("POST", "/auth/registration/", signUp, "").Body.Bytes(), &login))
	var token binding.NewToken
	must(json.Unmarshal(send("POST", "/auth/tokens/", `{"name": "report", "scopes": ["orders:read"]}`, login.Key).Body.Bytes(), &token))

	fmt.Println(token.Name, token.Scopes)
	fmt.Println(send("GET", "/orders", "", token.Key).Body)
	fmt.Println(send("POST", "/orders", "", token.Key).Code)
	fmt.Println(send("GET", "/auth/user/", "", token.Key).Code)
	// Output:
	// report [orders:read]
	// orders of ann
	// 403
	// 403
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
