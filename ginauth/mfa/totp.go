package mfa

// Codes of authenticator apps (RFC 6238): comparing them, and using each up once.

import (
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// secretSize is the size of a secret in bytes: 160 bits, as RFC 4226 recommends.
const secretSize = 20

var (
	base32Text = base32.StdEncoding.WithPadding(base32.NoPadding)
	errCode    = binding.Invalid("code", core.ProblemFactorCode)
)

// isTOTP reports whether a text has the form of a code. Codes of 8 digits have the form of some imported recovery codes, so
// they are codes only where apps have 8 digits.
func (f *feature) isTOTP(code string) bool {
	code = withoutSpaces(code)
	return (len(code) == 6 || len(code) == f.Digits) && strings.Trim(code, "0123456789") == ""
}

// withoutSpaces removes the spaces that apps show between digits. Other digits than those of ASCII are not accepted.
func withoutSpaces(code string) string { return strings.ReplaceAll(code, " ", "") }

// spendTOTP uses up the code of a user's app, or returns errCode. One UPDATE decides between requests with the same code. It
// also uses up all earlier time steps, so a code that someone has seen is worthless once a later one was used.
func (f *feature) spendTOTP(_ *gin.Context, tx *core.Tx, user *models.User, code string) error {
	var row TOTP
	found := tx.Where("user_id = ?", user.ID).Limit(1).Find(&row)
	if found.Error != nil {
		return found.Error
	}
	if found.RowsAffected == 0 {
		return errCode
	}
	secret, err := f.keys.Open(row.Secret, aboutSecret(user.ID))
	if err != nil {
		return fmt.Errorf("mfa: the secret of an authenticator app: %w", err)
	}
	now := f.core.Now()
	step, err := row.match(secret, code, now)
	if err != nil {
		return err
	}
	change := map[string]any{"last_step": step, "last_used_at": now}
	if !f.keys.IsCurrent(row.Secret, aboutSecret(user.ID)) {
		if change["secret"], err = f.keys.Seal(secret, aboutSecret(user.ID)); err != nil {
			return err
		}
	}
	spent := tx.Model(&TOTP{}).Where("user_id = ? AND last_step < ?", user.ID, step).Updates(change)
	if spent.Error == nil && spent.RowsAffected == 0 {
		return errCode
	}
	return spent.Error
}

// aboutSecret binds an encrypted secret to its user.
func aboutSecret(userID int64) string { return fmt.Sprint(userID) }

// match returns the time step of a code: the present one, or one before or after it, since clocks differ (RFC 6238, section
// 5.2). Steps up to LastStep are used up. Otherwise it returns errCode.
func (t *TOTP) match(secret []byte, code string, now time.Time) (int64, error) {
	code = withoutSpaces(code)
	if len(code) != t.Digits {
		return 0, errCode
	}
	present := now.Unix() / int64(t.Period)
	for step := max(present-1, t.LastStep+1); step <= present+1; step++ {
		want, err := codeAt(secret, step, t.Digits)
		if err != nil {
			return 0, err
		}
		if subtle.ConstantTimeCompare([]byte(code), []byte(want)) == 1 {
			return step, nil
		}
	}
	return 0, errCode
}

// codeAt returns the code of a time step.
func codeAt(secret []byte, step int64, digits int) (string, error) {
	if step < 0 {
		return "", errors.New("mfa: the clock is before 1970")
	}
	return hotp.GenerateCodeCustom(base32Text.EncodeToString(secret), uint64(step), hotp.ValidateOpts{Digits: otp.Digits(digits), Algorithm: otp.AlgorithmSHA1})
}
