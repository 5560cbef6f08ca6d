package models

import (
	"regexp"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// Key is the form in which names and addresses are compared: NFKC without surrounding white space, with Unicode's full
// case folding for names and in lower case for addresses. It is computed in Go, because databases compare
// differently: a unique index accepts `A@B.C` in addition to `a@b.c` on SQLite and PostgreSQL, but not on MariaDB.
type Key string

// OrEmpty returns the key, or "" if k is nil.
func (k *Key) OrEmpty() Key {
	if k == nil {
		return ""
	}
	return *k
}

const (
	maxDomain = 255  // bytes, RFC 1035
	maxNormal = 1024 // bytes; longer than any valid name or address
)

// GormDBDataType gives the column a binary collation on MySQL and MariaDB. Their default collation treats
// "rene" and "rené" as equal, so one user could take another user's name.
func (Key) GormDBDataType(db *gorm.DB, field *schema.Field) string {
	kind := db.Dialector.DataTypeOf(field)
	if db.Name() == "mysql" {
		return kind + " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
	}
	return kind
}

// NormalizeUsername returns the form in which a name is stored and shown: NFKC without surrounding white
// space. Letter case is kept.
func NormalizeUsername(name string) string {
	return normal(name)
}

// UsernameKey returns the key of a name. Two names are the same if their keys are equal: "straße" and "STRASSE" are one
// name. It is idempotent: UsernameKey(string(UsernameKey(s))) == UsernameKey(s).
func UsernameKey(name string) Key {
	return Key(fold(NormalizeUsername(name)))
}

// NormalizeEmail returns the form in which an address is stored and mails are sent to it: NFKC without
// surrounding white space, the local part as typed, the domain in lower case. A domain with characters
// outside ASCII is returned in its A-label form ("xn--..."). Text without an @ gets only NFKC and trimming.
func NormalizeEmail(address string) string {
	address = normal(address)
	if len(address) > maxNormal {
		return address
	}
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address
	}
	domain := strings.TrimSpace(address[at+1:])
	for _, form := range []string{domain, lower(domain)} { // IDNA maps to lower case by its own table
		if len(form) > maxDomain { // punycode takes quadratic time
			break
		}
		if ascii, err := idna.Lookup.ToASCII(form); err == nil {
			return address[:at+1] + ascii
		}
	}
	return address[:at+1] + lower(domain)
}

// EmailKey returns the key of an address. Two addresses are the same if their keys are equal. It is idempotent. It uses
// lower case, not full case folding, which would treat two different mailboxes as one.
func EmailKey(address string) Key {
	return Key(lower(NormalizeEmail(address)))
}

// normal returns NFKC without surrounding white space. It replaces invalid UTF-8 by U+FFFD, which no valid name or address
// contains, because package norm does not normalize what follows invalid bytes. Text that is too long for any
// name or address is returned unchanged, because NFKC can turn one character into 18.
func normal(s string) string {
	if len(s) > maxNormal {
		return s
	}
	return strings.TrimSpace(norm.NFKC.String(strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD")))
}

// dotted matches what Unicode folds the Turkish İ to. It looks like i, and Turkish writes i in lower case.
var dotted = regexp.MustCompile("i\u0307+")

// fold folds case and normalizes again, because a folded letter may compose with the next character.
// It lowers first, because package cases folds Cherokee capitals to small letters and small ones to capitals.
func fold(s string) string {
	if len(s) > maxNormal {
		return s
	}
	return strings.TrimSpace(norm.NFKC.String(dotted.ReplaceAllString(cases.Fold().String(strings.ToLower(s)), "i")))
}

// lower is like fold but uses lower case instead of case folding.
func lower(s string) string {
	if len(s) > maxNormal {
		return s
	}
	return strings.TrimSpace(norm.NFKC.String(strings.ToLower(s)))
}
