package config_test

import (
	"fmt"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
)

// Login is the application's response to a login.
type Login struct {
	OK   bool   `json:"ok"`   // always true
	Name string `json:"name"` // the user name
}

// A response of your own to every login. Its cookies stay the same.
func ExampleView() {
	cfg := config.Config{Views: config.Views{
		config.View(func(r binding.LoginResponse) Login { return Login{OK: true, Name: r.User.Username} }),
	}}
	send, _ := start(cfg)
	fmt.Println(send("POST", "/auth/registration/", `{"username": "ann", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7"}`))
	// Output:
	// 201 {"ok":true,"name":"ann"}
}

// Profile is the application's response in place of binding.User.
type Profile struct {
	ID      int64  `json:"id"`      // of the user
	Company string `json:"company"` // from the column of Employee
}

// A response with a column of your own user type. The view of a user is also used in the response to a login.
func ExampleUserView() {
	cfg := config.Config{NewUser: config.Model[Employee](), Views: config.Views{
		config.UserView(func(u binding.User, e *Employee) Profile { return Profile{ID: u.PK, Company: e.Company} }),
	}}
	cfg.Forms.SignUp = config.Form(func(f *EmployeeSignUp, e *Employee) error { e.Company = f.Company; return nil })
	send, _ := start(cfg)
	fmt.Println(send("POST", "/auth/registration/",
		`{"username": "ann", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7", "company": "Acme"}`))
	fmt.Println(send("GET", "/auth/user/", ""))
	// Output:
	// 201 {"user":{"id":1,"company":"Acme"}}
	// 200 {"id":1,"company":"Acme"}
}
