package snippet

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

func TestWithTurnstile(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"success": %t, "error-codes": [], "hostname": "app.example"}`, r.FormValue("secret") == "s3cret" && r.FormValue("response") == "solved")
	}))
	app := memory.New(t, func(cfg *config.Config) {
		cfg.Limits = config.Limits{} // authtest turns them off
		*cfg = withTurnstile(*cfg, "s3cret", "app.example")
		cfg.Captcha.Verifier.(*config.SiteVerify).URL = service.URL
	})
	client := app.Client(t)
	client.Post("/auth/registration/", authtest.SignUp("ann")).WantProblems("captcha captcha_required")
	client.Do("POST", "/auth/registration/", authtest.SignUp("ann"), "Captcha-Answer", "wrong").WantProblems("captcha captcha_failed")
	client.Do("POST", "/auth/registration/", authtest.SignUp("ann"), "Captcha-Answer", "solved").Want(201)
	client = app.Client(t)
	wrong := map[string]string{"username": "ann", "password": "Wrong-Password-1"}
	for range 3 {
		client.Post("/auth/login/", wrong).WantProblems("non_field_errors invalid_credentials")
	}
	client.Post("/auth/login/", authtest.Login("ann")).WantProblems("captcha captcha_required")
	client.Do("POST", "/auth/login/", authtest.Login("ann"), "Captcha-Answer", "solved").Want(200)
	service.Close()
	app.Client(t).Do("POST", "/auth/registration/", authtest.SignUp("bob"), "Captcha-Answer", "solved").Want(201)
}
