package binding_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

// closed is the error of the whole request while the application takes no sign-ups.
var closed = &binding.Error{Status: 503, Code: "closed", Message: "Please come back tomorrow."}

// Middleware rejects a whole request. The body has the message and the code, and the response has the extra header.
func ExampleError() {
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	if err != nil {
		log.Panic(err)
	}
	auth, err := ginauth.New(db, config.Config{Secret: "32-random-bytes-or-more-from-your-environment"})
	if err != nil {
		log.Panic(err)
	}
	if err := auth.Migrate(context.Background()); err != nil {
		log.Panic(err)
	}
	auth.Use("registration", func(c *gin.Context) { auth.Fail(c, closed.WithHeader("Retry-After", "3600")) })
	router := gin.New()
	if err := auth.Register(router); err != nil {
		log.Panic(err)
	}

	w := httptest.NewRecorder()
	router.ServeHTTP(w, httptest.NewRequest("POST", "/auth/registration/", nil))
	fmt.Println(w.Code, w.Header().Get("Retry-After"), w.Body)
	// Output:
	// 503 3600 {"detail":"Please come back tomorrow.","code":"closed"}
}
