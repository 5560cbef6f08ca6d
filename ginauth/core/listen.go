package core

// Listeners: functions of features that are called when something happens to a user.

import (
	"slices"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/custom"
	"github.com/ginauth/gin-rest-auth/models"
)

// Listen adds a [Listener].
func (s *Setup) Listen(l Listener) { s.declaring().core.listeners = append(s.core.listeners, l) }

// onDelete deletes the rows of features about a user.
func (c *Core) onDelete(tx *Tx, userID int64) error {
	for _, l := range c.listeners {
		if l.OnDelete != nil {
			if err := custom.Failure("OnDelete of a feature", l.OnDelete(tx, userID)); err != nil {
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
	for _, l := range tx.core.listeners {
		if l.OnFactorsReset != nil {
			if err := custom.Failure("OnFactorsReset of a feature", l.OnFactorsReset(tx, userID)); err != nil {
				return err
			}
		}
	}
	return tx.rows.ClearFactors(userID)
}

func (tx *Tx) onDisarm(userID int64) error {
	for _, l := range tx.core.listeners {
		if l.OnDisarm != nil {
			if err := custom.Failure("OnDisarm of a feature", l.OnDisarm(tx, userID)); err != nil {
				return err
			}
		}
	}
	return nil
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
