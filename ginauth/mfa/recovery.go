package mfa

// Recovery codes: creating, using and counting them.

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Codes is the response of the routes at mfa/recovery-codes/. Codes is empty unless they were just created.
type Codes struct {
	Codes     []string `json:"codes"`
	Remaining int64    `json:"remaining"` // how many are not used
}

// A code has 64 bits, in hex and groups of four: "0123-4567-89ab-cdef". Codes of dj-rest-auth have 32 bits: "0123-4567".
const (
	codeBytes    = 8
	importedHex  = 8
	charsOfGroup = 4
)

// isRecovery reports whether a text has the form of a recovery code. Letter case, spaces and dashes do not matter.
func isRecovery(code string) bool {
	code = bareCode(code)
	return (len(code) == 2*codeBytes || len(code) == importedHex) && strings.Trim(code, "0123456789abcdef") == ""
}

func bareCode(code string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(code))
}

// spendRecovery uses up a recovery code, or returns errCode. One UPDATE decides between requests with the same code. The
// user gets a notice.
func (f *feature) spendRecovery(g *gin.Context, tx *core.Tx, user *models.User, code string) error {
	spent := tx.Model(&RecoveryCode{}).Where("user_id = ? AND mac IN ? AND used_at IS NULL", user.ID, f.macs.MACs(fmt.Sprint(user.ID), bareCode(code))).
		Updates(map[string]any{"used_at": f.core.Now()})
	if spent.Error != nil {
		return spent.Error
	}
	if spent.RowsAffected == 0 {
		return errCode
	}
	if err := tx.Record(EventRecoveryCodeUsed, f.core.Event(g, &models.User{ID: user.ID})); err != nil {
		return err
	}
	return f.core.Notify(g, tx, mailUsed, user, user.Email)
}

// newCodes returns new codes and their rows.
func (f *feature) newCodes(userID int64) (codes []string, rows []RecoveryCode, err error) {
	raw, now := make([]byte, codeBytes), f.core.Now()
	for range f.RecoveryCodes {
		if _, err := io.ReadFull(f.rand, raw); err != nil {
			return nil, nil, core.ErrInternal.Because(err)
		}
		bare := hex.EncodeToString(raw)
		rows = append(rows, RecoveryCode{UserID: userID, MAC: f.macs.MAC(fmt.Sprint(userID), bare), CreatedAt: &now})
		codes = append(codes, strings.Join(slices.Collect(groups(bare)), "-"))
	}
	return codes, rows, nil
}

// groups yields the groups of a code.
func groups(bare string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for ; bare != ""; bare = bare[charsOfGroup:] {
			if !yield(bare[:charsOfGroup]) {
				return
			}
		}
	}
}

// forgetCodes deletes the codes of a user.
func forgetCodes(tx *core.Tx, userID int64) error {
	return tx.Where("user_id = ?", userID).Delete(&RecoveryCode{}).Error
}

// replaceCodes stores new codes instead of all others of a user.
func replaceCodes(tx *core.Tx, userID int64, rows []RecoveryCode) error {
	if err := forgetCodes(tx, userID); err != nil {
		return err
	}
	return tx.Create(&rows).Error
}

// remaining counts the codes of a user that are not used.
func (f *feature) remaining(ctx context.Context, userID int64) (n int64, err error) {
	err = f.core.DB(ctx).Model(&RecoveryCode{}).Where("user_id = ? AND used_at IS NULL", userID).Count(&n).Error
	return n, err
}

// list answers GET and POST mfa/recovery-codes/. Only hashes are stored, so it can only count.
func (f *feature) list(g *gin.Context, _ *binding.Empty) (Codes, error) {
	out := Codes{Codes: []string{}}
	if core.User(g).Factors == "" {
		return out, nil
	}
	var err error
	out.Remaining, err = f.remaining(g.Request.Context(), core.User(g).ID)
	return out, err
}

// regenerate answers POST mfa/recovery-codes/regenerate/.
func (f *feature) regenerate(g *gin.Context, in *binding.RecentPassword) (Codes, error) {
	user := core.User(g)
	if user.Factors == "" {
		return Codes{}, errDisabled
	}
	if err := f.core.RequireRecent(g, in.Password); err != nil {
		return Codes{}, err
	}
	codes, rows, err := f.newCodes(user.ID)
	if err != nil {
		return Codes{}, err
	}
	err = f.core.Held(g, func(tx *core.Tx) error {
		if now, err := tx.LockedUser(user.ID); err != nil || now.Factors == "" { // another request removed the last factor
			return cmp.Or(err, error(errDisabled))
		}
		if err := replaceCodes(tx, user.ID, rows); err != nil {
			return err
		}
		return f.changed(g, tx, mailCodes, EventRecoveryCodesNew)
	})
	return Codes{codes, int64(len(codes))}, err
}

// changed ends the user's other sessions and the trust in browsers, records the event and mails the notice of a change.
func (f *feature) changed(g *gin.Context, tx *core.Tx, mail string, event config.EventName) error {
	user := core.User(g)
	if err := tx.EndTrust(user.ID); err != nil {
		return err
	}
	if !f.AllowOtherSessions {
		if err := tx.EndOtherSessions(user.ID, core.Session(g).ID); err != nil {
			return err
		}
	}
	if err := tx.Record(event, f.core.Event(g, f.core.IdentityOf(g).Account)); err != nil {
		return err
	}
	return f.core.Notify(g, tx, mail, user, user.Email)
}
