package main

// The control of the command storm: a server that does nothing but hash, to see what any server on this machine does.

import (
	"net/http"
	"runtime"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/crypto/argon2"

	"github.com/ginauth/gin-rest-auth/binding"
)

// control does only what a server with slow passwords cannot avoid: each login waits up to 2 seconds for one of the same
// slots as those of the library, and computes the same hash. There is no account, no database and no limit.
func control() *gin.Engine {
	slots := make(chan struct{}, max(1, runtime.NumCPU()-1))
	router := gin.New()
	router.POST("/auth/login/", func(c *gin.Context) {
		var body struct {
			Password string `json:"password" binding:"required"`
		}
		if err := c.ShouldBindJSON(&body); err != nil {
			c.Status(http.StatusInternalServerError)
			return
		}
		select {
		case slots <- struct{}{}:
			argon2.IDKey([]byte(body.Password), make([]byte, 16), 2, 19456, 1, 32)
			<-slots
			c.Status(http.StatusBadRequest)
		case <-time.After(2 * time.Second):
			c.Header("Retry-After", "1")
			c.Status(http.StatusServiceUnavailable)
		}
	})
	router.GET("/auth/user/", func(c *gin.Context) {
		c.JSON(http.StatusOK, binding.User{PK: 1, Username: "user1", Email: "user1@example.com", FirstName: "Ann", LastName: "Liddell"})
	})
	return router
}
