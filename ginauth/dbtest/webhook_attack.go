package dbtest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/webhook"
)

// This file has endpoints that misbehave, so that the others and the operator suffer.

// hungEndpointDelaysNoOther: an endpoint hangs with more web-hooks than slots, all older, and the one of another endpoint is sent.
// Those that wait for the first one are sent once it answers.
func hungEndpointDelaysNoOther(c *Case) {
	slow, fast := c.receiver(), c.receiver()
	hang, came := make(chan struct{}), make(chan struct{}, 100)
	release := sync.OnceFunc(func() { close(hang) })
	c.Cleanup(release)
	slow.respond(func(w http.ResponseWriter, _ *http.Request) { came <- struct{}{}; <-hang; w.WriteHeader(200) })
	arrived := make(chan struct{}, 10)
	fast.respond(func(http.ResponseWriter, *http.Request) { arrived <- struct{}{} })
	o := webhook.Options{Timeout: time.Minute, AllowPrivateNetworks: true, InsecureAllowHTTP: true, Endpoints: []webhook.Endpoint{
		slow.endpoint(webhook.UserCreated), fast.endpoint(webhook.UserDeactivated),
	}}
	c.With(webhook.Feature(o)).Start(func(cfg *config.Config) { cfg.Mail.Poll = time.Hour })
	const users = 11
	var id int64
	for i := range users {
		id = c.registered(fmt.Sprintf("user%d", i))
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Auth.RunOutbox(ctx) }()
	for range 4 {
		receive(c, came, "a web-hook of the endpoint that hangs")
	}
	if err := c.Auth.SetActive(context.Background(), id, false); err != nil {
		c.Fatal(err)
	}
	receive(c, arrived, "the web-hook of the other endpoint")
	if len(came) > 0 {
		c.Error("the endpoint has more than 4 at a time")
	}
	release()
	for range users - 4 {
		receive(c, came, "a web-hook that waited")
	}
	stop()
	if err := receive(c, done, "the end of RunOutbox"); err != nil {
		c.Error(err)
	}
}

// hooksQuoteNoResponse: neither the reason, which is stored and logged, nor anything else has what a server sent, or the path of the URL,
// which can have a secret.
func hooksQuoteNoResponse(c *Case) {
	for _, answer := range []string{
		"CANARY ready\r\n", "HTTP/1.1 2x0 CANARY\r\n\r\n", "HTTP/1.1 302 Found\r\nLocation: http://[CANARY\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nCANARY junk\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: CANARY\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: CANARY\r\n\r\n",
	} {
		endpoint := webhook.Endpoint{URL: "http://" + answering(c, answer) + "/CANARY", Secrets: []config.Secret{hookSecret}, Name: "crm"}
		c.hooked(webhook.Options{Endpoints: []webhook.Endpoint{endpoint}})
		c.registered("ann")
		if _, err := c.Auth.SendOutbox(context.Background()); err != nil {
			c.Fatal(err)
		}
		d := c.delivery()
		if d.Tries != 1 || !strings.Contains(d.Reason, "not valid HTTP") || strings.Contains(d.Reason+c.Log.String(), "CANARY") {
			c.Errorf("%q: %q after %d tries; %s", answer, d.Reason, d.Tries, c.Log.String())
		}
	}
}

// answering starts a server that sends a text on each connection, and returns its address.
func answering(c *Case, text string) string {
	c.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = connection.Read(make([]byte, 4096))
			_, _ = connection.Write([]byte(text))
			_ = connection.Close()
		}
	}()
	return listener.Addr().String()
}
