package store

// Users: found by ID, name or address, and their columns.

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// noPassword selects the accounts for which models.User.HasPassword is false.
const noPassword = "(password = '' OR password LIKE '!%')"

// UserOfName returns the ID of the user other than except with a name, or 0. Names are compared byte by byte on every
// database, see models.Key (T098).
func (s *Store) UserOfName(ctx context.Context, key models.Key, except int64) (int64, error) {
	if key == "" {
		return 0, nil
	}
	var ids []int64
	err := s.retry(ctx, func() error {
		return s.db.WithContext(ctx).Table(s.users).Where("username_key = ? AND id <> ?", key, except).Limit(1).Pluck("id", &ids).Error
	})
	if err != nil || len(ids) == 0 {
		return 0, wrap("look for the user with a name", err)
	}
	return ids[0], nil
}

// UserOfBackend finds the account that a backend created for one of its IDs. ErrNotFound means that there is no such
// account; the empty ID has no account. IDs are compared byte by byte on every database.
func (s *Store) UserOfBackend(ctx context.Context, backend string, id models.Key) (models.Account, error) {
	if id == "" {
		return nil, ErrNotFound
	}
	var account models.Account
	err := s.retry(ctx, func() error {
		account = s.newUser()
		return orNotFound(s.db.WithContext(ctx).Where("backend = ? AND backend_id = ?", backend, id).Limit(1).Find(account))
	})
	if err == nil && *account.Base().BackendID != id { // MariaDB ignores spaces at the end
		err = ErrNotFound
	}
	if err != nil {
		return nil, wrap("find the user of a backend", err)
	}
	return account, nil
}

// CreateUser inserts an account and fills in its ID. ErrExists means that the name is taken; the transaction must then be
// rolled back.
func (tx *Tx) CreateUser(account models.Account) error {
	account.Base().ID = 0
	if err := tx.db.Create(account).Error; err != nil {
		return fmt.Errorf("create user: %w", err)
	}
	return nil
}

// Profile is a change of the fields that users may change themselves. Nil fields do not change.
type Profile struct {
	Username            *models.User // its Username and UsernameKey are used
	FirstName, LastName *string
	Locale              *string
	LocaleChange        LocaleChange // for Locale
}

// LocaleChange is the time of a change of a user's language. The previous language is kept, unless one was already kept
// after Since.
type LocaleChange struct{ At, Since time.Time }

// UpdateProfile changes only the given columns (T197). ErrExists means that the name is taken.
func (tx *Tx) UpdateProfile(id int64, p Profile) error {
	columns := map[string]any{}
	if p.Username != nil {
		columns["username"], columns["username_key"] = p.Username.Username, p.Username.UsernameKey
	}
	if p.FirstName != nil {
		columns["first_name"] = *p.FirstName
	}
	if p.LastName != nil {
		columns["last_name"] = *p.LastName
	}
	if p.Locale != nil {
		columns["locale"] = *p.Locale
		if err := tx.keepLocale(id, *p.Locale, p.LocaleChange); err != nil {
			return err
		}
	}
	if len(columns) == 0 {
		return nil
	}
	return tx.user(id).Updates(columns).Error
}

// keepLocale stores the user's current language before it changes. It is a separate statement, and sets the time last (GORM
// sorts the columns), because MySQL uses new values for later columns.
func (tx *Tx) keepLocale(id int64, next string, c LocaleChange) error {
	kept := gorm.Expr("CASE WHEN locale_changed_at > ? THEN locale_before ELSE locale END", c.Since)
	return tx.user(id).Where("locale <> ?", next).
		Updates(map[string]any{"locale_before": kept, "locale_changed_at": c.At}).Error
}

// UserByID finds a user. ID 0 has no user, but is queried like any other.
func (s *Store) UserByID(ctx context.Context, id int64) (models.Account, error) {
	account, err := s.findUser(ctx, &s.statements.userByID, id)
	return account, wrap("find user by id", err)
}

// User reads the current values of the library's columns of a user. ErrNotFound means that there is no such user.
func (tx *Tx) User(id int64) (*models.User, error) {
	var user models.User
	q := tx.store.user(tx.db, id).Limit(1).Find(&user)
	if q.Error == nil && q.RowsAffected == 0 {
		return nil, ErrNotFound
	}
	return &user, q.Error
}

// Account is User with the columns of the application.
func (tx *Tx) Account(id int64) (models.Account, error) {
	account := tx.store.newUser()
	if err := orNotFound(tx.db.Where("id = ?", id).Limit(1).Find(account)); err != nil {
		return nil, err
	}
	return account, nil
}

// usersAs returns the users' table with an alias for a query. GORM does not quote it there.
func (s *Store) usersAs(alias string) string {
	return (&gorm.Statement{DB: s.db}).Quote(s.users) + " " + alias
}

// Rehash stores a stronger encoding of the same password, unless the password was changed since it was read (T023). Losing
// this race is not an error.
func (tx *Tx) Rehash(id int64, old, renewed string) error {
	return tx.user(id).Where("password = ?", old).Updates(map[string]any{"password": renewed}).Error
}

// SetPassword stores a new encoding and raises the epoch, which ends every session of the user. If several callers have read
// the same user, it succeeds for one; the others get ErrChanged.
func (tx *Tx) SetPassword(u *models.User, encoded string) error {
	r := tx.user(u.ID).Where("password = ? AND session_epoch = ?", u.Password, u.SessionEpoch).
		Updates(map[string]any{"password": encoded, "session_epoch": u.SessionEpoch + 1})
	if r.Error != nil {
		return fmt.Errorf("set password: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return ErrChanged
	}
	return nil
}

// SetActive sets is_active; deactivating also ends every session. ErrNotFound means
// that there is no such user.
func (tx *Tx) SetActive(id int64, active bool) error {
	if err := tx.user(id).Updates(map[string]any{"is_active": active}).Error; err != nil {
		return err
	}
	if _, err := tx.User(id); err != nil || active { // MySQL does not count rows that already had the value
		return err
	}
	return tx.EndAllSessions(id)
}

// SetRank sets is_staff and is_superuser.
func (tx *Tx) SetRank(id int64, staff, superuser bool) error {
	return tx.user(id).Updates(map[string]any{"is_staff": staff, "is_superuser": superuser}).Error
}

// SetBan stores the columns of the user's ban.
func (tx *Tx) SetBan(u *models.User) error {
	return tx.user(u.ID).Updates(map[string]any{"banned_at": u.BannedAt, "banned_until": u.BannedUntil, "ban_reason": u.BanReason}).Error
}

// LoggedIn records the time of a login. ErrChanged means that the user's sessions were ended, or a factor was set or
// removed, after the user was read, and ErrNotFound that the user was deleted: the credential may no longer be valid.
func (tx *Tx) LoggedIn(id, epoch int64, factors string, at time.Time) error {
	tx.changed = append(tx.changed, id)
	noted, err := tx.runner().update(&tx.store.statements.noteLogin, at, id, epoch, factors)
	if err != nil || noted > 0 {
		return err
	}
	user, err := tx.LockedUser(id) // MySQL does not count a row that already has this time
	if err == nil && (user.SessionEpoch != epoch || user.Factors != factors) {
		err = ErrChanged
	}
	return err
}
