package dbtest

import (
	"context"
	"fmt"
	"sync/atomic"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var readRetryCases = []func(*Case){ReadsAreRetried}

// ReadsAreRetried: at SERIALIZABLE a database also refuses reads to break a cycle. Whichever read of
// a flow is refused, it runs again.
func ReadsAreRetried(c *Case) {
	c.startMail(withEverything, byCode, func(cfg *config.Config) { cfg.Mail.MaxPerHour = -1 })
	var left atomic.Int64
	err := c.DB.Callback().Query().After("*").Register("conflict", func(db *gorm.DB) {
		if !db.DryRun && left.Add(-1) == 0 {
			_ = db.AddError(deadlock{})
		}
	})
	if err != nil {
		c.Fatal(err)
	}
	ann := c.verified("ann")
	c.signedUp("bob")
	tried := 0
	answers := func(method, path string, body func() any, status int) func() error {
		return func() error {
			tried++
			if r := ann.Do(method, path, body()); r.StatusCode != status {
				return fmt.Errorf("answered %d: %s", r.StatusCode, r.Text)
			}
			return nil
		}
	}
	for name, flow := range map[string]func() error{
		"a login":        answers("POST", "/auth/login/", func() any { return authtest.Login("ann") }, 200),
		"a registration": answers("POST", "/auth/registration/", func() any { return authtest.SignUp(fmt.Sprintf("user%d", tried)) }, 201),
		"a reset":        answers("POST", "/auth/password/reset/", func() any { return obj{"email": "ann@example.com"} }, 200),
		"a code":         answers("POST", "/auth/login/code/", func() any { return obj{"email": "nobody@example.com"} }, 200),
		"a sweep": func() error {
			_, err := c.Auth.Sweep(context.Background())
			return err
		},
		"a migration": func() error {
			c.DB.Model(&models.User{}).Where("username = ?", "bob").Updates(obj{"username_key": nil})
			return c.Auth.Migrate(context.Background())
		},
		"a migration with a name twice": func() error {
			c.DB.Where("username = ?", "eve").Delete(&models.User{})
			c.DB.Model(&models.User{}).Where("username = ?", "bob").Updates(obj{"username_key": nil})
			key := models.UsernameKey("bob")
			if err := c.DB.Create(&models.User{Username: "eve", UsernameKey: &key, DateJoined: c.Clock.Now()}).Error; err != nil {
				return err
			}
			err := c.Auth.Migrate(context.Background())
			c.DB.Where("username = ?", "eve").Delete(&models.User{})
			return err
		},
	} {
		for n := int64(1); ; n++ {
			left.Store(n)
			if err := flow(); err != nil {
				c.Errorf("%s, read %d: %v", name, n, err)
			}
			if left.Swap(0) > 0 {
				break
			}
		}
	}
}
