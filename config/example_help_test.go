package config_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func init() { gin.SetMode(gin.ReleaseMode) } // otherwise Gin prints every route

// check ends an example that cannot continue.
func check(err error) {
	if err != nil {
		log.Panic(err)
	}
}

// start starts an application on a database in memory. The function it returns sends JSON to the application,
// keeps the cookies as a browser does, and returns status and body of the response.
func start(cfg config.Config, tables ...any) (send func(method, path, body string) string, db *gorm.DB) {
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	check(err)
	check(db.AutoMigrate(tables...))
	cfg.Secret = secret
	auth, err := ginauth.New(db, cfg)
	check(err)
	check(auth.Migrate(context.Background()))
	router := gin.New()
	check(auth.Register(router))
	cookies := map[string]*http.Cookie{}
	return func(method, path, body string) string {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		for _, cookie := range cookies {
			r.AddCookie(cookie)
		}
		response := httptest.NewRecorder()
		router.ServeHTTP(response, r)
		for _, cookie := range response.Result().Cookies() {
			cookies[cookie.Name] = cookie
		}
		return strings.TrimSpace(fmt.Sprint(response.Code, " ", response.Body))
	}, db
}
