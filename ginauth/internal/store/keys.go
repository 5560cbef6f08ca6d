package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/ginauth/gin-rest-auth/models"
)

// FillKeys gives keys to users that another program wrote without them, such as those
// of a Django table. Where two share a name or an address in its normal form, the one
// with the lower ID gets the key; the IDs of the others are returned.
func (s *Store) FillKeys(ctx context.Context) (left []int64, err error) {
	const batch = 500
	last := int64(0)
	for {
		var users []models.User
		err := s.db.WithContext(ctx).Table(s.users).
			Select("id", "username", "email", "username_key", "email_key").
			Where("id > ? AND (username_key IS NULL AND username <> '' OR "+withoutEmailKey+")", last).
			Order("id").Limit(batch).Find(&users).Error
		if err != nil {
			return left, fmt.Errorf("look for users without keys: %w", err)
		}
		for i := range users {
			filled, err := s.fillKeys(ctx, &users[i])
			if err != nil {
				return left, err
			}
			if !filled {
				left = append(left, users[i].ID)
			}
			last = users[i].ID
		}
		if len(users) < batch {
			return left, nil
		}
	}
}

// withoutEmailKey are users whom this library has never seen. Who has a row in auth_email and
// no key has none on purpose: somebody else is found by his address.
const withoutEmailKey = "email_key IS NULL AND email <> '' AND id NOT IN (SELECT user_id FROM auth_email)"

// fillKeys reports whether the user got all his keys.
func (s *Store) fillKeys(ctx context.Context, u *models.User) (bool, error) {
	filled := true
	for column, missing := range map[string]struct {
		has *models.Key
		key models.Key
	}{
		"username_key": {u.UsernameKey, models.UsernameKey(u.Username)},
		"email_key":    {u.EmailKey, models.EmailKey(u.Email)},
	} {
		if missing.has != nil || missing.key == "" {
			continue
		}
		if column == "email_key" {
			owner, err := s.Confirmed(ctx, missing.key, u.ID)
			if err != nil {
				return false, fmt.Errorf("fill %s: %w", column, err)
			}
			if owner.ID != 0 {
				filled = false
				continue
			}
		}
		err := s.retry(func() error {
			return s.user(s.db.WithContext(ctx), u.ID).Updates(map[string]any{column: missing.key}).Error
		})
		if errors.Is(err, ErrExists) {
			filled = false
		} else if err != nil {
			return false, fmt.Errorf("fill %s: %w", column, err)
		}
	}
	return filled, nil
}
