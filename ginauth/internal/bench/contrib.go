package main

// gin-contrib/sessions, alone and with a query for the user: two systems to compare with.

import (
	"net/http"
	"strconv"

	"github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/cookie"
	"github.com/gin-gonic/gin"
	"gorm.io/gorm"
)

// newContrib is gin-contrib/sessions with its cookie store, as in its README: the user's ID in a signed cookie.
func newContrib(db *gorm.DB) *system {
	return contrib(db, &system{name: "gin-contrib/sessions, cookie"}, func(c *gin.Context, id int64) {
		answer(c, strconv.FormatInt(id, 10), "")
	})
}

// newContribGORM is the same with the usual next line of an application.
func newContribGORM(db *gorm.DB) *system {
	return contrib(db, &system{name: "gin-contrib/sessions + GORM First(user)", loadsUser: true}, func(c *gin.Context, id int64) {
		var a account
		if err := db.WithContext(c.Request.Context()).First(&a, id).Error; err != nil || !a.IsActive {
			c.AbortWithStatus(http.StatusUnauthorized)
			return
		}
		answer(c, a.Username, a.Email)
	})
}

func contrib(db *gorm.DB, s *system, protected func(c *gin.Context, id int64)) *system {
	router := gin.New()
	router.Use(sessions.Sessions("session", cookie.NewStore([]byte("a key that only the benchmark has"))))
	router.POST("/login", func(c *gin.Context) {
		a, err := checkBody(c, db)
		if err != nil {
			c.AbortWithStatus(http.StatusUnauthorized)
			return
		}
		if saveID(c, a.ID) {
			answer(c, a.Username, a.Email)
		}
	})
	router.POST("/logout", func(c *gin.Context) {
		if saveID(c, 0) {
			c.Status(http.StatusNoContent)
		}
	})
	router.GET("/me", func(c *gin.Context) {
		id, _ := sessions.Default(c).Get("user").(int64)
		if id == 0 {
			c.AbortWithStatus(http.StatusUnauthorized)
			return
		}
		protected(c, id)
	})
	s.handler, s.loginPath, s.logoutPath, s.loginBody, s.credential = router, "/login", "/logout", namePassword, cookies
	return s
}

// saveID stores the ID in the cookie, or removes it if it is 0.
func saveID(c *gin.Context, id int64) bool {
	session := sessions.Default(c)
	if session.Clear(); id != 0 {
		session.Set("user", id)
	}
	if err := session.Save(); err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return false
	}
	return true
}
