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

// Customer is a user with a phone number.
type Customer struct {
	models.User
	Phone string `gorm:"size:20"`
}

// SignUp is the body of POST registration/ with one more field.
type SignUp struct {
	binding.Register
	Phone string `json:"phone" binding:"required,e164"`
}

// Profile is the body of PATCH user/ with one more field. Nil means that the field was not sent.
type Profile struct {
	binding.UpdateUser
	Phone *string `json:"phone" binding:"omitnil,e164"`
}

// A form adds your fields to a request. They are validated by Gin's binding tags, and stored in the same
// transaction as the rest.
func Example_ownForm() {
	cfg := config.Config{Secret: secret, NewUser: config.Model[Customer]()}
	cfg.Forms.SignUp = config.Form(func(f *SignUp, c *Customer) error {
		c.Phone = f.Phone
		return nil // or a *binding.Error, which the client gets
	})
	cfg.Forms.Profile = config.Form(func(f *Profile, c *Customer) error {
		if f.Phone != nil {
			c.Phone = *f.Phone
		}
		return nil
	})
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	check(err)
	auth, err := ginauth.New(db, cfg)
	check(err)
	check(auth.Migrate(context.Background()))
	router := gin.New()
	check(auth.Register(router))
	router.GET("/phone", auth.RequireUser(), func(c *gin.Context) { c.String(200, ginauth.UserAs[Customer](c).Phone) })

	send := browser(router)
	fmt.Println(send("POST", "/auth/registration/", `{"username": "ann", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7", "phone": "secret"}`))
	send("POST", "/auth/registration/", `{"username": "ann", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7", "phone": "+442071838750"}`)
	fmt.Println(send("GET", "/phone", ""))
	send("PATCH", "/auth/user/", `{"phone": "+4930901820"}`)
	fmt.Println(send("GET", "/phone", ""))
	// Output:
	// 400 {"phone":["Enter a valid value."]}
	// 200 +442071838750
	// 200 +4930901820
}
