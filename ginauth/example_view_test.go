package ginauth_test

import (
	"context"
	"fmt"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/models"
)

// Author is a user with a pen name.
type Author struct {
	models.User
	PenName string `gorm:"size:80"`
}

// Me is the body that the application responds with in place of binding.User.
type Me struct {
	ID      int64  `json:"id"`
	PenName string `json:"pen_name"`
}

// Failure is the application's error body.
type Failure struct {
	Error binding.Code `json:"error"`
	Text  string       `json:"text,omitempty"`
}

// Views replace the bodies of responses. A view of the user also applies to the user in a login.
func Example_view() {
	ctx := context.Background()
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	check(err)
	auth, err := ginauth.New(db, config.Config{
		Secret: secret, NewUser: config.Model[Author](),
		Views: config.Views{
			config.UserView(func(u binding.User, a *Author) Me { return Me{u.PK, a.PenName} }),
			config.View(func(e binding.Error) Failure { return Failure{e.Code, e.Message} }),
		},
	})
	check(err)
	check(auth.Migrate(ctx))
	router := gin.New()
	check(auth.Register(router))
	check(auth.CreateUser(ctx, &Author{User: models.User{Username: "ann"}, PenName: "Currer Bell"}, "Looking-Glass-7"))

	send := browser(router)
	fmt.Println(send("GET", "/auth/user/", ""))
	fmt.Println(send("POST", "/auth/login/", `{"username": "ann", "password": "Looking-Glass-7"}`))
	fmt.Println(send("GET", "/auth/user/", ""))
	// Output:
	// 401 {"error":"not_authenticated","text":"Please log in to continue."}
	// 200 {"user":{"id":1,"pen_name":"Currer Bell"}}
	// 200 {"id":1,"pen_name":"Currer Bell"}
}
