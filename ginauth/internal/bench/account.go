package main

// The users: the library's table, and a small one for systems whose table the application defines.

import (
	"context"
	"errors"
	"fmt"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/models"
)

const password = "Looking-Glass-7"

// account is the user of a small application: 7 columns, while models.User has more than 20.
type account struct {
	ID        int64  `gorm:"primaryKey"`
	Username  string `gorm:"uniqueIndex"`
	Email     string
	Password  string
	FirstName string
	LastName  string
	IsActive  bool
}

var errWrongPassword = errors.New("wrong name or password")

// check is a hand-written login: one query and one hash.
func check(ctx context.Context, db *gorm.DB, username, given string) (*account, error) {
	var a account
	if err := db.WithContext(ctx).First(&a, "username = ?", username).Error; err != nil {
		return nil, err
	}
	if !a.IsActive || !matches(ctx, a.Password, given) {
		return nil, errWrongPassword
	}
	return &a, nil
}

// checkBody is check for a request with a JSON body.
func checkBody(c *gin.Context, db *gorm.DB) (*account, error) {
	var body struct{ Username, Password string }
	if err := c.ShouldBindJSON(&body); err != nil {
		return nil, err
	}
	return check(c.Request.Context(), db, body.Username, body.Password)
}

func username(i int) string { return fmt.Sprintf("user%d", i) }

// fillAccounts makes the users 1 to n in both tables, with the same IDs, names, addresses and hash.
func fillAccounts(ctx context.Context, db *gorm.DB, auth *ginauth.Auth, n int) error {
	encoded, err := hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	if err := db.AutoMigrate(&account{}); err != nil {
		return err
	}
	for i := 1; i <= n; i++ {
		user := &models.User{FirstName: "Ann", LastName: "Liddell"}
		user.SetUsername(username(i))
		user.SetEmail(username(i) + "@example.com")
		if err := auth.CreateUser(ctx, user, password); err != nil {
			return err
		}
		a := account{int64(i), user.Username, user.Email, encoded, "Ann", "Liddell", true}
		if err := db.Create(&a).Error; err != nil {
			return err
		}
		if user.ID != a.ID {
			return fmt.Errorf("user %d has the ID %d", i, user.ID)
		}
	}
	return nil
}

// moveEmails changes a user's address in both tables.
func moveEmails(db *gorm.DB, i int, email string) error {
	return errors.Join(db.Exec("UPDATE auth_user SET email = ? WHERE id = ?", email, i).Error,
		db.Exec("UPDATE accounts SET email = ? WHERE id = ?", email, i).Error)
}
