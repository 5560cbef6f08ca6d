package main

// What is measured: systems with the same two routes.

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// A system has the protected route GET /me and a login, both on Gin.
type system struct {
	name      string
	loadsUser bool // a request reads the user from the database
	revocable bool // a logout ends the credential on the server
	ours      bool
	handler   http.Handler

	loginPath, logoutPath string
	loginBody             func(username string) string      // JSON
	credential            func(login *recorder) http.Header // what later requests send
}

// reply is the response of the protected route. User is the name, or the ID where a system knows only that.
// Email is empty where a system does not load the user.
type reply struct {
	User  string `json:"user"`
	Email string `json:"email"`
}

func answer(c *gin.Context, user, email string) { c.JSON(http.StatusOK, reply{user, email}) }

// namePassword is the usual body of a login.
func namePassword(username string) string {
	return `{"username":"` + username + `","password":"` + password + `"}`
}

// cookies is a credential that consists of the cookies of the response.
func cookies(login *recorder) http.Header {
	var pairs []string
	for _, c := range login.cookies() {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	return http.Header{"Cookie": {strings.Join(pairs, "; ")}}
}

// adapt makes Gin middleware of middleware for net/http.
func adapt(middleware func(http.Handler) http.Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		passed := false
		middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			passed = true
			c.Request = r
			c.Next()
		})).ServeHTTP(c.Writer, c.Request)
		if !passed {
			c.Abort()
		}
	}
}
