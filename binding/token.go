package binding

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// CreateToken is the body of POST tokens/. The password is needed unless the login is fresh.
type CreateToken struct {
	Name      string `json:"name" binding:"required,max=80"`
	Scopes    Scopes `json:"scopes"`                              // of config.Token.Scopes; none means all that the user may do
	ExpiresIn *int64 `json:"expires_in" binding:"omitnil,min=60"` // seconds; default config.Token.Lifetime
	Password  string `json:"password" in:"raw,blank" binding:"maxbytes=1024"`
}

// Scopes is a list of names: a JSON array, or one text separated by spaces as in OAuth.
type Scopes []string

// UnmarshalText reads names separated by spaces.
func (s *Scopes) UnmarshalText(text []byte) error {
	*s = strings.Fields(string(text))
	return nil
}

// UnmarshalJSON reads an array or a string.
func (s *Scopes) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return s.UnmarshalText([]byte(text))
	}
	return json.Unmarshal(raw, (*[]string)(s))
}

// Token is a personal token, as GET tokens/ lists it. Times are RFC 3339 in UTC.
type Token struct {
	ID         string    `json:"id"` // for DELETE tokens/:id/
	Name       string    `json:"name"`
	Scopes     []string  `json:"scopes"`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt time.Time `json:"last_used_at"` // exact to config.Session.Touch; created_at until it is used
	ExpiresAt  time.Time `json:"expires_at"`
}

// NewToken is the answer of POST tokens/. The key is shown this once.
type NewToken struct {
	Token
	Key string `json:"key"`
}

// TokenOf copies the public columns of a personal token.
func TokenOf(s *models.Session) Token {
	return Token{
		ID: s.ID, Name: s.Name, Scopes: strings.Fields(s.Scopes), CreatedAt: s.CreatedAt.UTC(),
		LastUsedAt: s.LastSeenAt.UTC(), ExpiresAt: s.ExpiresAt.UTC(),
	}
}

// RefreshToken is the body of POST token/refresh/, and may be that of POST logout/. With
// cookies it may be empty.
type RefreshToken struct {
	Refresh string `json:"refresh" in:"blank" binding:"max=4096"`
}

// VerifyToken is the body of POST token/verify/.
type VerifyToken struct {
	Token string `json:"token" binding:"required,max=4096"`
}
