package authtest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

// Test a route with a logged-in client and with one that is not logged in.
func ExampleApp_Login() {
	testMe := func(t testing.TB) { // in your code: func TestMe(t *testing.T)
		app := memory.New(t)
		app.Router.GET("/me", app.Auth.RequireUser(), func(c *gin.Context) {
			c.JSON(200, gin.H{"hello": ginauth.User(c).Username})
		})
		ann := app.User(t, "ann")

		fmt.Println(app.Login(t, ann).Get("/me").Want(200).Text)
		app.Client(t).Get("/me").WantCode(401, binding.CodeNotAuthenticated)
	}
	runTest(testMe) // go test does this
	// Output: {"hello":"ann"}
}

// Register a user and confirm the address with the key from the mail.
func ExampleMailbox() {
	runTest(func(t testing.TB) {
		box := &authtest.Mailbox{}
		app := memory.New(t, box.Configure)
		ann := app.Client(t)
		ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)

		mail := app.Mails(t, box)[0]
		fmt.Println(mail.Kind, "to", mail.To)
		key := map[string]string{"key": mail.Key(t)}
		fmt.Println(ann.Post("/auth/registration/verify-email/", key).Want(200).Text)
	})
	// Output:
	// verify to ann@example.com
	// {"detail":"Your address is confirmed."}
}

// Move the time until a session has expired.
func ExampleClock() {
	runTest(func(t testing.TB) {
		app := memory.New(t)
		browser := app.Login(t, app.User(t, "ann"))
		fmt.Println(browser.Get("/auth/user/").StatusCode)

		app.Clock.Advance(25 * time.Hour)
		fmt.Println(browser.Get("/auth/user/").StatusCode)
	})
	// Output:
	// 200
	// 401
}
