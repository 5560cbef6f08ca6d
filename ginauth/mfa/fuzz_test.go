package mfa

// What names do to the address of an authenticator app, and what rows of Django contain.

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ginauth/gin-rest-auth/models"
)

// FuzzTOTPURL: whatever the user and the site are called, the app reads the secret, the issuer and the name that were meant, and nothing
// else.
func FuzzTOTPURL(f *testing.F) {
	for _, seed := range [][2]string{
		{"My App", "ann@example.com"}, {"", "ann"}, {"Ü&?#/", "a b"}, {"A", "ann?secret=EVIL"}, {"A&secret=EVIL", "x"}, {"A%20", "%3A"}, {"A", "b:c"}, {"A\n", "\x00"}, {"A", "\xff"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, issuer, name string) {
		if name == "" || strings.Contains(issuer, ":") || !utf8.ValidString(issuer+name) { // no user is called so, and New refuses the issuer
			return
		}
		feature := feature{Options: Options{Issuer: issuer}.withDefaults("")}
		text := feature.totpURL(&models.User{Username: name}, "JBSWY3DPEHPK3PXP")
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Fragment != "" {
			t.Fatalf("%q: %v", text, err)
		}
		query, err := url.ParseQuery(u.RawQuery)
		if err != nil || len(query["secret"]) != 1 || query.Get("secret") != "JBSWY3DPEHPK3PXP" || query.Get("issuer") != issuer || len(query) > 2 {
			t.Errorf("%q has %v: %v", text, query, err)
		}
		label := strings.TrimPrefix(u.Path, "/")
		if issuer != "" {
			label = strings.TrimPrefix(label, issuer+":")
		}
		if label != name {
			t.Errorf("%q is the app of %q, not of %q", text, label, name)
		}
	})
}

// FuzzDjangoRow: a row of Django's tables is refused, or its secret is base32, and its codes have the form of recovery codes, none of them
// twice or marked as used.
func FuzzDjangoRow(f *testing.F) {
	for _, seed := range []string{
		`{"secret":"JBSWY3DPEHPK3PXP"}`, `{"secret":"JBSWY3DPEHPK3PXP:signature"}`, `{"secret":""}`, `{"secret":"gAAAAABencrypted=="}`, `{"seed":"00ff","used_mask":3}`, `{"seed":"00ff","used_mask":18446744073709551615}`,
		`{"seed":"xx"}`, `{"migrated_codes":["1234abcd","x"]}`, `{"migrated_codes":[]}`, `{"used_mask":-1}`, `[]`, `null`, ``, `{"secret":1}`,
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, data string, dj bool) {
		feature := &feature{Options: Options{}.withDefaults("")}
		d := &djangoImport{feature: feature, DjangoImport: DjangoImport{Digits: 6, Period: 30 * time.Second, RecoveryCodes: 10}}
		table := tableDJ
		if !dj {
			table = "mfa_authenticator"
		}
		row := &djangoRow{Data: data}
		if app, err := d.appOf(table, row); err == nil {
			if strings.Trim(strings.ToUpper(strings.TrimRight(app.Secret, "=")), "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
				t.Errorf("%q: the secret %q is no base32", data, app.Secret)
			}
		}
		codes, err := d.unusedCodes(table, row)
		var raw struct {
			Mask     uint64   `json:"used_mask"`
			Migrated []string `json:"migrated_codes"`
		}
		if json.Unmarshal([]byte(data), &raw) != nil && len(codes) > 0 {
			t.Fatalf("codes of %q", data)
		}
		used := 0
		for i := range 10 {
			used += int(raw.Mask >> i & 1)
		}
		if err == nil && raw.Migrated == nil && len(codes) != 10-used || len(codes) > max(10, len(raw.Migrated)) {
			t.Errorf("%q: %d codes", data, len(codes))
		}
		for _, code := range codes {
			if !isRecovery(code) {
				t.Errorf("%q: the code %q", data, code)
			}
		}
	})
}
