package main

// go-pkgz/auth, a system to compare with.

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-pkgz/auth/v2"
	"github.com/go-pkgz/auth/v2/provider"
	"github.com/go-pkgz/auth/v2/token"
	"gorm.io/gorm"
)

// newPkgz is go-pkgz/auth with its direct provider: a JWT in a cookie, which has the user's name.
func newPkgz(db *gorm.DB) *system {
	service := auth.NewService(auth.Opts{
		SecretReader:  token.SecretFunc(func(string) (string, error) { return "a secret that only the benchmark has", nil }),
		TokenDuration: time.Hour, CookieDuration: 24 * time.Hour,
		Issuer: "bench", URL: "http://localhost", // no AvatarStore: even its NoOp draws a picture at each login, for 2 ms
	})
	service.AddDirectProvider("local", provider.CredCheckerFunc(func(username, given string) (bool, error) {
		_, err := check(context.Background(), db, username, given)
		return err == nil, nil
	}))
	handler, _ := service.Handlers()
	protect := service.Middleware()
	router := gin.New()
	router.Any("/auth/*path", gin.WrapH(handler))
	router.GET("/me", adapt(protect.Auth), func(c *gin.Context) {
		user, err := token.GetUserInfo(c.Request)
		if err != nil {
			c.AbortWithStatus(http.StatusInternalServerError)
			return
		}
		answer(c, user.Name, "")
	})
	return &system{
		name: "go-pkgz/auth", handler: router, loginPath: "/auth/local/login", logoutPath: "/auth/logout",
		loginBody: func(username string) string { return `{"user":"` + username + `","passwd":"` + password + `"}` },
		credential: func(login *recorder) http.Header {
			header := cookies(login)
			for _, c := range login.cookies() {
				if c.Name == "XSRF-TOKEN" {
					header.Set("X-XSRF-TOKEN", c.Value)
				}
			}
			return header
		},
	}
}
