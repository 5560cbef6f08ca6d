package invite_test

import (
	"fmt"
	"strings"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/invite"
)

// Without package roles, only superusers invite users.
func Example() {
	db, err := gorm.Open(sqlite.Open(":memory:"))
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg := config.Config{Secret: "only-an-example-of-package-invite-1234"}
	auth, err := ginauth.New(db, cfg, invite.Feature(invite.Options{Page: "https://app.example.com/join?key={key}"}))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range auth.Routes() {
		if strings.HasPrefix(r.Path, "admin/") {
			fmt.Println(r.Method, r.Path, r.Permission)
		}
	}
	// Output:
	// GET admin/invitations/ auth.view_invitation
	// POST admin/invitations/ auth.add_invitation
	// DELETE admin/invitations/:id/ auth.delete_invitation
}
