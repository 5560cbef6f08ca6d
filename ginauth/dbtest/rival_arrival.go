package dbtest

import (
	"context"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

// directory is a backend that knows the owner by a name and password of its own.
type directory struct {
	c    *Case
	name string
	id   int64 // the ID of the account, once it exists
}

const directoryPassword = "Hall-Of-Mirrors-5"

// Authenticate implements config.Backend.
func (d *directory) Authenticate(_ context.Context, in config.Credentials) (models.Account, error) {
	if d.name == "" || in.Username != d.name || in.Password != directoryPassword {
		return nil, nil
	}
	user := &models.User{Username: d.name, Email: "owner@example.com"}
	if d.id == 0 {
		return user, nil
	}
	return user, d.c.DB.Where("id = ?", d.id).Limit(1).Find(user).Error
}

// createOwnersAccount makes the owner's account in the way that origin names. An owner who opened the reset link of a
// stranger's account already has one.
func (w *world) createOwnersAccount(origin string) {
	if w.account != 0 {
		return
	}
	name := "owner"
	if w.rowsNamed(name) > 0 {
		name = "heir"
	}
	w.owner.names = []string{name}
	w.t.Logf("the owner joins as %s, by %s, mode %s", name, origin, w.arena.mode)
	if problem := w.tryCreateOwnersAccount(origin, name); problem != "" {
		w.t.Fatalf("the owner cannot join: %s", problem)
	}
	w.deliver()
	if w.rowsNamed(name) == 0 {
		w.arena.directory.name = ""
		return
	}
	user := w.user(name)
	w.arena.directory.id = user.ID
	if w.made[user.ID] = true; !user.Pending {
		w.account = user.ID
	}
}

// tryCreateOwnersAccount makes the owner's account, or returns what is wrong. It is not wrong that a stranger's account
// has the address where the rules allow it.
func (w *world) tryCreateOwnersAccount(origin, name string) string {
	taken := len(w.shared) > 0 || w.employee
	switch origin {
	case "sign-up":
		if r := w.owner.signUp(step{}); r.StatusCode != 201 && w.arena.mode == config.VerifyMandatory {
			return r.Text
		}
	case "CreateUser":
		err := w.Auth.CreateUser(w.Context(), &models.User{Username: name, Email: "owner@example.com"}, w.owner.password)
		if err != nil && w.arena.mode != config.VerifyNone && !taken {
			return err.Error()
		}
	case "Django":
		err := w.addDjangoUser(name, "owner@example.com", djangoEncodings()[0])
		if err == nil {
			err = w.Auth.Migrate(w.Context())
		}
		if err != nil {
			return err.Error()
		}
	case "directory":
		w.arena.directory.name, w.owner.password = name, ""
		r := w.owner.browsers[0].Post("/auth/login/", obj{"username": name, "password": directoryPassword})
		if r.StatusCode != 200 && !taken {
			return r.Text
		}
	}
	return ""
}

func (w *world) rowsNamed(name string) (n int64) {
	if err := w.DB.Model(&models.User{}).Where("username_key = ?", name).Count(&n).Error; err != nil {
		w.t.Fatal(err)
	}
	return n
}
