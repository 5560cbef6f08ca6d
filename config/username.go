package config

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.mau.fi/util/confusable"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// Username sets rules for new user names, at sign-up and when a user changes the name at user/. Names that exist
// already stay valid, and Auth.CreateUser and backends can store any name. All names have letters, digits and . + - _
// and at most 150 characters, see [binding.ValidUsername].
type Username struct {
	// MinLength is how many characters a name must have, from 1 to 150. Default: 1, as in Django.
	MinLength int
	// Reserved are names that no user can take, nor a name that looks like one of them (Unicode UTS 39): with the Cyrillic letter "а",
	// "аdmin" is reserved as well, and so are "adrnin" and "r00t".
	// Default: [ReservedUsernames]. An empty list that is not nil, []string{}, reserves none.
	Reserved []string
	// Pattern is a regular expression in the syntax of package regexp. The whole name must match, in the form in
	// which it is stored: "[a-z][a-z0-9]{2,31}". Default: none.
	Pattern string
}

// ReservedUsernames returns the default of [Username].Reserved: names of roles, and the mailboxes of RFC 2142, with
// which a user could pass as the operator. Append your own to it, such as the name of your product.
func ReservedUsernames() []string {
	return []string{
		"abuse", "admin", "administrator", "anonymous", "billing", "contact", "help", "hostmaster", "info", "moderator", "no-reply",
		"noc", "noreply", "null", "official", "postmaster", "root", "sales", "security", "staff", "superuser", "support",
		"sysadmin", "system", "undefined", "webmaster",
	}
}

func (u Username) withDefaults() Username {
	or(&u.MinLength, 1)
	if u.Reserved == nil {
		u.Reserved = ReservedUsernames()
	}
	return u
}

// Problems returns what is wrong with a new name by these rules, or nil. It normalizes the name first, and expects the
// rules of a completed configuration. It does not repeat what [binding.ValidUsername] checks.
func (u Username) Problems(name string) (problems []binding.Problem) {
	name = models.NormalizeUsername(name)
	if utf8.RuneCountInString(name) < u.MinLength {
		problems = append(problems, binding.Problem{Code: binding.CodeUsernameTooShort, Params: map[string]any{"Count": u.MinLength}})
	}
	if pattern, err := u.pattern(); u.Pattern != "" && (err != nil || !pattern.MatchString(name)) {
		problems = append(problems, binding.Problem{Code: binding.CodeUsernamePattern})
	}
	if looks := looksOf(name); slices.ContainsFunc(u.Reserved, func(reserved string) bool { return looksOf(reserved) == looks }) {
		problems = append(problems, binding.Problem{Code: binding.CodeUsernameReserved})
	}
	return problems
}

// looksOf returns the same text for names that look alike, in any letter case.
func looksOf(name string) string {
	return strings.ToLower(confusable.Skeleton(string(models.UsernameKey(name))))
}

func (u Username) pattern() (*regexp.Regexp, error) { return regexp.Compile(`^(?:` + u.Pattern + `)$`) }

func (c Config) checkUsername(bad report) {
	if outside(c.Username.MinLength, 1, 150) {
		bad("Username.MinLength", "must be between 1 and 150")
	}
	if _, err := regexp.Compile(c.Username.Pattern); err != nil {
		bad("Username.Pattern", "%w", err)
	}
}
