package social

// User names for new users, made from their profile.

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"math/big"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

const (
	maxNameRunes = 150 // of names, as in Django
	maxSuggested = 30  // of a suggested user name, before its number
	suggestions  = 8
)

// freeName returns a user name that no account has now: what the provider suggests, or the part of the address before the @,
// with a random number if it is taken. The insert decides between concurrent requests.
func (f *feature) freeName(ctx context.Context, p Profile) (string, error) {
	base := suggestion(p)
	for i := range suggestions {
		name := base
		if i > 0 || base == "user" {
			number, err := randomNumber(f.cfg.Rand, 100_000<<(2*i))
			if err != nil {
				return "", err
			}
			name = fmt.Sprint(base, number)
		}
		user := &models.User{}
		user.SetUsername(name)
		if err := f.core.UsernameTaken(ctx, user); err == nil {
			return name, nil
		} else if _, taken := err.(*binding.Error); !taken { //nolint:errorlint // it is returned as it is
			return "", err
		}
	}
	return "", fmt.Errorf("social: no free user name like %q in %d tries", base, suggestions)
}

// suggestion returns a valid user name, or "user".
func suggestion(p Profile) string {
	local, _, _ := strings.Cut(p.Email, "@")
	for _, text := range []string{p.Username, local, p.FirstName + p.LastName} {
		name := strings.Map(func(r rune) rune {
			if binding.ValidUsername("a" + string(r)) {
				return r
			}
			return -1
		}, models.NormalizeUsername(text))
		if name = clip(name, maxSuggested); binding.ValidUsername(name) {
			return name
		}
	}
	return "user"
}

// clip returns the first characters of a text, without control characters.
func clip(text string, most int) string {
	runes := []rune(strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))))
	return strings.TrimSpace(string(runes[:min(len(runes), most)]))
}

func randomNumber(source io.Reader, below int64) (int64, error) {
	n, err := rand.Int(source, big.NewInt(below))
	if err != nil {
		return 0, err
	}
	return n.Int64(), nil
}
