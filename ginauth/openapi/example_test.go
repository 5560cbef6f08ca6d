package openapi_test

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/gin-gonic/gin"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi"
)

func ExampleServe() {
	db, err := gorm.Open(sqlite.Open("file::memory:"), &gorm.Config{})
	if err != nil {
		log.Fatal(err)
	}
	auth, err := ginauth.New(db, config.Config{
		Secret: "not this one: make yours with openssl rand -base64 48",
		Login:  []config.Credential{config.OpaqueToken},
	}, openapi.Serve(openapi.Title("Acme accounts"), openapi.Version("1.4.0")))
	if err != nil {
		log.Fatal(err)
	}
	router := gin.New()
	if err := auth.Register(router.Group("/api/auth")); err != nil {
		log.Fatal(err)
	}

	answer := httptest.NewRecorder()
	router.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/api/auth/openapi.json", nil))
	var document struct {
		Info    struct{ Title, Version string }
		Servers []struct{ URL string }
		Paths   map[string]map[string]struct{ Summary, OperationID string }
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &document); err != nil {
		log.Fatal(err)
	}
	login := document.Paths["/login/"]["post"]
	fmt.Println(document.Info.Title, document.Info.Version, "at", document.Servers[0].URL)
	fmt.Println(login.OperationID+":", login.Summary)
	// Output:
	// Acme accounts 1.4.0 at /api/auth
	// postLogin: Log in with a user name or e-mail address and a password.
}
