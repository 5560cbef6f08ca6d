package openapi_test

import (
	"reflect"
	"slices"
	"testing"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/openapi"
	"github.com/ginauth/gin-rest-auth/models"
)

// TestSamplesChangeNothing sends every form as docs/ shows it, without a login and with a recent one: no account is created,
// deleted or changed (C16).
func TestSamplesChangeNothing(t *testing.T) {
	t.Parallel()
	known := []string{"/password/reset/", "/login/code/", "/registration/resend-email/", "/logout/"} // 200 also for an unknown address
	for _, name := range []string{"default", "everything", "cookies", "tokens"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := openDB(t)
			app := authtest.New(t, db, configurations()[name])
			bob := app.User(t, "bob")
			before := accounts(t, db)
			samples := samplesOf(t, app)
			if len(samples) < 4 {
				t.Fatalf("only %d forms: %v", len(samples), samples)
			}
			for _, s := range samples {
				for _, c := range []*authtest.Client{app.Client(t), app.Login(t, bob)} {
					got := c.Do(s.method, app.Auth.Base()+s.path, s.body)
					minuteToken := s.path == "/tokens/" && got.StatusCode == 201
					if !slices.Contains(known, s.path) && !minuteToken && (got.StatusCode < 400 || got.StatusCode > 499) {
						t.Errorf("%s %s %v: %d %s", s.method, s.path, s.body, got.StatusCode, got.Text)
					}
					if now := accounts(t, db); !reflect.DeepEqual(now, before) {
						t.Fatalf("%s %s %v changed the accounts: %+v", s.method, s.path, s.body, now)
					}
				}
			}
		})
	}
}

// accounts returns the users and addresses in the database.
func accounts(t *testing.T, db *gorm.DB) (all struct {
	Users  []models.User
	Emails []models.Email
}) {
	t.Helper()
	if err := db.Order("id").Find(&all.Users).Error; err != nil {
		t.Fatal(err)
	}
	if err := db.Order("id").Find(&all.Emails).Error; err != nil {
		t.Fatal(err)
	}
	for i := range all.Users {
		all.Users[i].LastLogin = nil
	}
	return all
}

type sampleForm struct {
	method, path string
	body         obj
}

// samplesOf returns the forms of a document with their sample values. It skips paths with a parameter, because the page sends
// those only after the reader entered it.
func samplesOf(t *testing.T, app *authtest.App) (all []sampleForm) {
	t.Helper()
	document, err := openapi.Document(app.Auth)
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range document.Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody == nil || len(op.Parameters) > 0 {
				continue
			}
			form := op.RequestBody.Value.Content["application/json"].Schema.Value
			s := sampleForm{method, path, obj{}}
			for _, part := range append(form.AllOf, form.NewRef()) {
				for field, p := range part.Value.Properties {
					switch {
					case len(p.Value.Examples) == 1:
						s.body[field] = p.Value.Examples[0]
					case field != "scopes": // Swagger UI uses the first of the list
						t.Errorf("%s of %s %s has no sample: see sample.go", field, method, path)
					}
				}
			}
			all = append(all, s)
		}
	}
	return all
}
