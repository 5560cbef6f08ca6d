package mfa_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/pquerna/otp/totp"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
)

// A user sets up an authenticator app. The next login asks for its code.
func Example() {
	gin.SetMode(gin.ReleaseMode)
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	must(err)
	auth, err := ginauth.New(db, config.Config{
		Secret: "for examples: aGm3vXr0Qe8TtW5yZsLb2HdNfUj7AcPo",
		Login:  []config.Credential{config.OpaqueToken},
	}, mfa.Feature(mfa.Options{Issuer: "My App"}))
	must(err)
	must(auth.Migrate(context.Background()))
	router := gin.New()
	must(auth.Register(router))

	send := func(method, path, body, key string, out any) int {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		if key != "" {
			r.Header.Set("Authorization", "Bearer "+key)
		}
		w := httptest.NewRecorder()
		router.ServeHTTP(w, r)
		must(json.Unmarshal(w.Body.Bytes(), out))
		return w.Code
	}
	var user binding.LoginResponse
	send("POST", "/auth/registration/", `{"username": "ann", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7"}`, "", &user)
	var offer mfa.Offer
	send("GET", "/auth/mfa/totp/activate/", "", user.Key, &offer)
	code, err := totp.GenerateCode(offer.Secret, time.Now()) // the app shows it
	must(err)
	var on mfa.Activated
	send("POST", "/auth/mfa/totp/activate/", fmt.Sprintf(`{"activation_token": %q, "code": %q}`, offer.ActivationToken, code), user.Key, &on)
	fmt.Println(len(on.RecoveryCodes), "recovery codes")

	var login binding.Challenge
	send("POST", "/auth/login/", `{"username": "ann", "password": "Looking-Glass-7"}`, "", &login)
	fmt.Println(login.MFARequired, login.Factors)
	body := fmt.Sprintf(`{"ephemeral_token": %q, "code": %q}`, login.EphemeralToken, on.RecoveryCodes[0])
	fmt.Println(send("POST", "/auth/mfa/verify/", body, "", &user), user.User.Username)
	// Output:
	// 10 recovery codes
	// true [totp recovery_code]
	// 200 ann
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
