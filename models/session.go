package models

import "time"

// Session is one login on one device. The row is the truth: a cookie or token that
// names no live row is worth nothing. It is live while now is before ExpiresAt, it
// was seen within the idle lifetime, its Epoch is the user's SessionEpoch, and the
// user is active. Its JSON, as in an event that a hook logs, has nothing of the key and the refresh tokens.
type Session struct {
	ID         string    `gorm:"primaryKey;size:32"`                                              // random, public: names the session in the API
	UserID     int64     `gorm:"not null;index:idx_auth_session_user_id"`                         // whose it is
	KeyHash    string    `gorm:"size:64;not null;uniqueIndex:idx_auth_session_key_hash" json:"-"` // hex SHA-256 of the secret the client holds
	Epoch      int64     `gorm:"not null" json:"-"`                                               // User.SessionEpoch when it began
	Method     string    `gorm:"size:32;not null"`                                                // how the user authenticated: "password", "register", "link", "code", "application" for Auth.LogIn, or "token" for Personal
	CreatedAt  time.Time `gorm:"not null;autoCreateTime:false"`                                   // UTC, cut to milliseconds, like every time here
	LastSeenAt time.Time `gorm:"not null;index:idx_auth_session_last_seen_at"`                    // written at most every Session.Touch
	ExpiresAt  time.Time `gorm:"not null;index:idx_auth_session_expires_at"`                      // absolute end
	IP         string    `gorm:"size:45;not null"`                                                // peer address at login
	UserAgent  string    `gorm:"size:255;not null"`                                               // User-Agent at login, cut to 255 bytes

	// Credential is what the login gave, and the only way in which the session can be used:
	// "cookie" for cookies, "token" for an opaque token, "jwt" or "jwt-fixed" for JSON Web
	// Tokens in the body. Empty means everything in config.Config.Login at once.
	Credential string `gorm:"size:16;not null;default:''"`

	// ProvenAt is when the user last re-entered the password; nil if not since login.
	ProvenAt *time.Time

	// RefreshGeneration counts the refresh tokens of the session: the one of this number
	// is good. RefreshSalt goes into each, RefreshedAt is when the last one was made.
	RefreshGeneration int64  `gorm:"not null;default:0" json:"-"`
	RefreshSalt       string `gorm:"size:32;not null;default:''" json:"-"`
	RefreshedAt       *time.Time

	// Personal marks a token that the user made for a program. It lives until ExpiresAt,
	// used or not. The user chose Name. Scopes are separated by spaces; a token without
	// scopes may do what the user may.
	Personal bool   `gorm:"not null;default:false"`
	Name     string `gorm:"size:80;not null;default:''"`
	Scopes   string `gorm:"size:255;not null;default:''"`
}

// TableName is prefixed like every table of this library.
func (Session) TableName() string { return "auth_session" }
