package dbtest

import (
	"context"
	"errors"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var passwordCases = []func(*Case){
	PasswordChangeEndsOtherSessions, PasswordChangeCanEndThisSession, PasswordChangeChecks, PasswordChangeWithoutOld,
	PasswordRulesCanBeReplaced, PasswordHashCanBeBcrypt,
}

func change(old, renewed string) binding.ChangePassword {
	return binding.ChangePassword{OldPassword: old, NewPassword1: renewed, NewPassword2: renewed}
}

// PasswordChangeEndsOtherSessions covers T038.
func PasswordChangeEndsOtherSessions(c *Case) {
	c.start()
	ann, bob := c.signedUp("ann"), c.signedUp("bob")
	other, copied := c.loggedIn("ann"), ann.Clone()
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	ann.Get("/auth/user/").Want(200)
	bob.Get("/auth/user/").Want(200)
	other.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	copied.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed) // the key is new, too
	c.client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors invalid_credentials")
	c.client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(200)
}

func PasswordChangeCanEndThisSession(c *Case) {
	c.start(func(cfg *config.Config) { cfg.LogoutOnPasswordChange = true })
	ann := c.signedUp("ann")
	copied := ann.Clone()
	ann.Post("/auth/password/change/", change(authtest.Password, "Mirror-Maze-88")).Want(200)
	if len(ann.Cookies) != 0 {
		c.Errorf("cookies left: %v", ann.Cookies)
	}
	copied.Get("/auth/user/").WantCode(401, binding.CodeAuthenticationFailed)
	if n := c.count(&models.Session{}); n != 0 {
		c.Errorf("%d sessions left", n)
	}
}

func PasswordChangeChecks(c *Case) {
	c.start()
	ann := c.signedUp("ann")
	post := func(body any) *authtest.Response { return ann.Post("/auth/password/change/", body) }
	c.client().Post("/auth/password/change/", change("x", "Mirror-Maze-88")).WantCode(401, binding.CodeNotAuthenticated)
	post(obj{}).WantProblems("old_password required", "new_password1 required", "new_password2 required")
	post(obj{"old_password": "", "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}).WantProblems("old_password blank")
	post(change("wrong", "Mirror-Maze-88")).WantProblems("old_password password_incorrect")
	post(obj{"old_password": "wrong", "new_password1": ""}).
		WantProblems("old_password password_incorrect", "new_password1 blank", "new_password2 required")
	post(obj{"old_password": authtest.Password, "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-89"}).
		WantProblems("new_password2 password_mismatch")
	post(change(authtest.Password, "1234567")).WantProblems(
		"new_password2 password_too_short", "new_password2 password_too_common", "new_password2 password_numeric")
	post(change(authtest.Password, "ann@example.com")).WantProblems("new_password2 password_too_similar")
	ann.Get("/auth/user/").Want(200)
	c.loggedIn("ann")
}

func PasswordChangeWithoutOld(c *Case) {
	c.start(func(cfg *config.Config) { cfg.AllowPasswordChangeWithoutOld = true })
	ann := c.signedUp("ann")
	ann.Post("/auth/password/change/", change("wrong", "Mirror-Maze-88")).WantProblems("old_password password_incorrect")
	body := obj{"new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}
	ann.Post("/auth/password/change/", body).Want(200)
	c.client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(200)
}

func PasswordRulesCanBeReplaced(c *Case) {
	broken := errors.New("the service that was broken into is down")
	rule := config.PasswordRuleFunc(func(_ context.Context, password string, u *models.User) (*binding.Problem, error) {
		if password == "outage" {
			return nil, broken
		}
		if strings.Contains(password, u.Username) {
			return &binding.Problem{Code: "no_names", Message: "Leave your name out of it."}, nil
		}
		return nil, nil
	})
	c.start(func(cfg *config.Config) { cfg.PasswordRules = []config.PasswordRule{rule} })
	in := authtest.SignUp("ann")
	in.Password1, in.Password2 = "hi ann", "hi ann"
	c.client().Post("/auth/registration/", in).WantProblems("password1 no_names")
	in.Password1, in.Password2 = "outage", "outage"
	c.client().Post("/auth/registration/", in).WantCode(503, binding.CodeUnavailable)
	if !strings.Contains(c.Log.String(), broken.Error()) {
		c.Errorf("the reason was not logged: %s", c.Log)
	}
	in.Password1, in.Password2 = "x", "x"
	c.client().Post("/auth/registration/", in).Want(201)
}

// PasswordHashCanBeBcrypt covers T017: 72 bytes and no more.
func PasswordHashCanBeBcrypt(c *Case) {
	c.start(func(cfg *config.Config) { cfg.Hash.Algorithm, cfg.Hash.Cost = "bcrypt", 4 })
	long := strings.Repeat("xY3-", 18) // 72 bytes
	in := authtest.SignUp("ann")
	in.Password1, in.Password2 = long+"z", long+"z"
	c.client().Post("/auth/registration/", in).WantProblems("password1 password_too_long")
	in.Password1, in.Password2 = long, long
	ann := c.client()
	ann.Post("/auth/registration/", in).Want(201)
	c.client().Post("/auth/login/", obj{"username": "ann", "password": long}).Want(200)
	c.client().Post("/auth/login/", obj{"username": "ann", "password": long + "z"}).WantProblems("non_field_errors invalid_credentials")
	ann.Post("/auth/password/change/", change(long, long+"z")).WantProblems("new_password2 password_too_long")
}
