package mfa

// Import: authenticator apps and recovery codes of another program.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Imported is the authenticator app of a user of another program.
type Imported struct {
	Secret     string        // in base32, with or without padding; at least 10 bytes
	Digits     int           // 6 or 8; default 6
	Period     time.Duration // whole seconds; default 30 seconds
	CreatedAt  time.Time     // default: now
	LastUsedAt *time.Time    // nil if it was never used

	// RecoveryCodes are the codes that are not used: 8 or 16 hex digits, with or without dashes.
	RecoveryCodes []string
}

// Import sets up the authenticator app of a user, who keeps using it. Use it in a program that moves users here: it ends no
// session and mails no notice. It returns [core.ErrNoRow] if no user has the ID, [core.ErrExists] if the user has an app
// already, and an error without the secret if a value is not valid.
func Import(ctx context.Context, auth core.Holder, userID int64, app Imported) error {
	f, err := of(auth)
	if err != nil {
		return fmt.Errorf("mfa: Import %w", err)
	}
	row, codes, err := f.imported(userID, app)
	if err != nil {
		return fmt.Errorf("mfa: Import of user %d: %w", userID, err)
	}
	return f.core.Tx(ctx, func(tx *core.Tx) error {
		if err := tx.LockUser(userID); err != nil {
			return err
		}
		user, err := tx.LockedUser(userID)
		if err != nil {
			return err
		}
		if user.HasFactor(FactorTOTP) {
			return core.ErrExists
		}
		if err := forget(tx, userID); err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if err := tx.SetFactor(userID, FactorTOTP, true); err != nil || len(codes) == 0 {
			return err
		}
		return tx.Create(&codes).Error
	})
}

// errImport is the reason of errors about values.
var errImport = errors.New("cannot be imported")

// imported returns the rows of an imported app.
func (f *feature) imported(userID int64, app Imported) (row TOTP, codes []RecoveryCode, err error) {
	secret, err := base32Text.DecodeString(strings.ToUpper(strings.TrimRight(withoutSpaces(app.Secret), "=")))
	if err != nil || len(secret) < 10 || len(secret) > 100 {
		return row, nil, fmt.Errorf("%w: the secret is not base32, or not of 10 to 100 bytes", errImport)
	}
	row = TOTP{UserID: userID, Digits: cmp.Or(app.Digits, 6), CreatedAt: app.CreatedAt.UTC().Truncate(time.Millisecond), LastUsedAt: app.LastUsedAt}
	row.Period = int(cmp.Or(app.Period, 30*time.Second) / time.Second)
	if row.Digits != 6 && row.Digits != f.Digits || row.Period < 15 || row.Period > 60 {
		return row, nil, fmt.Errorf("%w: %d digits and %d seconds cannot be used: Options.Digits is %d, and periods are 15 to 60 seconds", errImport, row.Digits, row.Period, f.Digits)
	}
	if app.CreatedAt.IsZero() {
		row.CreatedAt = f.core.Now()
	}
	for _, code := range app.RecoveryCodes {
		if !isRecovery(code) {
			return row, nil, fmt.Errorf("%w: a recovery code does not have 8 or 16 hex digits", errImport)
		}
		codes = append(codes, RecoveryCode{UserID: userID, MAC: f.macs.MAC(fmt.Sprint(userID), bareCode(code))})
	}
	row.Secret, err = f.keys.Seal(secret, aboutSecret(userID))
	return row, codes, err
}

// of returns the feature of an Auth.
func of(auth core.Holder) (*feature, error) {
	f, listed := core.Provided[*feature](auth)
	if !listed {
		return nil, errors.New("needs the feature: pass mfa.Feature to ginauth.New")
	}
	return f, nil
}
