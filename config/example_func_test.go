package config_test

import (
	"context"
	"crypto/subtle"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// A hook that gets the user as the application's own type. It runs in the transaction of the login, and rejects it.
func ExampleHook() {
	cfg := config.Config{NewUser: config.Model[Employee]()}
	cfg.Hooks.BeforeLogin = config.Hook(func(_ context.Context, _ *gorm.DB, e *Employee, event config.Event) error {
		if e.Company == "Umbrella" && event.Method != "register" {
			return &binding.Error{Status: 403, Code: "company_blocked", Message: "Your company has not paid."}
		}
		return nil
	})
	cfg.Forms.SignUp = config.Form(func(f *EmployeeSignUp, e *Employee) error { e.Company = f.Company; return nil })
	send, _ := start(cfg)
	send("POST", "/auth/registration/", `{"username": "ann", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7", "company": "Umbrella"}`)
	fmt.Println(send("POST", "/auth/login/", `{"username": "ann", "password": "Looking-Glass-7"}`))
	// Output:
	// 403 {"detail":"Your company has not paid.","code":"company_blocked"}
}

// A directory that checks passwords. The ID in the directory stays the same when a name changes. This directory has its
// password in memory; a real one is on the network.
func ExampleBackendFunc() {
	directory := config.BackendFunc(func(_ context.Context, c config.Credentials) (models.Account, error) {
		right := subtle.ConstantTimeCompare([]byte(c.Password), []byte("Looking-Glass-7")) == 1
		if c.Username != "ann" || !right {
			return nil, nil // not a user of the directory: the next backend is asked
		}
		user := &models.User{Username: "ann", Email: "ann@example.com"}
		user.SetBackend("directory", "entry-4711")
		return user, nil
	})
	send, _ := start(config.Config{Backends: []config.Backend{config.PasswordBackend{}, directory}})
	fmt.Println(send("POST", "/auth/login/", `{"username": "ann", "password": "Looking-Glass-7"}`))
	fmt.Println(send("POST", "/auth/login/", `{"username": "ann", "password": "a guess"}`)[:3])
	// Output:
	// 200 {"user":{"pk":1,"username":"ann","email":"ann@example.com","first_name":"","last_name":""}}
	// 400
}

// The default rules, with another minimum length and a rule of your own.
func ExamplePasswordRuleFunc() {
	noCompany := config.PasswordRuleFunc(func(_ context.Context, password string, _ *models.User) (*binding.Problem, error) {
		if strings.Contains(strings.ToLower(password), "acme") {
			return &binding.Problem{Code: "has_company", Message: "Do not use the name of the company."}, nil
		}
		return nil, nil
	})
	cfg := config.Config{PasswordRules: append(config.DefaultPasswordRules(), config.MinLength(12), noCompany)}
	send, _ := start(cfg)
	for _, password := range []string{"Acme-Looking-Glass", "Looking-Glass-7"} {
		fmt.Println(send("POST", "/auth/registration/", fmt.Sprintf(`{"username": "ann", "password1": %q, "password2": %[1]q}`, password)))
	}
	// Output:
	// 400 {"password1":["Do not use the name of the company."]}
	// 201 {"user":{"pk":1,"username":"ann","email":"","first_name":"","last_name":""}}
}

// What each of the default rules rejects.
func ExampleDefaultPasswordRules() {
	ann := &models.User{Username: "ann", Email: "ann.lee@example.com"}
	for _, password := range []string{"ann.lee@example", "t3a", "password1", "8305176294", "Looking-Glass-7"} {
		fmt.Print(password, ":")
		for _, rule := range config.DefaultPasswordRules() {
			problem, err := rule.CheckPassword(context.Background(), password, ann)
			check(err)
			if problem != nil {
				fmt.Print(" ", problem.Code)
			}
		}
		fmt.Println()
	}
	// Output:
	// ann.lee@example: password_too_similar
	// t3a: password_too_short
	// password1: password_too_common
	// 8305176294: password_numeric
	// Looking-Glass-7:
}
