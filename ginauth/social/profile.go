package social

// Profile, and the types with which profiles are read from a provider's JSON.

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Profile is what a provider says about a user.
type Profile struct {
	// Subject is the permanent ID of the account at the provider, 1 to 255 bytes. Never use a name or an address: these can be
	// given to another person, who would then log in as this user.
	Subject string

	// ImportedSubject is the ID by which django-allauth knew the account, if that is not Subject. A row of [ImportDjango] with it gets
	// Subject at the first login. It must be as permanent as Subject, and users must not be able to choose it.
	ImportedSubject string

	Email string // may be empty
	// EmailVerified says that the provider has verified that the address belongs to the user now. Set it only if the
	// provider's documentation says so. See also Provider.EmailDomains.
	EmailVerified bool

	Username            string // a suggestion for the user name; may be empty
	FirstName, LastName string // may be empty

	// Raw is the JSON for models.Identity.Profile. Default: the claims, or the response to the first request of
	// Provider.User.
	Raw json.RawMessage
}

// check returns an error for a profile whose subject cannot identify an account.
func (p *Profile) check() error {
	s := p.Subject
	if s == "" || len(s) > 255 || !utf8.ValidString(s) || strings.TrimSpace(s) != s || strings.ContainsFunc(s, unicode.IsControl) {
		return fmt.Errorf("%w: the profile has no permanent ID", ErrRefused)
	}
	return nil
}

const maxProfile = 8 << 10 // bytes of models.Identity.Profile

// profileJSON returns the profile as it is stored.
func profileJSON(raw json.RawMessage) string {
	if len(raw) > maxProfile || !json.Valid(raw) || !utf8.Valid(raw) {
		return "{}"
	}
	return string(raw)
}

// id is an identifier in JSON: a text, or a whole number other than 0.
type id string

func (v *id) UnmarshalJSON(b []byte) error {
	var text string
	if len(b) > 0 && b[0] == '"' {
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
		*v = id(text)
		return nil
	}
	var n int64
	if json.Unmarshal(b, &n) == nil && n != 0 {
		*v = id(fmt.Sprint(n))
	}
	return nil
}

// yes is true for the JSON value true alone. The text "true" and the number 1 are false: providers that mean true send true
// (CVE-2026-55075).
type yes bool

func (v *yes) UnmarshalJSON(b []byte) error {
	*v = string(b) == "true"
	return nil
}

// yesText is [yes] for providers whose documentation says that they also send the text "true".
type yesText bool

func (v *yesText) UnmarshalJSON(b []byte) error {
	*v = string(b) == "true" || string(b) == `"true"`
	return nil
}

// readClaims decodes claims into a struct whose names are in lower case. Names of claims are compared byte by byte (RFC 7519, section
// 7.3), while encoding/json also takes "Email_Verified" and "\u017fub" for the fields that they resemble, and a provider may let users
// add claims.
func readClaims(claims []byte, into any) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(claims, &all); err != nil {
		return err
	}
	maps.DeleteFunc(all, func(name string, _ json.RawMessage) bool {
		return strings.ContainsFunc(name, func(r rune) bool { return r >= 'A' && r <= 'Z' || r > unicode.MaxASCII })
	})
	exact, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return json.Unmarshal(exact, into)
}

// standard are the claims of OpenID Connect Core, section 5.1.
type standard struct {
	Sub           string `json:"sub"`
	Email         string `json:"email"`
	EmailVerified yes    `json:"email_verified"`
	Username      string `json:"preferred_username"`
	Nickname      string `json:"nickname"`
	Name          string `json:"name"`
	GivenName     string `json:"given_name"`
	FamilyName    string `json:"family_name"`
}

// StandardClaims reads the profile of OpenID Connect's standard claims (Core, section 5.1). It is the default of
// Provider.Claims. The address counts as verified if email_verified is the JSON value true.
func StandardClaims(claims []byte) (Profile, error) {
	var c standard
	if err := readClaims(claims, &c); err != nil {
		return Profile{}, fmt.Errorf("%w: the claims are invalid", ErrRefused)
	}
	out := Profile{
		Subject: c.Sub, Email: c.Email, EmailVerified: bool(c.EmailVerified), Username: c.Username, FirstName: c.GivenName, LastName: c.FamilyName,
	}
	if out.Username == "" {
		out.Username = c.Nickname
	}
	if out.FirstName == "" && out.LastName == "" {
		out.FirstName, out.LastName = SplitName(c.Name)
	}
	return out, nil
}

// SplitName splits a full name before its last word: "Ann van Dam" becomes "Ann van" and "Dam".
func SplitName(name string) (first, last string) {
	name = strings.Join(strings.Fields(name), " ")
	if i := strings.LastIndexByte(name, ' '); i >= 0 {
		return name[:i], name[i+1:]
	}
	return name, ""
}
