package social

// User names for new users, made from their profile.

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

const (
	maxNameRunes = 150 // of names, as in Django
	maxSuggested = 30  // of a suggested user name, before its number
	suggestions  = 8
)

// freeNames returns user names that follow Config.Username and that no account has now, the best first: what the provider suggests,
// or the part of the address before the @, and then these with a random number. It returns none if the rules allow none of them.
// The insert decides between concurrent requests.
func (f *feature) freeNames(ctx context.Context, p Profile, most int) ([]string, error) {
	first, free := suggestion(p), []string{}
	for _, base := range slices.Compact([]string{first, plain(first), "user"}) {
		for i := range suggestions {
			name := base
			if i > 0 || base == "user" {
				number, err := randomNumber(f.cfg.Rand, 100_000<<(2*i))
				if err != nil {
					return nil, err
				}
				name = fmt.Sprint(base, number)
			}
			if !binding.ValidUsername(name) || len(f.cfg.Username.Problems(name)) > 0 || slices.Contains(free, name) {
				continue
			}
			if ok, err := f.isFree(ctx, name); err != nil {
				return nil, err
			} else if ok {
				free = append(free, name)
			}
			if len(free) == most {
				return free, nil
			}
		}
	}
	return free, nil
}

func (f *feature) isFree(ctx context.Context, name string) (bool, error) {
	user := &models.User{}
	user.SetUsername(name)
	err := f.core.UsernameTaken(ctx, user)
	if _, taken := errors.AsType[*binding.Error](err); taken {
		return false, nil
	}
	return err == nil, err
}

// plain returns the lower-case letters and digits of a name, for rules that allow no others.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(name))
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
