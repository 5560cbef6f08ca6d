package ginauth_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"
)

func init() { gin.SetMode(gin.ReleaseMode) } // otherwise Gin prints every route

// check ends an example that failed.
func check(err error) {
	if err != nil {
		log.Panic(err)
	}
}

// browser returns a function that sends JSON to a server, keeps the cookies like a browser, and returns status and
// body.
func browser(server http.Handler) func(method, path, body string) string {
	cookies := map[string]*http.Cookie{}
	return func(method, path, body string) string {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		for _, cookie := range cookies {
			r.AddCookie(cookie)
		}
		response := httptest.NewRecorder()
		server.ServeHTTP(response, r)
		for _, cookie := range response.Result().Cookies() {
			if cookies[cookie.Name] = cookie; cookie.MaxAge < 0 {
				delete(cookies, cookie.Name)
			}
		}
		return strings.TrimSpace(fmt.Sprint(response.Code, " ", response.Body))
	}
}
