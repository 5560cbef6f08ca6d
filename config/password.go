package config

import (
	"context"
	_ "embed"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// PasswordRule checks new passwords. CheckPassword returns what is wrong with the password, or nil. An error
// means that it could not decide, and the response is 503.
//
// The password has at most 1,024 bytes. Several requests can call CheckPassword at the same time. It must not
// store or log the password. At sign-up, user has the name and the address, but nothing that your own form sets.
type PasswordRule interface {
	CheckPassword(ctx context.Context, password string, user *models.User) (*binding.Problem, error)
}

// PasswordRuleFunc is a function that implements [PasswordRule].
type PasswordRuleFunc func(ctx context.Context, password string, user *models.User) (*binding.Problem, error)

// CheckPassword calls f.
func (f PasswordRuleFunc) CheckPassword(ctx context.Context, password string, user *models.User) (*binding.Problem, error) {
	return f(ctx, password, user)
}

// DefaultPasswordRules returns the default rules, the same as Django's: not similar to the user's name or
// address, at least 8 characters, not common, not only digits. Append to them to add a rule or to change a
// number; the later rule of a type counts:
//
//	PasswordRules: append(config.DefaultPasswordRules(), config.MinLength(12), myRule)
func DefaultPasswordRules() []PasswordRule {
	return []PasswordRule{NotSimilar{}, MinLength(8), NotCommon{}, NotNumeric{}}
}

// MinLength rejects passwords with fewer code points. It can be at most 128. ASVS 6.2.1 requires 8, and
// recommends 15 if the password is the only factor.
type MinLength int

// CheckPassword implements PasswordRule.
func (n MinLength) CheckPassword(_ context.Context, password string, _ *models.User) (*binding.Problem, error) {
	if utf8.RuneCountInString(password) >= int(n) {
		return nil, nil
	}
	return &binding.Problem{
		Code: binding.CodePasswordTooShort, Params: map[string]any{"Count": int(n)},
	}, nil
}

// NotNumeric rejects passwords that have only digits.
type NotNumeric struct{}

// CheckPassword implements PasswordRule.
func (NotNumeric) CheckPassword(_ context.Context, password string, _ *models.User) (*binding.Problem, error) {
	if password == "" || strings.ContainsFunc(password, func(r rune) bool { return !unicode.IsDigit(r) }) {
		return nil, nil
	}
	return &binding.Problem{Code: binding.CodePasswordNumeric}, nil
}

// commonPasswords has 49,233 passwords in lower case, one a line, sorted by bytes.
// Source: the list of npm's @zxcvbn-ts/language-common 4.1.3 (MIT, Copyright Dan
// Wheeler and Dropbox, Inc., and @zxcvbn-ts).
//
//go:embed common_passwords.txt
var commonPasswords string

// NotCommon rejects passwords on a list of about 49,000 common ones, in any letter case. It also rejects
// passwords that have only white space, or only one repeated character.
type NotCommon struct{}

// CheckPassword implements PasswordRule.
func (NotCommon) CheckPassword(_ context.Context, password string, _ *models.User) (*binding.Problem, error) {
	password = strings.ToLower(password)
	if !common(strings.TrimSpace(password)) && !monotonous(password) {
		return nil, nil
	}
	return &binding.Problem{Code: binding.CodePasswordTooCommon}, nil
}

// monotonous reports whether a password has at most one character besides white space.
func monotonous(password string) bool {
	visible := strings.Join(strings.Fields(password), "")
	first, _ := utf8.DecodeRuneInString(visible)
	return utf8.RuneCountInString(password) > 1 && strings.Trim(visible, string(first)) == ""
}

// common reports whether the list has the password. It searches the text itself, without an index in memory: it
// finds the first line that is not below the password.
func common(password string) bool {
	lineAt := func(i int) string {
		start := strings.LastIndexByte(commonPasswords[:i], '\n') + 1
		line, _, _ := strings.Cut(commonPasswords[start:], "\n")
		return line
	}
	i := sort.Search(len(commonPasswords), func(i int) bool { return lineAt(i) >= password })
	return i < len(commonPasswords) && password != "" && lineAt(i) == password
}

// maxSimilar is the longest text, in code points, that is compared, because the work grows with the length.
const maxSimilar = 256

// NotSimilar rejects passwords that are similar to the user's name, first or last name, address, or a word in
// one of these.
type NotSimilar struct {
	// Max is the similarity from which a password is rejected, from 0.1 to 1, where 1 means the same
	// characters. Default: 0.7, as in Django.
	Max float64
}

// CheckPassword implements PasswordRule.
func (s NotSimilar) CheckPassword(_ context.Context, password string, user *models.User) (*binding.Problem, error) {
	limit := s.Max
	if limit == 0 {
		limit = 0.7
	}
	password = strings.ToLower(password)
	for _, attribute := range []string{user.Username, user.FirstName, user.LastName, user.Email} {
		attribute = strings.ToLower(attribute)
		words := strings.FieldsFunc(attribute, func(r rune) bool {
			return r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r)
		})
		for _, word := range append(words, attribute) {
			if likeness(password, word) >= limit {
				return &binding.Problem{Code: binding.CodePasswordTooSimilar}, nil
			}
		}
	}
	return nil, nil
}

// likeness returns twice the number of characters that a and b share, divided by the sum of their lengths: 1 for
// anagrams, 0 for texts without a common character. Django uses the same upper bound of the edit ratio.
func likeness(a, b string) float64 {
	if a == "" || b == "" || utf8.RuneCountInString(a) > maxSimilar || utf8.RuneCountInString(b) > maxSimilar {
		return 0
	}
	count := map[rune]int{}
	for _, r := range a {
		count[r]++
	}
	shared := 0
	for _, r := range b {
		if count[r] > 0 {
			count[r]--
			shared++
		}
	}
	return 2 * float64(shared) / float64(utf8.RuneCountInString(a)+utf8.RuneCountInString(b))
}

func (c Config) checkRules(bad report) {
	for i, rule := range c.PasswordRules {
		switch r := rule.(type) {
		case nil:
			bad(at("PasswordRules", i), "is nil")
		case PasswordRuleFunc:
			if r == nil {
				bad(at("PasswordRules", i), "is nil")
			}
		case NotSimilar:
			if r.Max != 0 && (r.Max < 0.1 || r.Max > 1) {
				bad(at("PasswordRules", i), "NotSimilar.Max must be between 0.1 and 1, not %v", r.Max)
			}
		case MinLength:
			if r > 128 {
				bad(at("PasswordRules", i), "MinLength must be at most 128, not %d", r)
			}
		case *NotBreached:
			r.check(bad.of(at("PasswordRules", i)))
		}
	}
}
