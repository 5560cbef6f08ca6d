package models

import "time"

// Session is one login on one device, or one personal token. A cookie or token is valid only while its row is. The row is
// valid while all of these hold: ExpiresAt is in the future, it was used within config.Session.Idle (personal
// tokens have no such limit), Epoch equals the user's SessionEpoch, and the user is active. Its JSON does not
// contain the key or anything of the refresh tokens, so a hook can log it.
type Session struct {
	ID         string    `gorm:"primaryKey;size:32"`                                              // random and public: the session's ID in the API
	UserID     int64     `gorm:"not null;index:idx_auth_session_user_id"`                         // User.ID
	KeyHash    string    `gorm:"size:64;not null;uniqueIndex:idx_auth_session_key_hash" json:"-"` // hex SHA-256 of the secret that the client holds
	Epoch      int64     `gorm:"not null" json:"-"`                                               // User.SessionEpoch at login
	Method     string    `gorm:"size:32;not null"`                                                // how the user authenticated: "password", "register", "link", "code", "application" for Auth.LogIn, or "token" for Personal
	CreatedAt  time.Time `gorm:"not null;autoCreateTime:false"`                                   // UTC, truncated to milliseconds, like every time in this package
	LastSeenAt time.Time `gorm:"not null;index:idx_auth_session_last_seen_at"`                    // written at most once per config.Session.Touch
	ExpiresAt  time.Time `gorm:"not null;index:idx_auth_session_expires_at"`                      // when it ends, even if it is in use
	IP         string    `gorm:"size:45;not null"`                                                // of the client at login
	UserAgent  string    `gorm:"size:255;not null"`                                               // User-Agent header at login, truncated to 255 bytes

	// Credential is the kind of credential that the login returned. The session can be used only with that
	// kind: "cookie" for cookies, "token" for an opaque token, "jwt" or "jwt-fixed" for JSON Web
	// Tokens in the body. Empty means every kind in config.Config.Login.
	Credential string `gorm:"size:16;not null;default:''"`

	// Short marks a login whose user asked not to be remembered, with "remember": false. ExpiresAt is then
	// config.Session.Short after the login, and the cookies of the session end when the browser closes.
	Short bool `gorm:"not null;default:false" json:"-"`

	// ProvenAt is when the user last re-authenticated in this session, with the password or a second factor; nil if they
	// have not.
	ProvenAt *time.Time

	// Factors is the number of factors that the user has proven in this session: 1, or 2 with a second factor. Proofs are
	// the names of the methods and second factors, each with the Unix time at which it was last proven, such as
	// "password@1772366400 totp@1772366412"; see [Session.ProofList].
	Factors int    `gorm:"not null;default:1"`
	Proofs  string `gorm:"size:255;not null;default:''" json:"-"`

	// RefreshGeneration is the number of the session's valid refresh token. RefreshSalt is part of every
	// refresh token of the session. RefreshedAt is when the latest was issued.
	RefreshGeneration int64  `gorm:"not null;default:0" json:"-"`
	RefreshSalt       string `gorm:"size:32;not null;default:''" json:"-"`
	RefreshedAt       *time.Time

	// ActorID is the User.ID of the operator who acts in the place of the user in this session, or 0: see package impersonate.
	// ActorSession is the ID of the operator's own session, and ActorEpoch the operator's SessionEpoch when it began. The
	// session ends with them.
	ActorID      int64  `gorm:"not null;default:0"`
	ActorSession string `gorm:"size:32;not null;default:''" json:"-"`
	ActorEpoch   int64  `gorm:"not null;default:0" json:"-"`

	// Personal marks a personal token, which the user created for a program. It is valid until ExpiresAt, even if it
	// is not used. Name is what the user called it. Scopes are separated by spaces. A token with
	// scopes can use only routes behind Auth.RequireScope.
	Personal bool   `gorm:"not null;default:false"`
	Name     string `gorm:"size:80;not null;default:''"`
	Scopes   string `gorm:"size:255;not null;default:''"`
}

// TableName returns "auth_session".
func (Session) TableName() string { return "auth_session" }
