package store

// Keys of users that another program created. Migrate fills them in.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/ginauth/gin-rest-auth/models"
)

// withoutEmailKey selects users that another program wrote.
const withoutEmailKey = "email_key IS NULL AND email <> ''"

// The size of the key columns, in characters.
const (
	maxUsernameKey = 300
	maxEmailKey    = 254
)

// keyBatch is the number of users that FillKeys writes in one transaction: few enough to hold no lock for long.
const keyBatch = 250

// FillKeys adds the keys by which the library finds users: keys of names and addresses, and a row for each address. They are
// missing if another program created the user. Older versions of this library made keys of names in another way; these are
// replaced. Users can share an address, but not a name: the user with the lower ID gets its key. FillKeys returns the IDs of
// the others and does not change them otherwise. It can run while requests are served, on several instances at once.
func (s *Store) FillKeys(ctx context.Context) (left []int64, err error) {
	for _, lacking := range []string{s.withoutKeys(), withoutRow} {
		some, err := s.fillWhere(ctx, lacking)
		left = append(left, some...)
		if err != nil {
			return left, fmt.Errorf("fill keys: %w", err)
		}
	}
	slices.Sort(left)
	return slices.Compact(left), nil
}

// withoutKeys returns the condition for users u without a key, or with a key that may be of an older version. ASCII keys are
// the same in every version.
func (s *Store) withoutKeys() string {
	foreign := map[string]string{
		"sqlite":   "LENGTH(username_key) <> LENGTH(CAST(username_key AS BLOB))",
		"postgres": "CHAR_LENGTH(username_key) <> OCTET_LENGTH(username_key)",
		"mysql":    "CHAR_LENGTH(username_key) <> OCTET_LENGTH(username_key)",
	}[s.db.Name()]
	if foreign == "" {
		foreign = "username_key IS NOT NULL"
	}
	return "(username_key IS NULL AND username <> '' OR " + foreign + " OR email_key IS NULL AND email <> '')"
}

// withoutRow is the condition for users u who have a key of an address but no row for it. It is a separate query, because
// PostgreSQL would otherwise read all of auth_email for each batch.
const withoutRow = "email_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM auth_email e WHERE e.user_id = u.id AND e.email_key = u.email_key)"

// fillWhere fills in what is missing for the users that match a condition.
func (s *Store) fillWhere(ctx context.Context, lacking string) (left []int64, err error) {
	for last := int64(0); ; {
		var users []models.User
		err := s.retry(ctx, func() error {
			return s.db.WithContext(ctx).Table(s.usersAs("u")).Select("id", "username", "email", "username_key", "email_key", "date_joined").
				Where("id > ?", last).Where(lacking).Order("id").Limit(keyBatch).Find(&users).Error
		})
		if err != nil {
			return left, err
		}
		some, err := s.fill(ctx, users, lacking == withoutRow)
		left = append(left, some...)
		if err != nil || len(users) < keyBatch {
			return left, err
		}
		last = users[len(users)-1].ID
	}
}

// lack is what one user lacks. Empty fields are not missing.
type lack struct {
	user  models.User
	name  models.Key   // of the name
	email models.Key   // of the address
	row   models.Email // of the address in auth_email
}

// lacks returns what users lack, and the users whose name is too long for a key. It does not query their rows in auth_email,
// for which PostgreSQL may use a plan from when the table was empty: each user who gets the key of an address also gets its
// row, and with withoutRow every user does.
func lacks(users []models.User, row bool) (all []lack, tooLong []int64) {
	for _, u := range users {
		l := lack{user: u, name: models.UsernameKey(u.Username), email: models.EmailKey(u.Email)}
		if utf8.RuneCountInString(string(l.name)) > maxUsernameKey {
			tooLong, l.name = append(tooLong, u.ID), ""
		} else if u.UsernameKey != nil && *u.UsernameKey == l.name {
			l.name = ""
		}
		if utf8.RuneCountInString(string(l.email)) > maxEmailKey {
			l.email = ""
		}
		key := l.email
		if u.EmailKey != nil {
			key, l.email = *u.EmailKey, ""
		}
		if key != "" && (row || l.email != "") {
			l.row = models.Email{UserID: u.ID, Address: u.Email, Key: key, CreatedAt: u.DateJoined}
		}
		if l.name != "" || l.email != "" || l.row.Key != "" {
			all = append(all, l)
		}
	}
	return all, tooLong
}

// fill writes what users lack, and returns the users who get no key for their name. It uses a few statements per batch, and
// goes user by user only if a name is taken.
func (s *Store) fill(ctx context.Context, users []models.User, row bool) (left []int64, err error) {
	all, left := lacks(users, row)
	if len(all) == 0 {
		return left, nil
	}
	err = s.Tx(ctx, func(tx *Tx) error {
		for _, write := range []func([]lack) error{tx.writeNames, tx.writeAddresses, tx.writeRows} {
			if err := write(all); err != nil {
				return err
			}
		}
		return nil
	})
	if !errors.Is(err, ErrExists) {
		return left, err
	}
	for i := range all {
		keyless, err := s.fillOne(ctx, all[i:i+1])
		if err != nil {
			return left, err
		}
		if keyless != 0 {
			left = append(left, keyless)
		}
	}
	return left, nil
}

// fillOne is fill for one user, whose name might be taken.
func (s *Store) fillOne(ctx context.Context, one []lack) (keyless int64, err error) {
	if keyless, err = s.settle(ctx, &one[0]); err != nil {
		return 0, err
	}
	err = s.Tx(ctx, func(tx *Tx) error { return tx.writeNames(one) })
	if errors.Is(err, ErrExists) { // taken since
		keyless, err = one[0].user.ID, nil
	}
	if err != nil {
		return keyless, err
	}
	return keyless, s.Tx(ctx, func(tx *Tx) error {
		if err := tx.writeAddresses(one); err != nil {
			return err
		}
		return tx.writeRows(one)
	})
}

// settle decides which of two users gets the key of a name: a key of an older version goes to the older user, a current key
// stays. It returns the user who has no key then.
func (s *Store) settle(ctx context.Context, l *lack) (keyless int64, err error) {
	if l.name == "" {
		return 0, nil
	}
	var holder models.User
	err = s.retry(ctx, func() error {
		return s.db.WithContext(ctx).Table(s.users).Select("id").Where("username_key = ? AND id <> ?", l.name, l.user.ID).Limit(1).Find(&holder).Error
	})
	if err != nil || holder.ID == 0 {
		return 0, err
	}
	if keyless = holder.ID; l.user.UsernameKey == nil || holder.ID < l.user.ID {
		keyless, l.name = l.user.ID, ""
	}
	return keyless, s.retry(ctx, func() error {
		return s.user(s.db.WithContext(ctx), keyless).Updates(map[string]any{"username_key": nil}).Error
	})
}

// keyCases are the keys for one statement, by the rows' values in the column by.
type keyCases struct{ rows, args []any }

func (c *keyCases) add(row any, key models.Key) {
	if key != "" {
		c.rows, c.args = append(c.rows, row), append(c.args, row, key)
	}
}

func (c *keyCases) write(db *gorm.DB, column, by string) error {
	if len(c.rows) == 0 {
		return nil
	}
	keys := gorm.Expr("CASE "+by+strings.Repeat(" WHEN ? THEN ?", len(c.rows))+" END", c.args...)
	return db.Where(by+" IN ?", c.rows).Updates(map[string]any{column: keys}).Error
}

// missingKey selects rows without a key, without using an index: PostgreSQL would read all rows without a key.
func missingKey(column string) string { return "COALESCE(" + column + ", '') = ''" }

// writeNames sets keys of names. A key of an older version is replaced only if it still has the old value: a key that was
// set concurrently stays.
func (tx *Tx) writeNames(all []lack) error {
	var missing, renewed keyCases
	for _, l := range all {
		if l.user.UsernameKey == nil {
			missing.add(l.user.ID, l.name)
		} else {
			renewed.add(*l.user.UsernameKey, l.name)
		}
	}
	if err := missing.write(tx.db.Table(tx.store.users).Where(missingKey("username_key")), "username_key", "id"); err != nil {
		return err
	}
	return renewed.write(tx.db.Table(tx.store.users), "username_key", "username_key")
}

// writeAddresses sets missing keys of addresses.
func (tx *Tx) writeAddresses(all []lack) error {
	var missing keyCases
	for _, l := range all {
		missing.add(l.user.ID, l.email)
	}
	return missing.write(tx.db.Table(tx.store.users).Where(missingKey("email_key")), "email_key", "id")
}

// writeRows adds addresses to auth_email, unless another instance has.
func (tx *Tx) writeRows(all []lack) error {
	rows := make([]models.Email, 0, len(all))
	for _, l := range all {
		if l.row.Key != "" {
			rows = append(rows, l.row)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error
}
