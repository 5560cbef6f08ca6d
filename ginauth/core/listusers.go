package core

// Users, mails and features for operators, read outside of a transaction.

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
	"github.com/ginauth/gin-rest-auth/models"
)

// UserFilter selects users; see [Core.Users]. Its zero values select all. Now is filled in.
type UserFilter = store.UserFilter

// UserPosition is where a page of users begins; see [Core.Users].
type UserPosition = store.UserPosition

// Users returns a page of users, and the position of the last one; the zero position if no more follow. Order is "id" or "date_joined",
// with "-" in front for the opposite, or "username", which leaves out users without a name. The indexes of [UserIndexes] make
// all of them fast.
func (c *Core) Users(ctx context.Context, f UserFilter, order string, after UserPosition, limit int) ([]models.User, UserPosition, error) {
	f.Now = c.Now()
	all, err := c.store.Users(ctx, f, order, after, limit+1)
	if err != nil || len(all) <= limit {
		return all, UserPosition{}, err
	}
	last := &all[limit-1]
	return all[:limit], UserPosition{ID: last.ID, At: last.DateJoined.UTC(), Key: last.UsernameKey.OrEmpty()}, nil
}

// SearchUsers returns a page of the users whose name, or one of whose addresses, begins with a text, in the order of these, and the
// position of the last one, as [Core.Users] does.
func (c *Core) SearchUsers(ctx context.Context, f UserFilter, text string, after UserPosition, limit int) ([]models.User, UserPosition, error) {
	f.Now = c.Now()
	return c.store.SearchUsers(ctx, f, models.UsernameKey(text), models.EmailKey(text), after, limit)
}

// UserIndexes is a migration with the indexes of [Core.Users] and [Core.SearchUsers].
func (c *Core) UserIndexes(db *gorm.DB) error {
	users := c.UsersTable()
	for _, index := range []struct{ name, table, columns, where string }{
		{"idx_auth_user_date_joined", users, "date_joined, id", ""},
		{"idx_auth_user_staff", users, "id", "is_staff = true"},
		{"idx_auth_user_superuser", users, "id", "is_superuser = true"},
		{"idx_auth_user_inactive", users, "id", "is_active = false"},
		{"idx_auth_user_bans", users, "id", "banned_at IS NOT NULL"},
		{"idx_auth_user_username_bytes", users, `username_key COLLATE "C"`, ""},
		{"idx_auth_email_bytes", models.Email{}.TableName(), `email_key COLLATE "C", id`, ""},
	} {
		if strings.Contains(index.columns, "COLLATE") && db.Name() != "postgres" || db.Migrator().HasIndex(index.table, index.name) {
			continue
		}
		columns, where := index.columns, ""
		switch {
		case index.where != "" && db.Name() == "mysql": // has no partial indexes
			columns, _, _ = strings.Cut(index.where, " ")
		case index.where != "":
			where = " WHERE " + index.where
		}
		err := db.Exec("CREATE INDEX " + index.name + " ON " + db.Statement.Quote(index.table) + " (" + columns + ")" + where).Error
		if err != nil {
			return err
		}
	}
	if older := "idx_auth_user_banned"; db.Migrator().HasIndex(users, older) {
		return db.Migrator().DropIndex(users, older)
	}
	return nil
}

// AllAbout returns the rights of a user, and what features have about them, as GET user/export/ does: by the names of [Setup.Export],
// without secrets. The error is [ErrNoRow] if the user does not exist.
func (c *Core) AllAbout(ctx context.Context, userID int64) (rights Rights, features map[string]any, err error) {
	err = c.Tx(ctx, func(tx *Tx) (err error) {
		if err := tx.LockUser(userID); err != nil {
			return err
		}
		if rights, err = c.RightsIn(tx, userID); err != nil {
			return err
		}
		features = map[string]any{}
		for _, e := range c.exporters {
			if features[e.name], err = e.read(tx, userID); err != nil {
				return err
			}
		}
		return nil
	})
	return rights, features, err
}

// NewAccount returns an empty account of the type of the application.
func (c *Core) NewAccount() models.Account { return c.cfg.NewUser() }
