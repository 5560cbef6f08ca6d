package ginauth_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

// beforeRegister runs in the transaction of a sign-up. An error rolls everything back; the client gets a
// *binding.Error.
func beforeRegister(_ context.Context, tx *gorm.DB, e config.Event) error {
	if strings.HasSuffix(e.User.Base().Email, "@example.net") {
		return binding.Invalid("email", binding.Problem{Code: "not_at_work", Message: "Please use your address at work."})
	}
	return tx.Exec("INSERT INTO welcome_gifts (user_id) VALUES (?)", e.User.Base().ID).Error
}

// Before hooks run in the transaction and can refuse a change. After hooks run when it is committed.
func Example_hooks() {
	cfg := config.Config{Secret: secret}
	cfg.Hooks.BeforeRegister = beforeRegister
	cfg.Hooks.AfterLogin = func(_ context.Context, e config.Event) error {
		fmt.Println("hook:", e.User.Base().Username, "logged in by", e.Method)
		return nil // an error is only logged
	}
	cfg.Hooks.AfterLoginFailed = func(_ context.Context, e config.Event) error {
		fmt.Println("hook: refused", e.Login, "from", e.IP)
		return nil
	}
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	check(err)
	check(db.Exec("CREATE TABLE welcome_gifts (user_id INTEGER)").Error)
	auth, err := ginauth.New(db, cfg)
	check(err)
	check(auth.Migrate(context.Background()))
	router := gin.New()
	check(auth.Register(router))

	signUp := `{"username": "ann", "email": "ann@%s", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7"}`
	send := browser(router)
	fmt.Println(send("POST", "/auth/registration/", fmt.Sprintf(signUp, "example.net")))
	send("POST", "/auth/registration/", fmt.Sprintf(signUp, "example.com"))
	send("POST", "/auth/login/", `{"username": "ann", "password": "a guess"}`)
	var gifts int64
	check(db.Table("welcome_gifts").Count(&gifts).Error)
	fmt.Println("gifts:", gifts)
	// Output:
	// 400 {"email":["Please use your address at work."]}
	// hook: ann logged in by register
	// hook: refused ann from 192.0.2.1
	// gifts: 1
}
