package dbtest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

var backendCases = Group{Name: "backend", Cases: []func(*Case){
	backendsAreAskedInOrder, backendsCreateUsers, backendUserGetsAnUnconfirmedAddress, concurrentFirstBackendLogins, backendsReturningWrongUsers,
	firstBackendLoginIsARegistration, backendsCanReauthenticate, backendLoginUsesTheReturnedAccount, failedLoginsCallTheHook,
	backendUsersAreFoundByID, backendUsersCannotRename, concurrentFirstBackendLoginsWithID, userRemovedFromTheBackendStaysOut,
	userRemovedFromTheBackendIfAllowed, userRemovedFromTheBackendCannotUseLinks, backendUsersGetNoPasswordLink, backendUserWhoseNameIsTaken,
	backendUserIsRenamed, concurrentRenamesOfBackendUsers, backendLoginLeavesAnOnlyAddress, backendUserNeedsNoAddress,
	securedResponseMentionsTheMail,
}}

// directory adds a backend that accepts one password for every user and creates no user twice.
func (c *Case) directory(cfg *config.Config) {
	cfg.Backends = []config.Backend{config.BackendFunc(func(_ context.Context, in config.Credentials) (models.Account, error) {
		var u models.User
		if in.Password != "directory" {
			return nil, nil
		}
		if err := c.DB.Where("username_key = ?", models.UsernameKey(in.Username)).Limit(1).Find(&u).Error; err != nil || u.ID != 0 {
			return &u, err
		}
		return &models.User{Username: in.Username, Email: in.Username + "@example.com"}, nil
	}), config.PasswordBackend{}}
}

// backendsAreAskedInOrder: backends are asked in order until one returns a user. An error of a backend is a 503, not a
// refused login.
func backendsAreAskedInOrder(c *Case) {
	var asked []string
	var broken error
	legacy := config.BackendFunc(func(_ context.Context, in config.Credentials) (models.Account, error) {
		asked = append(asked, in.Username+in.Email)
		if in.Password != "legacy-password" || broken != nil {
			return nil, broken
		}
		var u models.User
		return &u, c.DB.Where("username_key = ?", in.Username).First(&u).Error
	})
	c.Start(func(cfg *config.Config) { cfg.Backends = []config.Backend{config.PasswordBackend{}, legacy} })
	c.SignedUp("ann")
	c.LoggedIn("ann")
	if len(asked) != 0 {
		c.Errorf("asked %q", asked)
	}
	login := obj{"username": "ann", "password": "legacy-password"}
	c.Client().Post("/auth/login/", login).Want(200)
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "x"}).WantProblems("non_field_errors invalid_credentials")
	c.set("ann", obj{"is_active": false})
	c.Client().Post("/auth/login/", login).WantProblems("non_field_errors invalid_credentials")
	broken = errors.New("ldap is away")
	c.Client().Post("/auth/login/", login).WantCode(503, binding.CodeUnavailable)
	if !slices.Equal(asked, []string{"ann", "ann", "ann", "ann"}) || !strings.Contains(c.Log.String(), "ldap is away") {
		c.Errorf("asked %q, logged %s", asked, c.Log)
	}
}

// backendsCreateUsers: a user of the directory who is not in the table gets a row at the first login, unless another
// account has the name.
func backendsCreateUsers(c *Case) {
	directory := config.BackendFunc(func(_ context.Context, in config.Credentials) (models.Account, error) {
		var u models.User
		if err := c.DB.Where("username_key = ?", in.Username).Limit(1).Find(&u).Error; err != nil || in.Password != "directory" {
			return nil, err
		}
		if u.ID == 0 || in.Username == "taken" {
			u = models.User{Username: in.Username, Email: in.Username + "@example.com", FirstName: "Of the directory"}
		}
		return &u, nil
	})
	c.StartMail(mandatory, func(cfg *config.Config) { cfg.Backends = []config.Backend{directory} })
	if err := c.Auth.CreateUser(c.Context(), &models.User{Username: "taken"}, authtest.Password); err != nil {
		c.Fatal(err)
	}
	for range 2 {
		browser := c.Client()
		browser.Post("/auth/login/", obj{"username": "ann", "password": "directory"}).Want(200)
		var user binding.User
		browser.Get("/auth/user/").Want(200).JSON(&user)
		if user.FirstName != "Of the directory" || !emails(browser)[0].Verified {
			c.Errorf("got %+v", user)
		}
	}
	c.Client().Post("/auth/login/", obj{"username": "taken", "password": "directory"}).WantProblems("non_field_errors invalid_credentials")
	c.Client().Post("/auth/login/", authtest.Login("taken")).Want(400) // the passwords in the table are not checked
	if n := c.count(&models.User{}); n != 2 {
		c.Errorf("%d users", n)
	}
}

// backendUserGetsAnUnconfirmedAddress: an account that signed up with their address and never confirmed it loses the
// address.
func backendUserGetsAnUnconfirmedAddress(c *Case) {
	for _, mode := range []config.Verification{config.VerifyNone, config.VerifyOptional, config.VerifyMandatory} {
		c.documented = nil
		c.StartMail(c.directory, func(cfg *config.Config) { cfg.EmailVerification = mode })
		c.owner("mallory", "ann@example.com")
		browser := c.Client()
		browser.Post("/auth/login/", directoryBody("ann")).Want(200)
		if all := emails(browser); len(all) != 1 || !all[0].Verified || c.user("mallory").Email != "" {
			c.Errorf("%s: ann has %v, mallory %q", mode, all, c.user("mallory").Email)
		}
		c.Client().Post("/auth/login/", directoryBody("ann")).Want(200)
	}
}

// concurrentFirstBackendLogins: if several first logins of one user run concurrently, all succeed as the same user.
func concurrentFirstBackendLogins(c *Case) {
	c.StartMail(c.directory)
	var all sync.WaitGroup
	for range 6 {
		browser := c.Client()
		all.Go(func() { browser.Post("/auth/login/", directoryBody("ann")).Want(200) })
	}
	all.Wait()
	if n := c.count(&models.User{}); n != 1 {
		c.Errorf("%d users", n)
	}
}

// backendsReturningWrongUsers: a nil pointer means that the backend does not know the user. A user of another type is an
// error.
func backendsReturningWrongUsers(c *Case) {
	var account models.Account
	backend := config.BackendFunc(func(context.Context, config.Credentials) (models.Account, error) { return account, nil })
	c.Start(func(cfg *config.Config) {
		cfg.NewUser, cfg.Backends = config.Model[Member](), []config.Backend{backend}
	})
	account = (*Member)(nil)
	c.Client().Post("/auth/login/", directoryBody("ann")).WantProblems("non_field_errors invalid_credentials")
	account = &models.User{Username: "ann"}
	c.Client().Post("/auth/login/", directoryBody("ann")).WantCode(503, binding.CodeUnavailable)
	if !strings.Contains(c.Log.String(), "got *models.User, but Config.NewUser makes *dbtest.Member") {
		c.Errorf("logged %s", c.Log)
	}
}

// firstBackendLoginIsARegistration: the hooks of a registration are called once, at the first login.
func firstBackendLoginIsARegistration(c *Case) {
	var notified []string
	c.StartMail(c.directory, func(cfg *config.Config) {
		cfg.Hooks.BeforeRegister = func(context.Context, *gorm.DB, config.Event) error { notified = append(notified, "before"); return nil }
		cfg.Hooks.AfterRegister = func(_ context.Context, e config.Event) error {
			notified = append(notified, "after "+e.User.Base().Username)
			return nil
		}
	})
	for range 2 {
		c.Client().Post("/auth/login/", directoryBody("ann")).Want(200)
	}
	if got := strings.Join(notified, ", "); got != "before, after ann" {
		c.Errorf("got %q", got)
	}
}

// failedLoginsCallTheHook: AfterLoginFailed is called no matter what refused the login, and for every route that takes a
// password.
func failedLoginsCallTheHook(c *Case) {
	failed := map[string]int{}
	var stubborn error
	c.StartMail(withEverything, byCode, func(cfg *config.Config) {
		cfg.Hooks.AfterLoginFailed = func(_ context.Context, e config.Event) error { failed[e.Login]++; return nil }
		cfg.Backends = []config.Backend{config.PasswordBackend{}, config.BackendFunc(func(_ context.Context, in config.Credentials) (models.Account, error) {
			if in.Password != "directory" {
				return nil, stubborn
			}
			return &models.User{Username: in.Username}, nil
		})}
	})
	ann := c.SignedUp("ann")
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "x"}).Want(400)
	c.Client().Post("/auth/login/", obj{"username": "nobody", "password": "x"}).Want(400)
	c.Client().Post("/auth/login/", directoryBody("ann")).WantProblems("non_field_errors invalid_credentials") // another account has the name
	ann.Post("/auth/reauthenticate/", obj{"password": "x"}).WantProblems("password password_incorrect")
	ann.Post("/auth/user/delete/", obj{"password": "x"}).WantProblems("password password_incorrect")
	ann.Post("/auth/password/change/", change("x", "Mirror-Maze-88")).WantProblems("old_password password_incorrect")
	c.Client().Post("/auth/login/code/confirm/", obj{"email": "ann@example.com", "code": "BBBB-BBBB"}).Want(400)
	c.set("ann", obj{"is_active": false})
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(400)
	stubborn = errors.New("ldap is away")
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "x"}).Want(503)
	if failed["ann"] != 6 || failed["nobody"] != 1 || failed["ann@example.com"] != 1 {
		c.Errorf("called for %v", failed)
	}
	if !strings.Contains(c.Log.String(), "must return that row") {
		c.Errorf("logged %s", c.Log)
	}
}

// backendsCanReauthenticate: a backend that logs a user in can also re-authenticate them. The password in the table
// counts only where it counts for a login.
func backendsCanReauthenticate(c *Case) {
	var asked []config.Credentials
	found := "" // the user that the backend returns for the right password
	backend := config.BackendFunc(func(_ context.Context, in config.Credentials) (models.Account, error) {
		asked = append(asked, in)
		switch in.Password {
		case "directory":
			u := c.user(found)
			return &u, nil
		case "broken":
			return nil, errors.New("ldap is away")
		}
		return nil, nil
	})
	c.StartMail(func(cfg *config.Config) { cfg.Backends = []config.Backend{backend} })
	c.owner("ann", "ann@example.com")
	c.owner("bob", "bob@example.com")
	found = "ann"
	browser := c.Client()
	browser.Post("/auth/login/", directoryBody("ann")).Want(200)
	c.Clock.Advance(time.Hour)
	asked = nil
	const path = "/auth/reauthenticate/"
	browser.Post(path, obj{"password": authtest.Password}).WantProblems("password password_incorrect")
	browser.Post(path, obj{"password": "broken"}).WantCode(503, binding.CodeUnavailable)
	found = "bob"
	browser.Post(path, obj{"password": "directory"}).WantProblems("password password_incorrect")
	browser.Post("/auth/user/delete/", nil).WantCode(403, binding.CodeFreshLogin)
	found = "ann"
	browser.Post(path, obj{"password": "directory"}).Want(200)
	for _, in := range asked {
		if in.Username != "ann" || in.Email != "" {
			c.Errorf("the backend was asked for %+v", in)
		}
	}
	browser.Post("/auth/password/change/", change("directory", "Mirror-Maze-88")).WantProblems("old_password password_incorrect")
	browser.Post("/auth/user/delete/", nil).Want(200)
	if len(asked) != 4 {
		c.Errorf("the backend was asked %d times", len(asked))
	}
}

// backendLoginUsesTheReturnedAccount: that can be a local account of the same name, as the README warns.
func backendLoginUsesTheReturnedAccount(c *Case) {
	c.Start(c.directory)
	c.SignedUp("ann")
	before := c.user("ann")
	browser := c.Client()
	browser.Post("/auth/login/", obj{"username": "Ann", "password": "directory"}).Want(200)
	var user binding.User
	if browser.Get("/auth/user/").Want(200).JSON(&user); user.PK != before.ID || c.count(&models.User{}) != 1 {
		c.Errorf("got %+v, %d users", user, c.count(&models.User{}))
	}
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(200)
}
