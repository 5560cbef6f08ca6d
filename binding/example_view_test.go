package binding_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

// Failure is the error body of the application.
type Failure struct {
	Error  binding.Code              `json:"error"`
	Fields map[string][]binding.Code `json:"fields,omitempty"`
}

// newFailure is the view. The library has filled in the messages before; this application shows its own for each code.
func newFailure(e binding.Error) Failure {
	f := Failure{Error: e.Code, Fields: map[string][]binding.Code{}}
	for field, problems := range e.Fields {
		for _, p := range problems {
			f.Fields[field] = append(f.Fields[field], p.Code)
		}
	}
	return f
}

// A view replaces the body of every error, except for clients that accept problem+json.
func ExampleError_view() {
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	if err != nil {
		log.Panic(err)
	}
	auth, err := ginauth.New(db, config.Config{
		Secret: "32-random-bytes-or-more-from-your-environment",
		Views:  config.Views{config.View(newFailure)},
	})
	if err != nil {
		log.Panic(err)
	}
	if err := auth.Migrate(context.Background()); err != nil {
		log.Panic(err)
	}
	router := gin.New()
	if err := auth.Register(router); err != nil {
		log.Panic(err)
	}

	for _, body := range []string{`{"username": "ann"}`, `{"username": "ann", "password": "wrong"}`, `{"username": `} {
		r := httptest.NewRequest("POST", "/auth/login/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 400 {"error":"invalid","fields":{"password":["required"]}}
	// 400 {"error":"invalid","fields":{"non_field_errors":["invalid_credentials"]}}
	// 400 {"error":"parse_error"}
}
