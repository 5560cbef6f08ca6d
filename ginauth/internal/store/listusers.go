package store

// Users for operators: pages in the order of an index. searchusers.go finds those whose name or address begins with a text.

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// UserFilter selects users. Its zero values select all.
type UserFilter struct {
	ID                               int64
	Active, Staff, Superuser, Banned *bool
	JoinedFrom, JoinedBefore         time.Time
	Now                              time.Time // for Banned
	few                              *[]int64  // set by a search: all users that the rest selects
}

// in adds the conditions to a query. Booleans are literals, so that partial indexes are used.
func (f UserFilter) in(q *gorm.DB) *gorm.DB {
	if f.few != nil {
		return q.Where("id IN ?", *f.few)
	}
	if f.ID != 0 {
		q = q.Where("id = ?", f.ID)
	}
	for column, want := range map[string]*bool{"is_active": f.Active, "is_staff": f.Staff, "is_superuser": f.Superuser} {
		switch {
		case want == nil:
		case *want:
			q = q.Where(column + " = true")
		default:
			q = q.Where(column + " = false")
		}
	}
	if f.Banned != nil && *f.Banned {
		q = q.Where("banned_at IS NOT NULL AND (banned_until IS NULL OR banned_until > ?)", f.Now)
	} else if f.Banned != nil {
		q = q.Where("(banned_at IS NULL OR banned_until <= ?)", f.Now)
	}
	if !f.JoinedFrom.IsZero() {
		q = q.Where("date_joined >= ?", f.JoinedFrom)
	}
	if !f.JoinedBefore.IsZero() {
		q = q.Where("date_joined < ?", f.JoinedBefore)
	}
	return q
}

// UserPosition is a user in an order: the page begins after it. The zero value is the beginning.
type UserPosition struct {
	ID  int64
	At  time.Time  // by date_joined
	Key models.Key // by name, and in a search
	// Address is the row in auth_email whose key is Key, in a search; 0 if Key is that of the name.
	Address int64
}

// IsZero reports whether p is the beginning.
func (p UserPosition) IsZero() bool { return p == UserPosition{} }

// Users returns a page of at most limit users. Order is "id", "date_joined", each with "-" in front for the opposite, or "username",
// which leaves out users without a name.
func (s *Store) Users(ctx context.Context, f UserFilter, order string, after UserPosition, limit int) (all []models.User, err error) {
	err = s.retry(ctx, func() error {
		q := f.in(s.db.WithContext(ctx).Table(s.users))
		return s.ordered(q, order, after).Limit(limit).Find(&all).Error
	})
	return all, wrap("list users", err)
}

func (s *Store) ordered(q *gorm.DB, order string, after UserPosition) *gorm.DB {
	column, down := strings.CutPrefix(order, "-")
	beyond, direction := ">", ""
	if down {
		beyond, direction = "<", " DESC"
	}
	switch column {
	case "username":
		key := s.byteOrder("username_key")
		return q.Where(key+" > ?", string(after.Key)).Order(key)
	case "date_joined":
		if !after.IsZero() {
			q = q.Where("date_joined "+beyond+"= ? AND (date_joined "+beyond+" ? OR id "+beyond+" ?)", after.At, after.At, after.ID)
		}
		return q.Order("date_joined" + direction + ", id" + direction)
	}
	if !after.IsZero() {
		q = q.Where("id "+beyond+" ?", after.ID)
	}
	return q.Order("id" + direction)
}

// byteOrder returns a column of keys in the order of its bytes, in which the keys with a prefix are a range. On PostgreSQL the
// collation of the database may have another order.
func (s *Store) byteOrder(column string) string {
	if s.db.Name() == "postgres" {
		return column + ` COLLATE "C"`
	}
	return column
}
