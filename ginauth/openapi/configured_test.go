package openapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi/openapitest"
)

// TestCustomisedResponses: an application with its own user, forms, views and errors.
func TestCustomisedResponses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, customised)
	in := obj{"username": "ann", "email": "ann@example.com", "password1": authtest.Password, "password2": authtest.Password}
	for _, c := range []*authtest.Client{w.client(), w.djangoClient()} {
		c.Post("/auth/registration/", in).Want(400)
		in["company"] = "Evil Corp"
		c.Post("/auth/registration/", in).Want(400)
		delete(in, "company")
		c.Get("/auth/user/").Want(401)
		c.Do("PUT", "/auth/login/", nil).Want(405)
	}
	in["company"], in["seats"] = "Acme", 3
	ann := w.djangoClient()
	var login MyLogin
	ann.Post("/auth/registration/", in).Want(201).JSON(&login)
	if login.Company != "Acme" || login.Token == "" {
		t.Errorf("got %+v", login)
	}
	ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
	ann.Patch("/auth/user/", obj{"company": "Acme & Sons"}).Want(200)
	ann.Get("/auth/user/").Want(200)
	ann.Get("/auth/sessions/").Want(200)
}

// TestCookieResponses: JSON Web Tokens in cookies, and a registration that does not log in.
func TestCookieResponses(t *testing.T) {
	t.Parallel()
	box := &authtest.Mailbox{}
	w := newWorld(t, box, cookies(box))
	ann := w.client()
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	ann.Post("/auth/registration/verify-email/", obj{"key": w.mail("verify").Key(t)}).Want(200)
	ann.Post("/auth/login/", obj{"email": "ann@example.com", "password": authtest.Password}).Want(200)
	ann.Get("/auth/user/").Want(200)
	ann.Post("/auth/token/refresh/", obj{}).Want(200)
	ann.Post("/auth/logout/", obj{}).Want(200)
}

// TestDefaultResponses: session cookies, and a hook that fails.
func TestDefaultResponses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, defaults)
	ann := w.client()
	ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
	ann.Get("/auth/user/").Want(200)
	broken := newWorld(t, nil, func(cfg *config.Config) {
		cfg.Hooks.BeforeLogin = func(context.Context, *gorm.DB, config.Event) error { return errors.New("broken") }
	})
	broken.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(503)
	broken.djangoClient().Post("/auth/registration/", authtest.SignUp("ann")).Want(503)
}

// TestTokenResponses: opaque tokens.
func TestTokenResponses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, configurations()["tokens"])
	w.client().Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	w.client().Post("/auth/login/", authtest.Login("ann")).Want(200)
	w.djangoClient().Get("/auth/user/").Want(401)
}

// TestEveryRouteIsDocumented: each route of each configuration is an operation, and there are no other operations.
func TestEveryRouteIsDocumented(t *testing.T) {
	t.Parallel()
	for name, change := range configurations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := authtest.New(t, openDB(t), change)
			all, err := openapitest.New(app.Auth).Missing()
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range app.Auth.Routes() {
				operation := r.Method + " /" + strings.ReplaceAll(r.Path, ":id", "{id}") + " "
				if !slices.ContainsFunc(all, func(name string) bool { return strings.HasPrefix(name, operation) }) {
					t.Errorf("%s is not in the document", operation)
				}
			}
			if len(all) != len(app.Auth.Routes()) {
				t.Errorf("%d operations for %d routes: %q", len(all), len(app.Auth.Routes()), all)
			}
		})
	}
}

// TestInternalColumnsAreNotDocumented: no schema has the columns of models.User that responses do not contain.
func TestInternalColumnsAreNotDocumented(t *testing.T) {
	t.Parallel()
	hidden := []string{
		"is_superuser", "is_staff", "is_active", "date_joined", "last_login", "session_epoch", "username_key", "email_key",
		"delete_at", "SessionEpoch", "UsernameKey", "EmailKey", "DeleteAt", "Password", "LastLogin",
	}
	for name, change := range configurations() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d struct {
				Components struct{ Schemas map[string]any }
			}
			if err := json.Unmarshal(documentOf(t, change), &d); err != nil {
				t.Fatal(err)
			}
			for schema, value := range d.Components.Schemas {
				for _, property := range propertiesIn(value) {
					if slices.Contains(hidden, property) {
						t.Errorf("%s has %s", schema, property)
					}
				}
				if strings.HasSuffix(schema, "Response") && slices.Contains(propertiesIn(value), "password") {
					t.Errorf("%s has a password", schema)
				}
			}
			if _, found := d.Components.Schemas["Member"]; found {
				t.Error("there is a schema of the application's user")
			}
		})
	}
}

// propertiesIn lists the names of all properties in a schema, at any depth.
func propertiesIn(value any) []string {
	var names []string
	switch v := value.(type) {
	case map[string]any:
		properties, _ := v["properties"].(map[string]any)
		for name := range properties {
			names = append(names, name)
		}
		for _, inner := range v {
			names = append(names, propertiesIn(inner)...)
		}
	case []any:
		for _, inner := range v {
			names = append(names, propertiesIn(inner)...)
		}
	}
	return names
}
