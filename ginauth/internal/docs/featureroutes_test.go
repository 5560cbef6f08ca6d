package docs_test

// The tables of routes in the documents of features for operators are compared with the route table.

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/admin"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/impersonate"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
	"github.com/ginauth/gin-rest-auth/ginauth/invite"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
)

// TestReadmeRoutesOfOperators wants each route with its permission in the README of its package, and no other route. The routes of
// operators that package roles adds are in the README of package admin.
func TestReadmeRoutesOfOperators(t *testing.T) {
	t.Parallel()
	managed := roles.Feature(roles.Options{ManageRoutes: true})
	operators := func(r core.RouteInfo) bool { return r.Permission != "" }
	every := func(core.RouteInfo) bool { return true }
	for _, test := range []struct {
		document string
		features []core.Feature
		shown    func(core.RouteInfo) bool
	}{
		{"admin", []core.Feature{managed, admin.Feature(admin.Options{})}, operators},
		{"roles", []core.Feature{managed}, func(r core.RouteInfo) bool { return r.Permission == "" }},
		{"impersonate", []core.Feature{impersonate.Feature(impersonate.Options{SilentlyWithoutNotice: true})}, every},
		{"invite", []core.Feature{invite.Feature(invite.Options{Page: "https://a.example/join?key={key}"})}, every},
	} {
		own := routesOf(t)
		want := slices.DeleteFunc(routesOf(t, test.features...), func(r core.RouteInfo) bool {
			return !test.shown(r) || slices.ContainsFunc(own, func(o core.RouteInfo) bool { return o.Method == r.Method && o.Path == r.Path })
		})
		var rows []string
		for _, r := range want {
			rows = append(rows, strings.TrimSpace(r.Method+" "+r.Path+" "+r.Permission))
		}
		var got []string
		row := regexp.MustCompile("(?m)^\\| `((?:GET|PUT|POST|PATCH|DELETE) [^`]+)` \\| (?:`([a-z_.]+)` )?\\|")
		for _, m := range row.FindAllStringSubmatch(docs.Section(t, "ginauth/"+test.document+"/README.md", "Routes"), -1) {
			got = append(got, strings.TrimSpace(m[1]+" "+m[2]))
		}
		slices.Sort(rows)
		slices.Sort(got)
		if !slices.Equal(got, rows) {
			t.Errorf("ginauth/%s/README.md has\n%s\nbut the routes are\n%s", test.document, strings.Join(got, "\n"), strings.Join(rows, "\n"))
		}
	}
}

// routesOf returns the routes of an Auth with features.
func routesOf(t *testing.T, features ...core.Feature) []core.RouteInfo {
	t.Helper()
	db, err := gorm.Open(sqlite.Open(":memory:"))
	if err != nil {
		t.Fatal(err)
	}
	auth, err := ginauth.New(db, config.Config{Secret: "only-a-test-of-the-tables-of-routes-1234"}, features...)
	if err != nil {
		t.Fatal(err)
	}
	return auth.Routes()
}
