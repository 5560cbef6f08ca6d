package impersonate_test

import (
	"fmt"
	"strings"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/impersonate"
)

// Without package roles, only superusers act in the place of users.
func Example() {
	db, err := gorm.Open(sqlite.Open(":memory:"))
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg := config.Config{Secret: "only-an-example-of-package-impersonate-1234"}
	auth, err := ginauth.New(db, cfg, impersonate.Feature(impersonate.Options{SilentlyWithoutNotice: true}))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range auth.Routes() {
		if strings.Contains(r.Path, "impersonate") {
			fmt.Println(r.Method, r.Path, r.Permission)
		}
	}
	// Output:
	// POST admin/users/:id/impersonate/ auth.impersonate_user
	// POST impersonate/end/
}
