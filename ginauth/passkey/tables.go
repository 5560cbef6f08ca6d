package passkey

// The tables of the feature.

import (
	"encoding/base64"
	"io"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Credential is a passkey of a user. PublicKey verifies what the authenticator signs; the private key never leaves it.
type Credential struct {
	ID             int64      `gorm:"primaryKey;autoIncrement"`
	UserID         int64      `gorm:"not null;index:idx_auth_passkey_user_id"` // models.User.ID
	Name           string     `gorm:"size:255;not null"`                       // what the user called it
	CredentialID   []byte     `gorm:"size:1023;not null;uniqueIndex:idx_auth_passkey_credential_id"`
	PublicKey      []byte     `gorm:"size:4096;not null" json:"-"`    // COSE
	SignCount      int64      `gorm:"not null" json:"-"`              // of the authenticator, at the last use; 0 if it does not count
	Transports     string     `gorm:"size:255;not null"`              // separated by spaces, such as "internal hybrid"
	AAGUID         string     `gorm:"column:aaguid;size:36;not null"` // of the model of the authenticator, which it states itself
	Discoverable   bool       `gorm:"not null"`                       // logs in without a name
	UserVerified   bool       `gorm:"not null"`                       // has verified the user by a PIN or biometrics
	BackupEligible bool       `gorm:"not null"`                       // can be synchronised to other devices; never changes
	BackedUp       bool       `gorm:"not null"`                       // is synchronised, at the last use
	CreatedAt      time.Time  `gorm:"not null;autoCreateTime:false"`  // UTC
	LastUsedAt     *time.Time // UTC; nil before the first use
	CopiedAt       *time.Time // UTC; when its sign count last did not rise; nil if it always did
}

// TableName is auth_passkey.
func (Credential) TableName() string { return "auth_passkey" }

// Handle is what authenticators know a user by: 64 random bytes, the same for all passkeys of the user.
type Handle struct {
	UserID int64  `gorm:"primaryKey;autoIncrement:false"` // models.User.ID
	Handle []byte `gorm:"size:64;not null"`
}

// TableName is auth_passkey_handle.
func (Handle) TableName() string { return "auth_passkey_handle" }

const (
	handleSize = 64 // bytes, the maximum of WebAuthn
	maxName    = 255
)

// handleOf returns the handle of a user, who is locked, and makes it before the first passkey.
func (f *feature) handleOf(tx *core.Tx, userID int64) ([]byte, error) {
	handle, err := findHandle(tx.DB, userID)
	if err != nil || handle != nil {
		return handle, err
	}
	row := Handle{UserID: userID, Handle: make([]byte, handleSize)}
	if _, err := io.ReadFull(f.cfg.Rand, row.Handle); err != nil {
		return nil, core.ErrInternal.Because(err)
	}
	return row.Handle, tx.Create(&row).Error
}

// findHandle returns the handle of a user, or nil.
func findHandle(db *gorm.DB, userID int64) ([]byte, error) {
	var row Handle
	err := db.Where("user_id = ?", userID).Limit(1).Find(&row).Error
	return row.Handle, err
}

// list returns the passkeys of a user, the newest first.
func list(db *gorm.DB, userID int64) (rows []Credential, err error) {
	err = db.Where("user_id = ?", userID).Order("id DESC").Find(&rows).Error
	return rows, err
}

func count(tx *core.Tx, userID int64) (n int64, err error) {
	err = tx.Model(&Credential{}).Where("user_id = ?", userID).Count(&n).Error
	return n, err
}

// find returns the first row of a query, or nil.
func find(query *gorm.DB) (*Credential, error) {
	var row Credential
	r := query.Limit(1).Find(&row)
	if r.Error != nil || r.RowsAffected == 0 {
		return nil, r.Error
	}
	return &row, nil
}

// add stores a passkey of a user, who is locked. The unique index decides between concurrent requests for one credential.
func (f *feature) add(tx *core.Tx, row *Credential) error {
	known, err := find(tx.Where("credential_id = ?", row.CredentialID))
	if err != nil {
		return err
	}
	if known != nil {
		return errRegistered
	}
	row.ID = 0 // the transaction may run again
	n, err := count(tx, row.UserID)
	if err != nil {
		return err
	}
	if n >= int64(f.MaxPerUser) {
		return f.errTooMany()
	}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(row).Error; err != nil {
		return err
	}
	kept, err := find(tx.Where("credential_id = ?", row.CredentialID))
	if err != nil {
		return err
	}
	if kept == nil || kept.UserID != row.UserID {
		return errRegistered
	}
	row.ID = kept.ID
	return nil
}

// Passkey is an element of the response of GET passkeys/. Times are RFC 3339 in UTC.
type Passkey struct {
	ID           int64      `json:"id"`
	Name         string     `json:"name"`
	CredentialID string     `json:"credential_id"` // base64url, as in the browser
	CreatedAt    time.Time  `json:"created_at"`
	LastUsedAt   *time.Time `json:"last_used_at"` // null before the first use
	Transports   []string   `json:"transports"`
	Discoverable bool       `json:"discoverable"`  // logs in without a name
	UserVerified bool       `json:"user_verified"` // has verified the user by a PIN or biometrics
	BackedUp     bool       `json:"backed_up"`     // is synchronised to other devices
	AAGUID       string     `json:"aaguid"`        // of the model of the authenticator
	Provider     string     `json:"provider"`      // the name for it, such as "iCloud Keychain"; "" if it is not known
}

func passkeyOf(r *Credential) Passkey {
	return Passkey{
		ID: r.ID, Name: r.Name, CredentialID: encoded(r.CredentialID), CreatedAt: r.CreatedAt.UTC(), LastUsedAt: inUTC(r.LastUsedAt),
		Transports: append([]string{}, strings.Fields(r.Transports)...), Discoverable: r.Discoverable, UserVerified: r.UserVerified, BackedUp: r.BackedUp,
		AAGUID: r.AAGUID, Provider: providers[r.AAGUID],
	}
}

func encoded(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func inUTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(t.UTC())
}

// Export is features.passkeys in the response of GET user/export/. It has no key.
type Export struct {
	Handle   string    `json:"handle"` // by which authenticators know the user, base64url; "" before the first passkey
	Passkeys []Passkey `json:"passkeys"`
}

func export(tx *core.Tx, userID int64) (any, error) {
	handle, err := findHandle(tx.DB, userID)
	if err != nil {
		return nil, err
	}
	rows, err := list(tx.DB, userID)
	return Export{encoded(handle), passkeysOf(rows)}, err
}

func passkeysOf(rows []Credential) []Passkey {
	out := make([]Passkey, len(rows))
	for i := range rows {
		out[i] = passkeyOf(&rows[i])
	}
	return out
}

// Facts are features.passkeys in the response of GET config/.
type Facts struct {
	RPID         string `json:"rp_id"`
	SignUp       bool   `json:"sign_up"`       // passkeys/signup/ exists
	SecondFactor bool   `json:"second_factor"` // Options.SecondFactor
}

func (f *feature) facts() Facts { return Facts{f.RPID, f.SignUp, f.SecondFactor} }
