package openapi_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/ginauth/webhook"
)

// hooking returns web-hooks to a URL, and the features whose events they tell.
func hooking(url string, data func(context.Context, webhook.Event, config.Event) (map[string]any, error)) []core.Feature {
	to := webhook.Endpoint{URL: url, Secrets: []config.Secret{"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD2rEyZAGFJvI="}}
	return []core.Feature{
		webhook.Feature(webhook.Options{Endpoints: []webhook.Endpoint{to}, Data: data, InsecureAllowHTTP: true, AllowPrivateNetworks: true}),
		mfa.Feature(mfa.Options{}), social.Login(social.Google("id", "secret")),
	}
}

// TestWebHooks: the document has each web-hook, and each request that is sent matches it.
func TestWebHooks(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex // web-hooks are sent concurrently
	var bodies [][]byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a body that was cut off matches no schema
		mu.Lock()
		bodies = append(bodies, body)
		mu.Unlock()
		for _, header := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
			if r.Header.Get(header) == "" {
				t.Errorf("there is no %s", header)
			}
		}
	}))
	t.Cleanup(server.Close)
	own := func(context.Context, webhook.Event, config.Event) (map[string]any, error) {
		return map[string]any{"email": nil, "plan": 7}, nil
	}
	box := &authtest.Mailbox{}
	for name, features := range map[string][]core.Feature{"plain": hooking(server.URL, nil), "own data": hooking(server.URL, own)} {
		app := authtest.With(features...).New(t, openDB(t), box.Configure, func(cfg *config.Config) { cfg.DeleteGrace = time.Hour })
		document, err := openapi.Document(app.Auth)
		if err != nil {
			t.Fatal(err)
		}
		if all := webhook.Events(app.Auth); len(document.Webhooks) != len(all) {
			t.Errorf("%s: %d web-hooks in the document, want %d", name, len(document.Webhooks), len(all))
		}
		text, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		bodies = nil
		mu.Unlock()
		ann := app.Client(t)
		ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
		app.TOTP(t, ann)
		ann.Post("/auth/emails/", map[string]any{"email": "ann@work.example"}).Want(201)
		ann.Post("/auth/user/delete/", nil).Want(200)
		if _, err := app.Auth.SendOutbox(t.Context()); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		sent := bodies
		mu.Unlock()
		if len(sent) != 5 { // user.created, session.created, totp.enabled, user.email_added, user.deletion_scheduled
			t.Errorf("%s: %d web-hooks: %s", name, len(sent), sent)
		}
		for _, body := range sent {
			var kind struct{ Type string }
			if err := json.Unmarshal(body, &kind); err != nil {
				t.Fatal(err)
			}
			schema := compile(t, "document.json", text, "#/webhooks/"+kind.Type+"/post/requestBody/content/application~1json/schema")
			if err := schema.Validate(decode(t, body)); err != nil {
				t.Errorf("%s: %s: %v", name, body, err)
			}
			other := "#/webhooks/user.banned/post/requestBody/content/application~1json/schema"
			if err := compile(t, "document.json", text, other).Validate(decode(t, body)); err == nil {
				t.Errorf("%s: %s also matches another type", name, body)
			}
		}
	}
}

// TestNoWebHooks: without the feature, the document has none.
func TestNoWebHooks(t *testing.T) {
	t.Parallel()
	var d map[string]any
	if err := json.Unmarshal(documentWith(t, defaults, []core.Feature{mfa.Feature(mfa.Options{})}), &d); err != nil || d["webhooks"] != nil {
		t.Error(d["webhooks"], err)
	}
}

// TestGoldenWebHooks compares the web-hooks of the document with the golden file.
func TestGoldenWebHooks(t *testing.T) {
	t.Parallel()
	var d struct {
		Webhooks map[string]any `json:"webhooks"`
	}
	if err := json.Unmarshal(documentWith(t, defaults, hooking("https://crm.invalid/", nil)), &d); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "webhooks", text)
}
