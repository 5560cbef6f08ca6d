package main

// appleboy/gin-jwt, a system to compare with.

import (
	"time"

	jwt "github.com/appleboy/gin-jwt/v3"
	"github.com/gin-gonic/gin"
	gojwt "github.com/golang-jwt/jwt/v5"
	"gorm.io/gorm"
)

// newGinJWT is gin-jwt with HS256, its default, and the user's name in the token.
func newGinJWT(db *gorm.DB) (*system, error) {
	middleware, err := jwt.New(&jwt.GinJWTMiddleware{
		Realm: "bench", Key: []byte("a key that only the benchmark has"), Timeout: time.Hour, IdentityKey: "user",
		Authenticator: func(c *gin.Context) (any, error) { return checkBody(c, db) },
		PayloadFunc:   func(data any) gojwt.MapClaims { return gojwt.MapClaims{"user": data.(*account).Username} },
	})
	if err != nil {
		return nil, err
	}
	router := gin.New()
	router.POST("/login", middleware.LoginHandler)
	router.POST("/logout", middleware.LogoutHandler)
	router.GET("/me", middleware.MiddlewareFunc(), func(c *gin.Context) { answer(c, c.GetString("user"), "") })
	return &system{
		name: "gin-jwt", handler: router,
		loginPath: "/login", logoutPath: "/logout", loginBody: namePassword, credential: bearer("access_token"),
	}, nil
}
