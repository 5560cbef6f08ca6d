package models_test

import (
	"testing"

	"github.com/ginauth/gin-rest-auth/models"
)

func TestHasPassword(t *testing.T) {
	t.Parallel()
	for stored, want := range map[string]bool{"": false, "!abc": false, "$argon2id$v=19$m=1": true, "pbkdf2_sha256$1$a$b": true} {
		if got := (&models.User{Password: stored}).HasPassword(); got != want {
			t.Errorf("%q: %v", stored, got)
		}
	}
}
