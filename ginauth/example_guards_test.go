package ginauth_test

import (
	"context"
	"fmt"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/models"
)

// guarded adds a route for each guard.
func guarded(router *gin.Engine, auth *ginauth.Auth) {
	show := func(c *gin.Context) {
		if user := ginauth.User(c); user != nil {
			c.String(200, "for "+user.Username)
			return
		}
		c.String(200, "for everyone")
	}
	router.GET("/news", auth.OptionalUser(), show)
	router.GET("/mine", auth.RequireUser(), show)
	router.GET("/office", auth.RequireStaff(), show)
	router.GET("/payout", auth.RequireFresh(5*time.Minute), show) // otherwise 403: re-enter the password
	router.GET("/letters", auth.RequireVerifiedEmail(), show)
	router.GET("/family", auth.Require(func(u *models.User) bool { return u.LastName == "Lee" }), show)
}

// Guards are middleware for a route or a group.
func Example_guards() {
	ctx := context.Background()
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	check(err)
	auth, err := ginauth.New(db, config.Config{Secret: secret})
	check(err)
	check(auth.Migrate(ctx))
	router := gin.New()
	check(auth.Register(router))
	guarded(router, auth)
	check(auth.CreateUser(ctx, &models.User{Username: "ann", LastName: "Lee"}, "Looking-Glass-7"))

	stranger, ann := browser(router), browser(router)
	ann("POST", "/auth/login/", `{"username": "ann", "password": "Looking-Glass-7"}`)
	for _, path := range []string{"/news", "/mine", "/office", "/payout", "/letters", "/family"} {
		fmt.Println(path, stranger("GET", path, "")[:3], ann("GET", path, "")[:3])
	}
	// Output:
	// /news 200 200
	// /mine 401 200
	// /office 401 403
	// /payout 401 200
	// /letters 401 403
	// /family 401 200
}
