package ginauth_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"
)

func init() { gin.SetMode(gin.ReleaseMode) } // else Gin prints every route

// check ends an example that cannot go on.
func check(err error) {
	if err != nil {
		log.Panic(err)
	}
}

// browser sends JSON to a server and keeps the cookies, as one browser does. What it returns is
// status and body.
func browser(server http.Handler) func(method, path, body string) string {
	cookies := map[string]*http.Cookie{}
	return func(method, path, body string) string {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		for _, cookie := range cookies {
			r.AddCookie(cookie)
		}
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, r)
		for _, cookie := range answer.Result().Cookies() {
			if cookies[cookie.Name] = cookie; cookie.MaxAge < 0 {
				delete(cookies, cookie.Name)
			}
		}
		return strings.TrimSpace(fmt.Sprint(answer.Code, " ", answer.Body))
	}
}
