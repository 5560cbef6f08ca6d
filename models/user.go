package models

import (
	"slices"
	"strings"
	"time"
)

// User is one account. Its columns carry the names of Django's auth_user, so that
// such a table can be taken over; those at the end are ours.
//
// The zero value is an inactive user without a usable password, which is also what
// a row that was written without this library should be taken for.
type User struct {
	ID          int64      `gorm:"primaryKey;autoIncrement" json:"id"`
	Password    string     `gorm:"size:255;not null" json:"-"` // encoded hash; see ginauth/internal/passhash
	LastLogin   *time.Time `json:"last_login"`
	IsSuperuser bool       `gorm:"not null" json:"is_superuser"`
	Username    string     `gorm:"size:150;not null" json:"username"` // as typed, in normal form; may be empty
	FirstName   string     `gorm:"size:150;not null" json:"first_name"`
	LastName    string     `gorm:"size:150;not null" json:"last_name"`
	Email       string     `gorm:"size:254;not null" json:"email"` // as typed, in normal form; may be empty
	IsStaff     bool       `gorm:"not null" json:"is_staff"`
	IsActive    bool       `gorm:"not null" json:"is_active"`
	DateJoined  time.Time  `gorm:"not null" json:"date_joined"`

	// UsernameKey and EmailKey are the forms in which names and addresses are compared: every
	// look-up goes through them, and SetUsername and SetEmail keep them in step. They are nil
	// where the user has no name or address. A name belongs to one user. Several users can have
	// the same address until one of them confirms it; see the package documentation.
	UsernameKey *Key `gorm:"size:300;uniqueIndex:idx_auth_user_username_key" json:"-"`
	EmailKey    *Key `gorm:"size:254;index:idx_auth_user_email" json:"-"`
	// SignedUp marks an account that anyone could have made, at POST registration/. While
	// nobody has confirmed an address, other accounts come first.
	SignedUp bool `gorm:"not null;default:false" json:"-"`
	// Pending marks a sign-up that waits for its address to be confirmed, with
	// config.VerifyMandatory. The user cannot log in, and is deleted at DeleteAt.
	Pending bool `gorm:"not null;default:false" json:"-"`
	// Backend and BackendID say which config.Backend created the account, and who the user is
	// there: the ID of an entry in a directory, not a name that may pass to another person. SetBackend
	// sets them. No two accounts have the same pair. Both are empty for other accounts.
	Backend   string `gorm:"size:64;not null;default:'';uniqueIndex:idx_auth_user_backend" json:"-"`
	BackendID *Key   `gorm:"size:255;uniqueIndex:idx_auth_user_backend" json:"-"`
	// SessionEpoch is raised when every session of the user has to end. A session
	// row whose epoch differs is dead, so a login in progress with the old password
	// cannot outlive the change (T123).
	SessionEpoch int64 `gorm:"not null;default:0" json:"-"`

	// Locale is the user's language as BCP 47 writes it, or empty where it is unknown.
	Locale string `gorm:"size:35;not null;default:''" json:"locale"`
	// LocaleBefore is the language that the user had before it was changed, last at
	// LocaleChangedAt; both are nil if it never was. Security notices are in it for
	// config.Mail.NoticeLifetime, because an intruder may have changed it. Changes within
	// that time keep it.
	LocaleBefore    *string    `gorm:"size:35" json:"-"`
	LocaleChangedAt *time.Time `json:"-"`

	// Factors are the names of the second factors that the user has, sorted, with a space between them;
	// empty for a user who needs only the first. Features write them with core's Tx.SetFactor.
	Factors string `gorm:"size:255;not null;default:''" json:"-"`

	// DeleteAt is when an account that its user deleted goes for good; a login before
	// that clears it. Nil for all others.
	DeleteAt *time.Time `json:"-"`
}

// TableName is Django's.
func (User) TableName() string { return "auth_user" }

// Base makes every struct that embeds User an [Account].
func (u *User) Base() *User { return u }

// HasPassword reports whether the user has a usable password. It returns false for users of a
// backend, and after "it was not me" until the user sets a new one.
func (u *User) HasPassword() bool { return u.Password != "" && !strings.HasPrefix(u.Password, "!") }

// FactorNames returns the names of the user's second factors, sorted; nil for none.
func (u *User) FactorNames() []string { return strings.Fields(u.Factors) }

// HasFactor reports whether the user has the second factor with this name.
func (u *User) HasFactor(name string) bool { return slices.Contains(u.FactorNames(), name) }

// SetUsername stores a name in its normal form together with its key. An empty
// name means that the user has none. It does not check the characters.
func (u *User) SetUsername(name string) {
	u.Username = NormalizeUsername(name)
	u.UsernameKey = keyOrNil(UsernameKey(name))
}

// SetEmail stores an address in its normal form together with its key. An empty
// address means that the user has none. It does not check the syntax.
func (u *User) SetEmail(address string) {
	u.Email = NormalizeEmail(address)
	u.EmailKey = keyOrNil(EmailKey(address))
}

// SetBackend stores which backend a new user comes from, at most 64 characters, and the user's ID
// there, at most 255. IDs are compared byte by byte; MariaDB refuses a second one that differs only in
// spaces at its end.
func (u *User) SetBackend(name, id string) { u.Backend, u.BackendID = name, keyOrNil(Key(id)) }

func keyOrNil(k Key) *Key {
	if k == "" {
		return nil
	}
	return &k
}
