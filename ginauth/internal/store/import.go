package store

// Many new users at once, of another program.

import (
	"context"
	"fmt"
	"hash/crc32"
	"reflect"
	"slices"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// importBatch is the number of rows in one statement, which SQLite allows 32,766 values.
const importBatch = 200

// Taken has the names and addresses that accounts have already.
type Taken struct {
	Names     map[models.Key]models.User // by models.User.UsernameKey
	Addresses map[models.Key][]int64     // the users who have an address, confirmed or not
	Owners    map[models.Key][]int64     // those of them who are no sign-ups, or have confirmed it: anyone can sign up with any address
}

// Taken looks for accounts with any of these names or addresses.
func (s *Store) Taken(ctx context.Context, names, addresses []models.Key) (t Taken, err error) {
	var users []models.User
	var rows, own []models.Email
	err = s.retry(ctx, func() error {
		db := s.db.WithContext(ctx)
		users, rows, own = nil, nil, nil
		err := keyed(db.Table(s.users).Select("id", "username_key", "email_key", "signed_up"), "username_key", names, &users)
		if err == nil {
			err = keyed(db.Table(s.users).Select("id", "username_key", "email_key", "signed_up"), "email_key", addresses, &users)
		}
		if err == nil {
			err = keyed(db.Select("user_id", "email_key"), "email_key", addresses, &rows)
		}
		if err == nil {
			others := db.Table(s.users).Where("signed_up = ?", false).Select("id")
			err = keyed(db.Select("user_id", "email_key").Where("(verified_key IS NOT NULL OR user_id IN (?))", others), "email_key", addresses, &own)
		}
		return err
	})
	t = Taken{Names: map[models.Key]models.User{}, Addresses: map[models.Key][]int64{}, Owners: map[models.Key][]int64{}}
	for _, u := range users {
		if u.UsernameKey != nil {
			t.Names[*u.UsernameKey] = u
		}
		if u.EmailKey != nil {
			t.Addresses[*u.EmailKey] = append(t.Addresses[*u.EmailKey], u.ID)
			if !u.SignedUp {
				t.Owners[*u.EmailKey] = append(t.Owners[*u.EmailKey], u.ID)
			}
		}
	}
	for _, r := range rows {
		t.Addresses[r.Key] = append(t.Addresses[r.Key], r.UserID)
	}
	for _, r := range own {
		t.Owners[r.Key] = append(t.Owners[r.Key], r.UserID)
	}
	return t, wrap("look for taken names and addresses", err)
}

// keyed appends the rows that have one of these keys in a column. It asks for few at a time, because PostgreSQL reads the whole table
// for a long list. Each statement has a text of its own, so that PostgreSQL does not keep the plan of an empty table.
func keyed[Row any](q *gorm.DB, column string, keys []models.Key, to *[]Row) error {
	q = q.Session(&gorm.Session{})
	for some := range slices.Chunk(keys, 50) {
		var found []Row
		if err := q.Where(column+" IN ?", some).Where(fmt.Sprintf("%[1]d = %[1]d", crc32.ChecksumIEEE([]byte(some[0])))).Find(&found).Error; err != nil {
			return err
		}
		*to = append(*to, found...)
	}
	return nil
}

// CreateUsers inserts accounts, which all have a name or an address that no other one has, and fills in their IDs. ErrExists means
// that a name is taken; the transaction must then be rolled back.
func (tx *Tx) CreateUsers(accounts []models.Account) error {
	rows := reflect.MakeSlice(reflect.SliceOf(reflect.TypeOf(accounts[0])), 0, len(accounts))
	var names, addresses []models.Key
	for _, account := range accounts {
		u := account.Base()
		u.ID = 0
		rows = reflect.Append(rows, reflect.ValueOf(account))
		if u.UsernameKey != nil {
			names = append(names, *u.UsernameKey)
		} else {
			addresses = append(addresses, *u.EmailKey)
		}
	}
	if err := tx.db.CreateInBatches(rows.Interface(), importBatch).Error; err != nil {
		return fmt.Errorf("create users: %w", err)
	}
	return tx.readIDs(accounts, names, addresses)
}

// readIDs reads the IDs of new accounts: MySQL returns only the first one, and those of a cluster are not consecutive.
func (tx *Tx) readIDs(accounts []models.Account, names, addresses []models.Key) error {
	var stored []models.User
	q := tx.db.Table(tx.store.users).Select("id", "username_key", "email_key")
	err := keyed(q, "username_key", names, &stored)
	if err == nil {
		err = keyed(q.Where("username_key IS NULL"), "email_key", addresses, &stored)
	}
	ids := map[[2]models.Key]int64{}
	keys := func(u *models.User) [2]models.Key {
		return [2]models.Key{u.UsernameKey.OrEmpty(), u.EmailKey.OrEmpty()}
	}
	for i := range stored {
		ids[keys(&stored[i])] = stored[i].ID
	}
	for _, account := range accounts {
		u := account.Base()
		if u.ID = ids[keys(u)]; u.ID == 0 && err == nil {
			err = ErrChanged
		}
		tx.changed = append(tx.changed, u.ID)
	}
	return err
}

// CreateEmails adds addresses that no other user has. ErrExists means that another user confirmed one in between.
func (tx *Tx) CreateEmails(all []models.Email) error {
	if len(all) == 0 {
		return nil
	}
	if err := tx.db.Session(&gorm.Session{}).CreateInBatches(all, importBatch).Error; err != nil {
		return fmt.Errorf("create addresses: %w", err)
	}
	return nil
}
