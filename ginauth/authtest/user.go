package authtest

import (
	"reflect"
	"testing"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/models"
)

// User stores a user who can log in: active, with [Password], and with the confirmed address NAME@example.com. Each change can
// modify the user before it is stored. If it changes the address, the new one is confirmed; if it removes it, the user has
// none. Fields that [ginauth.Auth.CreateUser] sets cannot be changed this way; to deactivate the user, call Auth.SetActive
// afterwards.
//
// The name and the address must be valid and not taken. Config.PasswordRules do not apply.
//
// The stored user has the type that Config.NewUser returns; [UserAs] returns that type. Any error ends the test.
func (a *App) User(t testing.TB, name string, change ...func(*models.User)) *models.User {
	t.Helper()
	return a.store(t, name, func(account models.Account) {
		for _, c := range change {
			c(account.Base())
		}
	}).Base()
}

// UserAs does the same as [App.User] for your own user type:
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

// lenient returns the application's configuration without the settings that could reject a user. Its Auth is used only for
// CreateUser and ConfirmEmail.
func (a *App) lenient() config.Config {
	cfg := a.Auth.Config()
	cfg.LoginMethods = []config.LoginMethod{config.LoginByUsername}
	cfg.SignUpFields = config.SignUpFields{Username: config.FieldRequired, Email: config.FieldRequired}
	cfg.Hooks, cfg.Forms, cfg.Views = config.Hooks{}, config.Forms{}, nil
	cfg.PasswordRules, cfg.SessionStore = []config.PasswordRule{}, nil
	return cfg
}
