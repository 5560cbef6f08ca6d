package mfa

// What rows of Django's tables contain: secrets, and the seeds from which recovery codes are computed.

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // HMAC-SHA-1 is what django-allauth computes
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// djangoRow is a row of either table.
type djangoRow struct {
	ID         int64
	UserID     int64
	Data       string
	CreatedAt  time.Time
	LastUsedAt *time.Time
}

// djangoData is the column data.
type djangoData struct {
	Secret   string   `json:"secret"`
	Seed     string   `json:"seed"`
	UsedMask uint64   `json:"used_mask"`
	Migrated []string `json:"migrated_codes"`
}

var errEncrypted = errors.New("the secret is not base32: if the project's MFA_ADAPTER encrypts, set Decrypt")

// open decrypts a text of allauth's table. dj-rest-auth only signs the secret, after a colon.
func (d *djangoImport) open(table, text string) (string, error) {
	if table == tableDJ {
		text, _, _ = strings.Cut(text, ":")
		return text, nil
	}
	if d.Decrypt == nil {
		return text, nil
	}
	opened, err := d.Decrypt(text)
	if err != nil {
		return "", errors.New("the function Decrypt failed for the secret or the recovery codes") // its error may have the secret
	}
	return opened, nil
}

func (d *djangoImport) appOf(table string, row *djangoRow) (Imported, error) {
	var data djangoData
	if err := json.Unmarshal([]byte(row.Data), &data); err != nil {
		return Imported{}, errors.New("the column data is not valid JSON")
	}
	secret, err := d.open(table, data.Secret)
	if err != nil {
		return Imported{}, err
	}
	if _, err := base32Text.DecodeString(strings.ToUpper(strings.TrimRight(secret, "="))); err != nil {
		return Imported{}, errEncrypted
	}
	return Imported{Secret: secret, Digits: d.Digits, Period: d.Period, CreatedAt: row.CreatedAt, LastUsedAt: row.LastUsedAt}, nil
}

// unusedCodes returns the recovery codes that a user has not used. With an error, it returns those that can be imported.
func (d *djangoImport) unusedCodes(table string, row *djangoRow) (codes []string, err error) {
	var data djangoData
	if json.Unmarshal([]byte(row.Data), &data) != nil {
		return nil, errors.New("the recovery codes are not valid JSON")
	}
	if data.Migrated != nil {
		return d.migratedCodes(table, data.Migrated)
	}
	seed := data.Seed
	if table != tableDJ { // dj-rest-auth neither signs nor encrypts it
		if seed, err = d.open(table, seed); err != nil {
			return nil, err
		}
	}
	key, err := hex.DecodeString(seed)
	if err != nil || len(key) == 0 {
		return nil, errors.New("the seed of the recovery codes is not hexadecimal: if the project's MFA_ADAPTER encrypts, set Decrypt")
	}
	all := djCodes(key, d.RecoveryCodes)
	if table != tableDJ {
		if d.feature.Digits == 8 {
			return nil, errors.New("recovery codes of allauth look like codes of an app with 8 digits, so they cannot be used with Options.Digits 8")
		}
		all = allauthCodes(seed, d.RecoveryCodes)
	}
	for i, code := range all {
		if i >= 64 || data.UsedMask>>i&1 == 0 {
			codes = append(codes, code)
		}
	}
	return codes, nil
}

// migratedCodes returns the codes that allauth took over from another program.
func (d *djangoImport) migratedCodes(table string, all []string) (codes []string, err error) {
	for _, sealed := range all {
		code, failed := d.open(table, sealed)
		if failed == nil && !isRecovery(code) {
			failed = errors.New("some recovery codes do not have 8 or 16 hexadecimal digits")
		}
		if failed != nil {
			err = failed
			continue
		}
		codes = append(codes, code)
	}
	return codes, err
}

// djCodes computes the codes of dj-rest-auth: each is the beginning of an HMAC-SHA-256 of its number.
func djCodes(key []byte, count int) (codes []string) {
	for i := range count {
		mac := hmac.New(sha256.New, key)
		_, _ = fmt.Fprint(mac, i)
		codes = append(codes, hex.EncodeToString(mac.Sum(nil)[:4]))
	}
	return codes
}

// allauthCodes computes the codes of django-allauth: eight decimal digits of a running HMAC-SHA-1 over the numbers, whose key is the
// seed as text.
func allauthCodes(seed string, count int) (codes []string) {
	mac := hmac.New(sha1.New, []byte(seed))
	for i := range count {
		_, _ = fmt.Fprintf(mac, "%3d,", i)
		codes = append(codes, fmt.Sprintf("%08d", binary.BigEndian.Uint32(mac.Sum(nil))%100_000_000))
	}
	return codes
}
