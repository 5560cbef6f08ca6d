package main

// alexedwards/scs, a system to compare with.

import (
	"net/http"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"
	"gorm.io/gorm"
)

// newSCS is scs with its default store, the memory of the process: a restart logs everyone out.
func newSCS(db *gorm.DB) *system {
	manager := scs.New()
	router := gin.New()
	router.POST("/login", func(c *gin.Context) {
		a, err := checkBody(c, db)
		if err != nil {
			c.AbortWithStatus(http.StatusUnauthorized)
			return
		}
		if err := manager.RenewToken(c.Request.Context()); err != nil {
			c.AbortWithStatus(http.StatusInternalServerError)
			return
		}
		manager.Put(c.Request.Context(), "user", a.Username)
		answer(c, a.Username, a.Email)
	})
	router.POST("/logout", func(c *gin.Context) {
		if err := manager.Destroy(c.Request.Context()); err != nil {
			c.AbortWithStatus(http.StatusInternalServerError)
			return
		}
		c.Status(http.StatusNoContent)
	})
	router.GET("/me", func(c *gin.Context) {
		user := manager.GetString(c.Request.Context(), "user")
		if user == "" {
			c.AbortWithStatus(http.StatusUnauthorized)
			return
		}
		answer(c, user, "")
	})
	return &system{
		name: "scs, in memory", revocable: true, handler: manager.LoadAndSave(router),
		loginPath: "/login", logoutPath: "/logout", loginBody: namePassword, credential: cookies,
	}
}
