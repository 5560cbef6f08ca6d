package social

// The providers' tokens as they are stored: encrypted, in models.Identity.Tokens.

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// storedTokens is the content of models.Identity.Tokens.
type storedTokens struct {
	Access  string    `json:"access"`
	Refresh string    `json:"refresh,omitempty"`
	Expiry  time.Time `json:"expiry"` // zero if the provider did not say
}

// keepsTokens reports whether tokens of a provider are stored: for [ProviderToken], or to revoke them.
func (f *feature) keepsTokens(s *source) bool { return f.options.StoreTokens || s.RevokeURL != "" }

// merged returns the tokens of a login, encrypted. Providers send a refresh token with the first login alone, or not to every client, so
// the one that is stored remains until there is another. The user is locked.
func (f *feature) merged(tx *core.Tx, p *proof, id int64) (string, error) {
	now := storedTokens{p.tokens.AccessToken, p.tokens.RefreshToken, p.tokens.Expiry}
	if now.Refresh == "" {
		var row models.Identity
		if err := tx.Select("id", "tokens").Where("id = ?", id).Limit(1).Find(&row).Error; err != nil {
			return "", err
		}
		if before, err := f.opened(&row); err == nil {
			now.Refresh = before.Refresh
		}
	}
	return f.seal(now, id)
}

// seal returns tokens as they are stored, and "" for tokens that are not stored. Without Options.StoreTokens, only the refresh token is
// kept, to be revoked.
func (f *feature) seal(t storedTokens, id int64) (string, error) {
	if !f.options.StoreTokens {
		t.Access, t.Expiry = "", time.Time{}
	}
	if t.Access == "" && t.Refresh == "" {
		return "", nil
	}
	value, err := json.Marshal(t)
	if err != nil {
		return "", core.ErrInternal.Because(err)
	}
	return f.keys.Seal(value, aboutTokens(id))
}

// opened returns the stored tokens of an identity, which can be empty.
func (f *feature) opened(row *models.Identity) (t storedTokens, err error) {
	if row.Tokens == "" {
		return t, nil
	}
	value, err := f.keys.Open(row.Tokens, aboutTokens(row.ID))
	if err == nil {
		err = json.Unmarshal(value, &t)
	}
	return t, err
}

func aboutTokens(id int64) string { return fmt.Sprint("identity ", id) }
