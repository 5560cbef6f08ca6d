package dbtest

import (
	"context"
	"crypto/sha1"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"strings"
	"sync/atomic"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// breached starts a range API that knows one password, and returns a rule that asks it.
func (c *Case) breached(password string) *config.NotBreached {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hash := fmt.Sprintf("%X", sha1.Sum([]byte(password)))
		_, _ = fmt.Fprintf(w, "%s:0\r\n", strings.Repeat("0", 35))
		if r.URL.Path == "/"+hash[:5] {
			_, _ = fmt.Fprintf(w, "%s:12\r\n", hash[5:])
		}
	}))
	c.Cleanup(server.Close)
	return &config.NotBreached{URL: server.URL}
}

// breachedPasswordsAreRejected: wherever a password is set.
func breachedPasswordsAreRejected(c *Case) {
	const leaked = "Looking-Glass-12"
	rule := c.breached(leaked)
	c.StartMail(func(cfg *config.Config) { cfg.PasswordRules = append(config.DefaultPasswordRules(), rule) })
	form := authtest.SignUp("bob")
	form.Password1, form.Password2 = leaked, leaked
	c.Client().Post("/auth/registration/", form).WantProblems("password1 password_breached")
	form.Password1, form.Password2 = "12345678", "12345678"
	asked := rule.Stats().Asked
	c.Client().Post("/auth/registration/", form).WantProblems("password1 password_too_common", "password1 password_numeric")
	if got := rule.Stats(); got.Asked != asked {
		c.Errorf("asked for a password that another rule rejects: %+v", got)
	}
	ann := c.verified("ann")
	ann.Post("/auth/password/change/", change(authtest.Password, leaked)).WantProblems("new_password2 password_breached")
	c.askReset("ann@example.com")
	mail := c.Mail("reset")
	c.reset(mail, leaked).WantProblems("new_password2 password_breached")
	c.reset(mail, "Mirror-Maze-88").Want(200)
	for call, err := range map[string]error{
		"SetPassword": c.Auth.SetPassword(c.Context(), c.user("ann").ID, leaked),
		"CreateUser":  c.Auth.CreateUser(c.Context(), &models.User{Username: "eve"}, leaked),
	} {
		if err == nil || !strings.Contains(err.Error(), string(binding.CodePasswordBreached)) {
			c.Errorf("%s: %v", call, err)
		}
	}
	if got := rule.Stats(); got.Failed != 0 || got.Rejected != 5 {
		c.Errorf("got %+v", got)
	}
}

// passwordRulesRunOutsideTransactions: a rule that asks another server must not keep rows locked.
func passwordRulesRunOutsideTransactions(c *Case) {
	var calls atomic.Int32
	c.StartMail(func(cfg *config.Config) {
		cfg.PasswordRules = []config.PasswordRule{config.PasswordRuleFunc(func(context.Context, string, *models.User) (*binding.Problem, error) {
			calls.Add(1)
			if stack := string(debug.Stack()); strings.Contains(stack, ".Transaction(") {
				c.Errorf("called in a transaction: %s", stack)
			}
			return nil, nil
		})}
	})
	ann := c.verified("ann")
	ann.Post("/auth/password/change/", change(authtest.Password, "Rabbit-Hole-99")).Want(200)
	c.askReset("ann@example.com")
	c.reset(c.lastMail("reset"), "Mirror-Maze-88").Want(200)
	c.created("bob", "bob@example.com")
	if err := c.Auth.SetPassword(c.Context(), c.user("ann").ID, "Rabbit-Hole-99"); err != nil {
		c.Error(err)
	}
	if n := calls.Load(); n < 5 {
		c.Errorf("%d calls", n)
	}
}
