package authtest

import (
	"reflect"
	"testing"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/models"
)

// User stores a user who may log in: active, with [Password], and with the confirmed address
// NAME@example.com. Each of change may alter the user before it is stored; an address that it
// empties is not stored, another one is confirmed. What [ginauth.Auth.CreateUser] fills in
// cannot be changed so: for a user who is not active call Auth.SetActive afterwards.
//
// Names and addresses must be good ones, and free. Config.PasswordRules are not asked.
//
// The user is of the type that Config.NewUser makes; [UserAs] returns that type. Whatever
// goes wrong ends the test.
func (a *App) User(t testing.TB, name string, change ...func(*models.User)) *models.User {
	t.Helper()
	return a.store(t, name, func(account models.Account) {
		for _, c := range change {
			c(account.Base())
		}
	}).Base()
}

// UserAs is [App.User] for an application's own type:
//
//	ann := authtest.UserAs[Member](t, app, "ann", func(m *Member) { m.Company = "Acme" })
func UserAs[U any, P config.Embeds[U]](t testing.TB, app *App, name string, change ...func(*U)) *U {
	t.Helper()
	if made := app.Auth.Config().NewUser(); reflect.TypeOf(made) != reflect.TypeFor[P]() {
		t.Fatalf("authtest: UserAs[%s], but Config.NewUser makes %T", reflect.TypeFor[U](), made)
	}
	stored := app.store(t, name, func(account models.Account) {
		for _, c := range change {
			c((*U)(account.(P)))
		}
	})
	return (*U)(stored.(P))
}

// store creates a user and returns the stored row.
func (a *App) store(t testing.TB, name string, change func(models.Account)) models.Account {
	t.Helper()
	ctx := t.Context()
	auth, err := ginauth.New(a.db, a.lenient())
	if err != nil {
		t.Fatal(err)
	}
	account := auth.Config().NewUser()
	user := account.Base()
	user.Username, user.Email = name, name+"@example.com"
	change(account)
	if err := auth.CreateUser(ctx, account, Password); err != nil {
		t.Fatalf("authtest: user %q: %v", name, err)
	}
	if user.Email != "" {
		if err := auth.ConfirmEmail(ctx, user.ID, user.Email); err != nil {
			t.Fatalf("authtest: address of user %q: %v", name, err)
		}
	}
	stored := a.Auth.Config().NewUser()
	err = a.db.Session(&gorm.Session{NewDB: true}).WithContext(ctx).Where("id = ?", user.ID).Take(stored).Error
	if err != nil {
		t.Fatalf("authtest: user %q: %v", name, err)
	}
	return stored
}

// lenient is the application's configuration without what could refuse a user who is stored for a test.
// Only CreateUser and ConfirmEmail of its Auth are called.
func (a *App) lenient() config.Config {
	cfg := a.Auth.Config()
	cfg.LoginMethods = []config.LoginMethod{config.LoginByUsername}
	cfg.SignUpFields = config.SignUpFields{Username: config.FieldRequired, Email: config.FieldRequired}
	cfg.Hooks, cfg.Forms, cfg.Views = config.Hooks{}, config.Forms{}, nil
	cfg.PasswordRules, cfg.SessionStore = []config.PasswordRule{}, nil
	return cfg
}
