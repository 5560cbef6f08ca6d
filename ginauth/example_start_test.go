package ginauth_test

import (
	"context"
	"fmt"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

// secret is what all keys are derived from. Create your own with: openssl rand -base64 48
const secret config.Secret = "not this one, it is public: 3e7DqkpVw1"

// The smallest application: accounts, and one route that needs a login. A real one opens its database with one of
// GORM's drivers, and runs the router.
func Example() {
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	check(err)
	auth, err := ginauth.New(db, config.Config{Secret: secret})
	check(err) // names every invalid setting
	check(auth.Migrate(context.Background()))
	router := gin.New()
	check(auth.Register(router))
	router.GET("/api/me", auth.RequireUser(), func(c *gin.Context) {
		c.String(200, "hello "+ginauth.User(c).Username)
	})

	send := browser(router)
	fmt.Println(send("GET", "/api/me", ""))
	fmt.Println(send("POST", "/auth/registration/", `{"username": "ann", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7"}`))
	fmt.Println(send("GET", "/api/me", ""))
	fmt.Println(send("POST", "/auth/logout/", ""))
	fmt.Println(send("POST", "/auth/login/", `{"username": "ann", "password": "looking-glass-7"}`))
	fmt.Println(send("POST", "/auth/login/", `{"username": "ann", "password": "Looking-Glass-7"}`))
	// Output:
	// 401 {"detail":"Please log in to continue.","code":"not_authenticated"}
	// 201 {"user":{"pk":1,"username":"ann","email":"","first_name":"","last_name":""}}
	// 200 hello ann
	// 200 {"detail":"You are logged out."}
	// 400 {"non_field_errors":["We could not log you in with these details. Please check them and try again."]}
	// 200 {"user":{"pk":1,"username":"ann","email":"","first_name":"","last_name":""}}
}
