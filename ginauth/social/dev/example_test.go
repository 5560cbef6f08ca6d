package dev_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/ginauth/gin-rest-auth/ginauth/social/dev"
)

// This machine can use the provider. A request that came through a proxy gets 404.
func Example() {
	server := httptest.NewUnstartedServer(nil)
	at := "http://" + server.Listener.Addr().String() + "/dev-provider"
	provider, err := dev.New(at, dev.User{Subject: "ann", Name: "Ann"})
	if err != nil {
		panic(err)
	}
	server.Config.Handler = provider
	server.Start()
	defer server.Close()

	for _, via := range []string{"", "1.1 proxy"} {
		r, err := http.NewRequest(http.MethodGet, at+"/.well-known/openid-configuration", nil)
		if err != nil {
			panic(err)
		}
		if via != "" {
			r.Header.Set("Via", via)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			panic(err)
		}
		_ = answer.Body.Close()
		fmt.Println(answer.StatusCode)
	}
	// Output:
	// 200
	// 404
}
