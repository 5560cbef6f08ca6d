package social

import (
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// ExpireTokens gives the access token of an identity an expiry, an hour from now.
func ExpireTokens(t *testing.T, auth core.Holder, row *models.Identity) {
	t.Helper()
	f, _ := core.Provided[*feature](auth)
	tokens, err := f.opened(row)
	if err != nil {
		t.Fatal(err)
	}
	tokens.Expiry = f.core.Now().Add(time.Hour)
	if row.Tokens, err = f.seal(tokens, row.ID); err != nil {
		t.Fatal(err)
	}
}
