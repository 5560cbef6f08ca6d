package binding

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// CreateToken is the body of POST tokens/. The password is needed if the login is older than config.Session.Fresh.
type CreateToken struct {
	Name      string `json:"name" binding:"required,max=80"`
	Scopes    Scopes `json:"scopes"`                              // from config.Token.Scopes; a token without scopes can do what the user can do
	ExpiresIn *int64 `json:"expires_in" binding:"omitnil,min=60"` // in seconds; default: config.Token.Lifetime
	Password  string `json:"password" in:"raw,blank" binding:"maxbytes=1024"`
}

// Scopes is a list of names: a JSON array, or one string with spaces between the names, as in OAuth.
type Scopes []string

// UnmarshalText reads a string with spaces between the names.
func (s *Scopes) UnmarshalText(text []byte) error {
	*s = strings.Fields(string(text))
	return nil
}

// UnmarshalJSON reads an array, or a string as [Scopes.UnmarshalText] does.
func (s *Scopes) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return s.UnmarshalText([]byte(text))
	}
	return json.Unmarshal(raw, (*[]string)(s))
}

// Token is a personal token of the user. GET tokens/ returns a list of them. Times are RFC 3339 in UTC.
type Token struct {
	ID         string    `json:"id"` // in the path of DELETE tokens/:id/
	Name       string    `json:"name"`
	Scopes     []string  `json:"scopes"`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt time.Time `json:"last_used_at"` // updated at most once per config.Session.Touch; created_at if it was never used
	ExpiresAt  time.Time `json:"expires_at"`
}

// NewToken is the response of POST tokens/. No other response contains the key.
type NewToken struct {
	Token
	Key string `json:"key"`
}

// TokenOf returns the public fields of a personal token.
func TokenOf(s *models.Session) Token {
	return Token{
		ID: s.ID, Name: s.Name, Scopes: strings.Fields(s.Scopes), CreatedAt: s.CreatedAt.UTC(),
		LastUsedAt: s.LastSeenAt.UTC(), ExpiresAt: s.ExpiresAt.UTC(),
	}
}

// RefreshToken is the body of POST token/refresh/, and the optional body of POST logout/. It can be empty if the
// refresh token is in a cookie.
type RefreshToken struct {
	Refresh string `json:"refresh" in:"blank" binding:"max=4096"`
}

// VerifyToken is the body of POST token/verify/.
type VerifyToken struct {
	Token string `json:"token" binding:"required,max=4096"`
}
