package core

// FindUsers finds accounts for operators, who also see those that cannot log in.

import (
	"context"
	"strconv"

	"github.com/ginauth/gin-rest-auth/models"
)

// FindUsers returns the accounts that have a text as their ID, name, or address, confirmed or not: at most 10, the lowest ID
// first. It finds banned, inactive, pending and deleted accounts as well, so it is for operators. Use UserByName for clients.
func (c *Core) FindUsers(ctx context.Context, text string) (found []models.User, err error) {
	db := c.DB(ctx)
	match := db.Where("username_key = ?", models.UsernameKey(text))
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		match = match.Or("id = ?", id)
	}
	if key := models.EmailKey(text); key != "" {
		match = match.Or("email_key = ?", key).Or("id IN (?)", db.Model(&models.Email{}).Select("user_id").Where("email_key = ?", key))
	}
	err = db.Table(c.UsersTable()).Where(match).Order("id").Limit(10).Find(&found).Error
	return found, err
}
