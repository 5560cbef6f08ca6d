package core

// Listeners: functions of features that are called when something happens to a user. listener.go adds them.

import (
	"slices"
	"time"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/custom"
	"github.com/ginauth/gin-rest-auth/models"
)

// onDelete deletes the rows of features about a user.
func (tx *Tx) onDelete(userID int64) error {
	return tx.tell("OnDelete", userID, func(l Listener) func(*Tx, int64) error { return l.OnDelete })
}

// tell calls one function of each listener that has it.
func (tx *Tx) tell(name string, userID int64, of func(Listener) func(*Tx, int64) error) error {
	for _, l := range tx.core.listeners {
		if listen := of(l); listen != nil {
			if err := custom.Failure(name+" of a feature", listen(tx, userID)); err != nil {
				return err
			}
		}
	}
	return nil
}

// DisarmFeatures removes the second factors of a user, also in account, and everything else that a stranger may
// have set up in features: it calls Listener.OnDisarm.
func (tx *Tx) DisarmFeatures(account models.Account) error {
	user := account.Base()
	if err := tx.onDisarm(user.ID); err != nil {
		return err
	}
	user.Factors = ""
	return tx.rows.ClearFactors(user.ID)
}

// ResetFactors removes the second factors of a user who lost them: it calls Listener.OnFactorsReset. Call it after
// [Tx.LockUser].
func (tx *Tx) ResetFactors(userID int64) error {
	err := tx.tell("OnFactorsReset", userID, func(l Listener) func(*Tx, int64) error { return l.OnFactorsReset })
	if err != nil {
		return err
	}
	if err := tx.EndTrust(userID); err != nil {
		return err
	}
	return tx.rows.ClearFactors(userID)
}

func (tx *Tx) onDisarm(userID int64) error {
	return tx.tell("OnDisarm", userID, func(l Listener) func(*Tx, int64) error { return l.OnDisarm })
}

func (tx *Tx) onNotMe(userID int64, since time.Time) error {
	return tx.tell("OnNotMe", userID, func(l Listener) func(*Tx, int64) error {
		if l.OnNotMe == nil {
			return nil
		}
		return func(tx *Tx, userID int64) error { return l.OnNotMe(tx, userID, since) }
	})
}

func (tx *Tx) onNoFactors(userID int64) error {
	return tx.tell("OnNoFactors", userID, func(l Listener) func(*Tx, int64) error { return l.OnNoFactors })
}

// EndTrust makes features forget the browsers that a user trusted, see Listener.OnDistrust, and ends the logins that wait for a second
// factor. Call it when a user adds or removes something that passes a challenge, unless [Tx.SetFactor] is called, which does it as well.
func (tx *Tx) EndTrust(userID int64) error {
	if err := tx.endWaiting(userID); err != nil {
		return err
	}
	return tx.tell("OnDistrust", userID, func(l Listener) func(*Tx, int64) error { return l.OnDistrust })
}

// recordsInFeatures reports whether features get an event of a user; see Listener.Record.
func (c *Core) recordsInFeatures(name config.EventName) bool {
	return name != config.EventLoginFailed && name != config.EventRateLimited &&
		slices.ContainsFunc(c.listeners, func(l Listener) bool { return l.Record != nil })
}

// recordInFeatures passes an event to features. If the event has only the ID of its user, it reads the user.
func (tx *Tx) recordInFeatures(name config.EventName, e config.Event) error {
	if e.User == nil || !tx.core.recordsInFeatures(name) {
		return nil
	}
	e.Name = name
	if user := e.User.Base(); user.Username == "" && user.Email == "" {
		account, err := tx.rows.Account(user.ID)
		if err != nil {
			return err
		}
		e.User = account
	}
	for _, l := range tx.core.listeners {
		if l.Record != nil {
			if err := custom.Failure("Record of a feature", l.Record(tx, e)); err != nil {
				return err
			}
		}
	}
	return nil
}
