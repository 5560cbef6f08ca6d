package ginauth_test

import (
	"context"
	"fmt"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
)

// Audit is a row about one event of an account.
type Audit struct {
	ID              int64
	At              time.Time
	Event           config.EventName
	UserID          int64
	Login, IP, Text string
	Form            any `gorm:"serializer:json"` // your own fields of the form; never a password that the library asked for
}

// audited stores a row for every event.
func audited(cfg config.Config, db *gorm.DB) config.Config {
	cfg.Hooks.After = func(ctx context.Context, e config.Event) error {
		row := Audit{At: time.Now(), Event: e.Name, Login: e.Login, IP: e.IP, Text: e.UserAgent, Form: e.Form}
		if e.User != nil {
			row.UserID = e.User.Base().ID
		}
		return db.WithContext(ctx).Create(&row).Error // an error is logged
	}
	return cfg
}

// An audit table needs one hook, Hooks.After. It is called for every event.
func Example_audit() {
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	check(err)
	check(db.AutoMigrate(&Audit{}))
	auth, err := ginauth.New(db, audited(config.Config{Secret: secret}, db))
	check(err)
	check(auth.Migrate(context.Background()))
	router := gin.New()
	check(auth.Register(router))

	ann := browser(router)
	ann("POST", "/auth/registration/", `{"username": "ann", "password1": "Looking-Glass-7", "password2": "Looking-Glass-7"}`)
	ann("POST", "/auth/logout/", "")
	ann("POST", "/auth/login/", `{"username": "ann", "password": "a guess"}`)
	var rows []Audit
	check(db.Order("id").Find(&rows).Error)
	for _, row := range rows {
		fmt.Printf("%s %d %q\n", row.Event, row.UserID, row.Login)
	}
	// Output:
	// register 1 ""
	// login 1 ""
	// logout 1 ""
	// login_failed 0 "ann"
}
