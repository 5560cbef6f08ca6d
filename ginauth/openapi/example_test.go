package openapi_test

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi"
)

// Serve the document and the page, and read the document.
func ExampleServe() {
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	if err != nil {
		log.Fatal(err)
	}
	auth, err := ginauth.New(db, config.Config{
		Secret: "an example; make your own with openssl rand -base64 48",
		Login:  []config.Credential{config.OpaqueToken},
	}, openapi.Serve(openapi.Title("Acme accounts"), openapi.Version("1.4.0")))
	if err != nil {
		log.Fatal(err)
	}
	router := gin.New()
	if err := auth.Register(router.Group("/api/auth")); err != nil {
		log.Fatal(err)
	}

	response := httptest.NewRecorder()
	router.ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/api/auth/openapi.json", nil))
	var document struct {
		Info    struct{ Title, Version string }
		Servers []struct{ URL string }
		Paths   map[string]map[string]struct{ Summary, OperationID string }
	}
	if err := json.Unmarshal(response.Body.Bytes(), &document); err != nil {
		log.Fatal(err)
	}
	login := document.Paths["/login/"]["post"]
	fmt.Println(document.Info.Title, document.Info.Version, "at", document.Servers[0].URL)
	fmt.Println(login.OperationID+":", login.Summary)
	// Output:
	// Acme accounts 1.4.0 at /api/auth
	// postLogin: Log in with a user name or e-mail address and a password.
}

// Add your own text to a route, and write the document to a file.
func ExampleDocument() {
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	if err != nil {
		log.Fatal(err)
	}
	auth, err := ginauth.New(db, config.Config{Secret: "an example; make your own with openssl rand -base64 48"})
	if err != nil {
		log.Fatal(err)
	}
	if err := auth.Register(gin.New()); err != nil { // decides the path of the routes
		log.Fatal(err)
	}
	document, err := openapi.Document(auth, openapi.Title("Acme accounts"), openapi.Edit(func(doc *openapi3.T) {
		doc.Paths.Value("/login/").Post.Description = "At most ten requests per minute."
	}))
	if err != nil {
		log.Fatal(err)
	}
	text, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		log.Fatal(err)
	}
	file := filepath.Join(os.TempDir(), "acme-openapi.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.Remove(file) }()
	fmt.Println(document.OpenAPI, document.Info.Title, "at", document.Servers[0].URL)
	fmt.Println(document.Paths.Value("/login/").Post.Description)
	// Output:
	// 3.1.0 Acme accounts at /auth
	// At most ten requests per minute.
}
