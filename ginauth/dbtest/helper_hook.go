package dbtest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// hookLog records the calls of hooks.
type hookLog struct {
	mu      sync.Mutex
	entries []string
}

func (d *hookLog) note(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.entries = append(d.entries, text)
}

// take returns the recorded calls and removes them.
func (d *hookLog) take() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	text := strings.Join(d.entries, ", ")
	d.entries = nil
	return text
}

func (d *hookLog) before(what string) config.Before {
	return func(_ context.Context, tx *gorm.DB, e config.Event) error {
		var n int64
		if err := tx.Model(&models.User{}).Where("id = ?", e.User.Base().ID).Count(&n).Error; err != nil || n != 1 {
			return fmt.Errorf("%s sees %d users, %w", what, n, err)
		}
		d.note("before " + what + d.of(e))
		return nil
	}
}

func (d *hookLog) after(what string) config.After {
	return func(_ context.Context, e config.Event) error {
		d.note("after " + what + d.of(e))
		return nil
	}
}

func (*hookLog) of(e config.Event) string {
	text := ""
	if e.User != nil {
		text += " " + e.User.Base().Username
	}
	if e.Session != nil {
		text += " by " + e.Session.Method
	}
	return text + strings.TrimRight(" "+e.Login+e.Email, " ")
}

func (d *hookLog) install(cfg *config.Config) {
	cfg.Hooks = config.Hooks{
		BeforeRegister: d.before("register"), AfterRegister: d.after("register"), BeforeLogin: d.before("login"), AfterLogin: d.after("login"),
		AfterLoginFailed: d.after("failure"), AfterLogout: d.after("logout"), AfterRefreshReuse: d.after("reuse"),
		BeforePasswordChange: d.before("change"), AfterPasswordChange: d.after("change"),
		BeforePasswordReset: d.before("reset"), AfterPasswordReset: d.after("reset"), BeforeVerify: d.before("verify"), AfterVerify: d.after("verify"),
		BeforeEmailChange: d.before("e-mail"), AfterEmailChange: d.after("e-mail"), BeforeDelete: d.before("delete"), AfterDelete: d.after("delete"),
		AfterSessionRevoked: d.after("revoke"), BeforeBan: d.before("ban"), AfterBan: d.after("ban"), AfterUnban: d.after("unban"),
	}
}

var errRefusal = binding.Invalid(binding.NonField, binding.Problem{Code: "not_today", Message: "Not today."})
