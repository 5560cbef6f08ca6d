package openapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi"
	"github.com/ginauth/gin-rest-auth/models"
)

// also returns a change that makes two changes.
func also(first, second change) change {
	return func(c *config.Config) {
		first(c)
		second(c)
	}
}

// TestCodes: the list of codes is open if the application can return other codes and has not listed them.
func TestCodes(t *testing.T) {
	t.Parallel()
	rule := config.PasswordRuleFunc(func(context.Context, string, *models.User) (*binding.Problem, error) { return nil, nil })
	for name, c := range map[string]struct {
		change change
		open   bool
	}{
		"default":    {defaults, false},
		"everything": {everything(&authtest.Mailbox{}), false},
		"a form":     {customised, true},
		"named": {also(customised, func(c *config.Config) {
			c.Codes = []binding.CodeDoc{{Code: "not_welcome", Meaning: "the company is not a customer"}}
		}), false},
		"none":      {also(customised, func(c *config.Config) { c.Codes = []binding.CodeDoc{} }), false},
		"a guard":   {func(c *config.Config) { c.RegisterGuard = func(*http.Request) error { return nil } }, true},
		"a rule":    {func(c *config.Config) { c.PasswordRules = append(config.DefaultPasswordRules(), rule) }, true},
		"a backend": {func(c *config.Config) { c.Backends = []config.Backend{config.PasswordBackend{}, directory{}} }, true},
		"a hook": {func(c *config.Config) {
			c.Hooks.BeforeDelete = func(context.Context, *gorm.DB, config.Event) error { return nil }
		}, true},
		"a hook after the change": {func(c *config.Config) {
			c.Hooks.AfterLogin = func(context.Context, config.Event) error { return nil }
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := documentOf(t, c.change)
			code := compile(t, "document.json", text, "#/components/schemas/Code")
			if open := code.Validate("unheard_of") == nil; open != c.open {
				t.Errorf("open is %v", open)
			}
			if code.Validate("not_found") != nil {
				t.Error("it lacks not_found")
			}
			if name == "named" && code.Validate("not_welcome") != nil {
				t.Error("it lacks the named one")
			}
		})
	}
}

type directory struct{}

func (directory) Authenticate(context.Context, config.Credentials) (models.Account, error) {
	return nil, nil
}

// TestOtherFeatures: the document has the raw routes of other features.
func TestOtherFeatures(t *testing.T) {
	t.Parallel()
	status := func(s *core.Setup) error {
		core.AddRaw(s, core.Route{Method: http.MethodGet, Path: "status/:part/:id", Doc: "How it is."}, func(c *gin.Context) { c.String(200, "well") })
		return nil
	}
	auth, err := ginauth.New(openDB(t), config.Config{Secret: authtest.Secret}, openapi.Serve(), status)
	if err != nil {
		t.Fatal(err)
	}
	router := gin.New()
	if err := auth.Register(router); err != nil {
		t.Fatal(err)
	}
	var d struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, Description string }
			Responses  map[string]struct{ Content map[string]any }
		}
	}
	if err := json.Unmarshal(get(router, "/auth/openapi.json").Body.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	op := d.Paths["/status/{part}/{id}/"]["get"]
	if _, any := op.Responses["default"].Content["*/*"]; !any || len(op.Parameters) != 2 || op.Parameters[0].Name != "part" || op.Parameters[1].Description != "" {
		t.Errorf("got %+v", op)
	}
	for path := range d.Paths {
		if strings.Contains(path, "docs") || strings.Contains(path, "openapi") {
			t.Errorf("the document describes %s", path)
		}
	}
}

// TestEdit: an application adds its own routes to the document and uses the library's schemas. The result is validated.
func TestEdit(t *testing.T) {
	t.Parallel()
	team := func(doc *openapi3.T) {
		ok := openapi3.NewResponse().WithDescription("The user's team.").WithJSONSchemaRef(openapi3.NewSchemaRef("#/components/schemas/User", nil))
		doc.AddOperation("/team/", http.MethodGet, &openapi3.Operation{
			OperationID: "getTeam", Responses: openapi3.NewResponses(openapi3.WithStatus(200, &openapi3.ResponseRef{Value: ok})),
		})
		doc.Paths.Value("/login/").Post.Description = "Ten times a minute."
	}
	_, router := served(t, defaults, engine, openapi.Edit(team))
	var d struct {
		Paths map[string]map[string]struct{ Description, OperationID string }
	}
	if err := json.Unmarshal(get(router, "/auth/openapi.json").Body.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	if d.Paths["/team/"]["get"].OperationID != "getTeam" || d.Paths["/login/"]["post"].Description != "Ten times a minute." {
		t.Errorf("got %+v", d.Paths)
	}
	for want, edit := range map[string]func(*openapi3.T){
		"#/components/schemas/Nothing": func(doc *openapi3.T) {
			doc.Components.Schemas["User"].Value.WithPropertyRef("x", openapi3.NewSchemaRef("#/components/schemas/Nothing", nil))
		},
		"title": func(doc *openapi3.T) { doc.Info.Title = "" },
	} {
		_, err := ginauth.New(openDB(t), config.Config{Secret: authtest.Secret}, openapi.Serve(openapi.Edit(edit)))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "openapi.Edit") {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// TestMistakes: ginauth.New returns errors for invalid types and for routes that exist twice.
func TestMistakes(t *testing.T) {
	t.Parallel()
	unwritable := config.Config{Secret: authtest.Secret, Views: config.Views{
		config.View(func(binding.User) map[string]chan int { return nil }),
	}}
	taken := func(s *core.Setup) error {
		core.AddRaw(s, core.Route{Method: http.MethodGet, Path: "docs"}, func(*gin.Context) {})
		return nil
	}
	for want, try := range map[string]func() error{
		"chan int": func() error { _, err := ginauth.New(openDB(t), unwritable, openapi.Serve()); return err },
		"docs is taken": func() error {
			_, err := ginauth.New(openDB(t), config.Config{Secret: authtest.Secret}, taken, openapi.Serve())
			return err
		},
	} {
		if err := try(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// TestOnlyForStaff: the application can restrict the document to staff.
func TestOnlyForStaff(t *testing.T) {
	t.Parallel()
	auth, err := ginauth.New(openDB(t), config.Config{Secret: authtest.Secret}, openapi.Serve())
	if err != nil {
		t.Fatal(err)
	}
	if err := auth.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	auth.Use("openapi.json", auth.RequireStaff())
	router := gin.New()
	if err := auth.Register(router); err != nil {
		t.Fatal(err)
	}
	if response := get(router, "/auth/openapi.json"); response.Code != 401 || strings.Contains(response.Body.String(), "paths") {
		t.Errorf("got %d %s", response.Code, response.Body)
	}
}
