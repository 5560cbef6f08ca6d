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

// Key is the form in which names and addresses are compared: NFKC, trimmed and, for names, with
// Unicode's full case folding; for addresses, in lower case. It is computed before the database is asked, because databases
// disagree (measured: `A@B.C` beside `a@b.c` passes a unique index on SQLite and
// PostgreSQL and fails on MariaDB).
type Key string

// OrEmpty returns a key, or "" for nil.
func (k *Key) OrEmpty() Key {
	if k == nil {
		return ""
	}
	return *k
}

const (
	maxDomain = 255  // bytes, RFC 1035
	maxNormal = 1024 // bytes; more than any name or address may have
)

// GormDBDataType asks MySQL and MariaDB for a binary collation. Their default one
// takes "rene" for "rené", which would let one user answer to another's name (T098).
func (Key) GormDBDataType(db *gorm.DB, field *schema.Field) string {
	kind := db.Dialector.DataTypeOf(field)
	if db.Name() == "mysql" {
		return kind + " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
	}
	return kind
}

// NormalizeUsername returns the form in which a name is stored and shown: NFKC and
// trimmed, letter case kept.
func NormalizeUsername(name string) string {
	return normal(name)
}

// UsernameKey returns what a name is compared by: "straße" and "STRASSE" are one name. It is
// idempotent: UsernameKey(string(UsernameKey(s))) == UsernameKey(s).
func UsernameKey(name string) Key {
	return Key(fold(NormalizeUsername(name)))
}

// NormalizeEmail returns the form in which an address is stored and written to: NFKC
// and trimmed, the local part as typed, the domain in lower case and, where it has
// letters beyond ASCII, in its A-label form (T090). What is no address comes back
// without the domain step.
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
	for _, form := range []string{domain, lower(domain)} { // IDNA has its own idea of lower case
		if len(form) > maxDomain { // punycode costs quadratic time
			break
		}
		if ascii, err := idna.Lookup.ToASCII(form); err == nil {
			return address[:at+1] + ascii
		}
	}
	return address[:at+1] + lower(domain)
}

// EmailKey returns what an address is compared by. It is idempotent. It has no full case folding,
// which would make one address of two mailboxes.
func EmailKey(address string) Key {
	return Key(lower(NormalizeEmail(address)))
}

// normal is NFKC without white space around it. Broken UTF-8 becomes U+FFFD first, which
// no name or address may have: package norm does not look behind it. Text that is too long for any
// name or address is returned as it is, because NFKC makes up to 18 characters of one.
func normal(s string) string {
	if len(s) > maxNormal {
		return s
	}
	return strings.TrimSpace(norm.NFKC.String(strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD")))
}

// dotted is what Unicode folds the İ of Turkish to; it looks like i, and Turkish writes i.
var dotted = regexp.MustCompile("i\u0307+")

// fold folds case and normalises again, since a folded letter may compose with what follows it.
// Lower case comes first, because package cases folds Cherokee capitals to small letters and back.
func fold(s string) string {
	if len(s) > maxNormal {
		return s
	}
	return strings.TrimSpace(norm.NFKC.String(dotted.ReplaceAllString(cases.Fold().String(strings.ToLower(s)), "i")))
}

// lower is fold with lower case.
func lower(s string) string {
	if len(s) > maxNormal {
		return s
	}
	return strings.TrimSpace(norm.NFKC.String(strings.ToLower(s)))
}
