package core

// What ends when the factors of a user change: logins that wait for one and, with the last factor, the second factor of sessions.

import "github.com/ginauth/gin-rest-auth/ginauth/internal/custom"

// endWaiting ends the logins of a user that wait for a second factor: what began them may be what the user removes.
func (tx *Tx) endWaiting(userID int64) error {
	if len(tx.core.factors) == 0 {
		return nil
	}
	return tx.rows.EndTicketsFor(userID, forChallenge)
}

// hasFallback reports whether a user without a second factor can prove two factors all the same, as with a passkey.
func (tx *Tx) hasFallback(userID int64) (bool, error) {
	for _, f := range tx.core.fallbacks {
		if f.has == nil {
			continue
		}
		if has, err := f.has(tx, userID); err != nil || has {
			return has, custom.Failure("FallbackFactorIf of a feature", err)
		}
	}
	return false, nil
}

// lower makes the sessions of a user who can prove no second factor any more ones that have proven one.
func (tx *Tx) lower(userID int64) error {
	if can, err := tx.hasFallback(userID); err != nil || can {
		return err
	}
	tx.lowered = true
	return tx.rows.LowerSessions(userID)
}
