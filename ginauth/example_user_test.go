package ginauth_test

import (
	"context"
	"fmt"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/models"
)

// Member is the application's user: the library's, with its own columns.
type Member struct {
	models.User
	Company string `gorm:"size:80"`
}

// Your own user type. The library writes its own columns and no others.
func Example_ownUser() {
	ctx := context.Background()
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	check(err)
	auth, err := ginauth.New(db, config.Config{Secret: secret, NewUser: config.Model[Member]()})
	check(err)
	check(auth.Migrate(ctx)) // also adds the column company
	router := gin.New()
	check(auth.Register(router))
	api := router.Group("/api", auth.RequireUser())
	api.GET("/company", func(c *gin.Context) {
		c.String(200, ginauth.UserAs[Member](c).Company)
	})
	api.PUT("/company/:name", func(c *gin.Context) {
		db.Model(ginauth.UserAs[Member](c)).Update("company", c.Param("name"))
	})

	ann := &Member{User: models.User{Username: "ann"}, Company: "Acme"}
	check(auth.CreateUser(ctx, ann, "Looking-Glass-7")) // for example in a command line
	send := browser(router)
	send("POST", "/auth/login/", `{"username": "ann", "password": "Looking-Glass-7"}`)
	fmt.Println(send("GET", "/api/company", ""))
	send("PUT", "/api/company/Initech", "")
	fmt.Println(send("GET", "/api/company", ""))
	// Output:
	// 200 Acme
	// 200 Initech
}
