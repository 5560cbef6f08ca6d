package ginauth_test

import (
	"context"
	"fmt"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/models"
)

// A directory stands for your LDAP server: passwords by name.
type directory map[string]string

// Authenticate returns the user with these credentials, or nil if they are wrong.
func (d directory) Authenticate(_ context.Context, c config.Credentials) (models.Account, error) {
	if password, found := d[c.Username]; !found || password != c.Password {
		return nil, nil // the next backend is asked
	}
	user := &models.User{Username: c.Username}
	user.SetBackend("directory", "id-of-"+c.Username) // an ID that stays when the name changes
	return user, nil
}

// A backend checks passwords elsewhere. The first login stores the user.
func Example_backend() {
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	check(err)
	auth, err := ginauth.New(db, config.Config{
		Secret:   secret,
		Backends: []config.Backend{config.PasswordBackend{}, directory{"ann": "a password of the directory"}},
	})
	check(err)
	check(auth.Migrate(context.Background()))
	router := gin.New()
	check(auth.Register(router))

	send := browser(router)
	fmt.Println(send("POST", "/auth/login/", `{"username": "ann", "password": "a guess"}`)[:3])
	fmt.Println(send("POST", "/auth/login/", `{"username": "ann", "password": "a password of the directory"}`))
	// Output:
	// 400
	// 200 {"user":{"pk":1,"username":"ann","email":"","first_name":"","last_name":""}}
}
