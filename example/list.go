package main

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"
	"gorm.io/plugin/dbresolver"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/models"
)

// The data of the application: each user has a shopping list. Personal tokens need these scopes to reach it.
const (
	readList  = "list:read"
	writeList = "list:write"
)

const (
	maxItems = 500 // of a user
	maxText  = 100 // characters
)

// item is a row of the table shopping_items.
type item struct {
	UserID  int64     `gorm:"primaryKey;autoIncrement:false" json:"-"`
	ID      string    `gorm:"primaryKey;size:26" json:"id"`
	Text    string    `gorm:"size:100;not null" json:"text"`
	Done    bool      `gorm:"not null" json:"done"`
	AddedAt time.Time `gorm:"not null" json:"added_at"`
}

func (item) TableName() string { return "shopping_items" }

// migrateItems creates the table. If two processes start together, one of them fails to, and finds it there. It never asks a replica, which
// can lag or be down.
func migrateItems(db *gorm.DB) error {
	db = db.Clauses(dbresolver.Write)
	if err := db.AutoMigrate(&item{}); err != nil && !db.Migrator().HasTable(&item{}) {
		return err
	}
	return nil
}

// addItems adds the routes of the list. Every query has the user's ID, so a user reaches no list but their own.
func addItems(items gin.IRouter, db *gorm.DB, auth *ginauth.Auth) {
	l := list{db, auth}
	items.GET("", l.guard(readList), l.show)
	items.POST("", l.guard(writeList), l.add)
	items.PATCH("/:id", l.guard(writeList), l.tick)
	items.DELETE("", l.guard(writeList), l.clear)
}

// guard lets users through, and personal tokens with a scope. Without AUTH_MODES=token there are no such tokens.
func (l list) guard(scope string) gin.HandlerFunc {
	if slices.Contains(l.auth.Config().Token.Scopes, scope) {
		return l.auth.RequireScope(scope)
	}
	return l.auth.RequireUser()
}

type list struct {
	db   *gorm.DB
	auth *ginauth.Auth
}

// of returns a query on the items of the user.
func (l list) of(c *gin.Context) *gorm.DB {
	return l.db.WithContext(c.Request.Context()).Where("user_id = ?", ginauth.User(c).ID)
}

func (l list) show(c *gin.Context) {
	items := []item{}
	if err := l.of(c).Order("added_at, id").Find(&items).Error; err != nil {
		l.auth.Fail(c, err)
		return
	}
	c.JSON(http.StatusOK, items)
}

func (l list) add(c *gin.Context) {
	var form struct {
		Text string `json:"text"`
	}
	_ = c.ShouldBindJSON(&form) // a body that is no JSON has no text
	form.Text = strings.TrimSpace(form.Text)
	if err := l.check(c, form.Text); err != nil {
		l.auth.Fail(c, err)
		return
	}
	added := item{UserID: ginauth.User(c).ID, ID: rand.Text(), Text: form.Text, AddedAt: time.Now().UTC()}
	if err := l.db.WithContext(c.Request.Context()).Create(&added).Error; err != nil {
		l.auth.Fail(c, err)
		return
	}
	c.JSON(http.StatusCreated, added)
}

// check returns why a text cannot be added, in the library's format, so the front end shows it at the field.
func (l list) check(c *gin.Context, text string) error {
	var count int64
	switch err := l.of(c).Model(&item{}).Count(&count).Error; {
	case err != nil:
		return err
	case text == "":
		return binding.Invalid("text", binding.Problem{Code: binding.CodeBlank})
	case utf8.RuneCountInString(text) > maxText:
		return binding.Invalid("text", binding.Problem{Code: binding.CodeMaxLength, Params: map[string]any{"Limit": maxText}})
	case count >= maxItems:
		return binding.Invalid("text", binding.Problem{Code: binding.CodeTooMany, Params: map[string]any{"Limit": maxItems}})
	}
	return nil
}

func (l list) tick(c *gin.Context) {
	var form struct {
		Done bool `json:"done"`
	}
	if err := c.ShouldBindJSON(&form); err != nil {
		l.auth.Fail(c, binding.Invalid("done", binding.Problem{Code: binding.CodeInvalid}))
		return
	}
	if err := l.of(c).Model(&item{}).Where("id = ?", c.Param("id")).Update("done", form.Done).Error; err != nil {
		l.auth.Fail(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}

// clear removes what is done.
func (l list) clear(c *gin.Context) {
	if err := l.of(c).Where("done = ?", true).Delete(&item{}).Error; err != nil {
		l.auth.Fail(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}

// deleteItems runs in the transaction that deletes a user.
func deleteItems(_ context.Context, tx *gorm.DB, e config.Event) error {
	return tx.Where("user_id = ?", e.User.Base().ID).Delete(&item{}).Error
}

// exportItems adds the list to the data that users download.
func exportItems(_ context.Context, tx *gorm.DB, user models.Account) (any, error) {
	var items []item
	err := tx.Where("user_id = ?", user.Base().ID).Order("added_at, id").Find(&items).Error
	return gin.H{"shopping_list": items}, err
}
