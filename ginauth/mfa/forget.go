package mfa

// What of a user's factors is deleted, and when.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// forget deletes the factors of a user, and the trust in browsers.
func forget(tx *core.Tx, userID int64) error {
	if err := tx.Where("user_id = ?", userID).Delete(&TOTP{}).Error; err != nil {
		return err
	}
	for _, also := range []func(*core.Tx, int64) error{forgetCodes, forgetBrowsers, forgetRecovery} {
		if err := also(tx, userID); err != nil { // no statement may follow one that failed
			return err
		}
	}
	return nil
}

// reclaim deletes an authenticator app that was set up before a time, and the recovery codes, which may be as old.
func reclaim(tx *core.Tx, userID int64, before time.Time) error {
	r := tx.Where("user_id = ? AND created_at < ?", userID, before).Delete(&TOTP{})
	if r.Error != nil || r.RowsAffected == 0 {
		return r.Error
	}
	if err := forgetCodes(tx, userID); err != nil {
		return err
	}
	return tx.SetFactor(userID, FactorTOTP, false)
}

// notMe deletes an authenticator app and recovery codes that were set up since a time, after the user said "it was not me". E-mail codes
// stay: the user reads the mails of the only address that the account still has.
func notMe(tx *core.Tx, userID int64, since time.Time) error {
	if err := tx.EndTrust(userID); err != nil {
		return err
	}
	if err := tx.Where("user_id = ? AND created_at >= ?", userID, since).Delete(&RecoveryCode{}).Error; err != nil {
		return err
	}
	r := tx.Where("user_id = ? AND created_at >= ?", userID, since).Delete(&TOTP{})
	if r.Error != nil || r.RowsAffected == 0 {
		return r.Error
	}
	return tx.SetFactor(userID, FactorTOTP, false)
}
