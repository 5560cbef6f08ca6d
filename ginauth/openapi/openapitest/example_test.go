package openapitest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi/openapitest"
)

// A test of your application sends its requests to the handler that Check returns. Here a proxy in front of the library
// replaces a response, and the test fails.
func ExampleCheck() {
	testResponses := func(t testing.TB) { // in your code: func TestResponses(t *testing.T)
		app := memory.New(t)
		broken := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/auth/user/" {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			app.Router.ServeHTTP(w, r)
		})
		ann := authtest.NewClient(t, openapitest.Check(t, app.Auth, broken))
		ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
		ann.Get("/auth/user/")
	}
	runTest(testResponses) // go test does this
	// Output:
	// FAIL: GET /auth/user/ does not match the document: /user/ has no response with status 204
}

// Missing lists the responses that the tests have not received.
func ExampleChecker_Missing() {
	runTest(func(t testing.TB) {
		app := memory.New(t)
		checker := openapitest.New(app.Auth)
		ann := authtest.NewClient(t, checker.Handler(t, app.Router))
		ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
		ann.Get("/auth/user/").Want(200)

		missing, err := checker.Missing()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(missing[0])
	})
	// Output:
	// GET /config/ 200
}
