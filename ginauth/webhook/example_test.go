package webhook_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/webhook"
	"github.com/ginauth/gin-rest-auth/models"
)

// A server verifies the web-hook of a new user.
func Example() {
	const secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD2rEyZAGFJvI="
	verifier, err := standardwebhooks.NewWebhook(secret)
	must(err)
	crm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || verifier.Verify(body, r.Header) != nil {
			http.Error(w, "invalid signature", http.StatusUnauthorized)
			return
		}
		fmt.Println(r.Header.Get("Content-Type"), len(r.Header.Get("webhook-id")))
	}))
	defer crm.Close()

	ctx := context.Background()
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	must(err)
	auth, err := ginauth.New(db, config.Config{Secret: "for examples: aGm3vXr0Qe8TtW5yZsLb2HdNfUj7AcPo"}, webhook.Feature(webhook.Options{
		Endpoints:         []webhook.Endpoint{{URL: crm.URL, Secrets: []config.Secret{secret}, Events: []webhook.Event{webhook.UserCreated}}},
		InsecureAllowHTTP: true, AllowPrivateNetworks: true, // only because the example's server is on this machine
	}))
	must(err)
	must(auth.Migrate(ctx))
	must(auth.CreateUser(ctx, &models.User{Username: "ann", Email: "ann@example.com"}, "Looking-Glass-7"))
	sent, err := auth.SendOutbox(ctx) // in your program, auth.Run sends them
	must(err)
	fmt.Println(sent, "sent")
	// Output:
	// application/json 30
	// 1 sent
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
