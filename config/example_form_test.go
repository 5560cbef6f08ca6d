package config_test

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// Employee is the application's user.
type Employee struct {
	models.User
	Company string `gorm:"size:80"` // a column of your own
}

// EmployeeSignUp is the body of registration/ with one more field.
type EmployeeSignUp struct {
	binding.Register
	Company string `json:"company" binding:"required,max=80"` // the tags are those of Gin
}

// A registration with one more field. The function copies the field into the user, and can reject it.
func ExampleForm() {
	cfg := config.Config{NewUser: config.Model[Employee]()}
	cfg.Forms.SignUp = config.Form(func(f *EmployeeSignUp, e *Employee) error {
		if strings.EqualFold(f.Company, "none") {
			return binding.Invalid("company", binding.Problem{Code: "no_company", Message: "Enter your company."})
		}
		e.Company = f.Company
		return nil
	})
	send, db := start(cfg)
	signUp := `{"username": "ann", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7", "company": "%s"}`

	fmt.Println(send("POST", "/auth/registration/", fmt.Sprintf(signUp, "none")))
	send("POST", "/auth/registration/", fmt.Sprintf(signUp, "Acme"))
	var ann Employee
	check(db.Take(&ann, "username = ?", "ann").Error)
	fmt.Println(ann.Username, "works at", ann.Company)
	// Output:
	// 400 {"company":["Enter your company."]}
	// ann works at Acme
}

// Invite is a row for each invite code.
type Invite struct {
	Code string `gorm:"primaryKey;size:20"` // is used once
}

// InvitedSignUp is the body of registration/ with an invite code.
type InvitedSignUp struct {
	binding.Register
	Invite string `json:"invite" binding:"required"` // the code of an Invite
}

// Invite codes that work once. The code is deleted in the transaction of the sign-up: if the sign-up fails, the code
// remains valid.
func ExampleFormTx() {
	cfg := config.Config{}
	cfg.Forms.SignUp = config.FormTx(func(_ context.Context, tx *gorm.DB, f *InvitedSignUp, _ *models.User) error {
		used := tx.Delete(&Invite{}, "code = ?", f.Invite)
		if used.Error == nil && used.RowsAffected == 0 {
			return binding.Invalid("invite", binding.Problem{Code: "invalid_invite", Message: "This code is not valid."})
		}
		return used.Error // not a *binding.Error: the response is 503
	})
	send, db := start(cfg, &Invite{})
	check(db.Create(&Invite{Code: "tea-party"}).Error)
	signUp := `{"username": "%s", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7", "invite": "tea-party"}`

	fmt.Println(send("POST", "/auth/registration/", fmt.Sprintf(signUp, "ann")))
	fmt.Println(send("POST", "/auth/registration/", fmt.Sprintf(signUp, "bob")))
	var users int64
	check(db.Model(&models.User{}).Count(&users).Error)
	fmt.Println("users:", users)
	// Output:
	// 201 {"user":{"pk":1,"username":"ann","email":"","first_name":"","last_name":""}}
	// 400 {"invite":["This code is not valid."]}
	// users: 1
}
