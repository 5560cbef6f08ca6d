package snippet

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestWithTurnstile(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"success": %t, "error-codes": []}`, r.FormValue("secret") == "s3cret" && r.FormValue("response") == "solved")
	}))
	app := authtest.Prepare(t, memory.Open(t))
	if err := withTurnstile(app.Router, app.Auth, service.URL, "s3cret"); err != nil {
		t.Fatal(err)
	}
	client := app.Client(t)
	client.Post("/auth/registration/", authtest.SignUp("ann")).WantProblems("captcha captcha_failed")
	client.Do("POST", "/auth/registration/", authtest.SignUp("ann"), "Captcha-Answer", "solved").Want(201)
	client.Get("/auth/login/").Want(405)
	client.Do("POST", "/auth/login/", authtest.Login("ann"), "Captcha-Answer", "wrong").WantProblems("captcha captcha_failed")
	client.Do("POST", "/auth/login/", authtest.Login("ann"), "Captcha-Answer", "solved").Want(200)
	client.Post("/auth/logout/", nil).Want(200)
	service.Close()
	client.Do("POST", "/auth/login/", authtest.Login("ann"), "Captcha-Answer", "solved").Want(503)
}
