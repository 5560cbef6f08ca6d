package admin_test

import (
	"fmt"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/admin"
)

// Without package roles, only superusers are operators.
func Example() {
	db, err := gorm.Open(sqlite.Open(":memory:"))
	if err != nil {
		fmt.Println(err)
		return
	}
	auth, err := ginauth.New(db, config.Config{Secret: "only-an-example-of-package-admin-1234"}, admin.Feature(admin.Options{}))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range auth.Routes() {
		if r.Path == "admin/users/" {
			fmt.Println(r.Method, r.Path, r.Permission)
		}
	}
	// Output:
	// GET admin/users/ auth.view_user
	// POST admin/users/ auth.add_user
}
