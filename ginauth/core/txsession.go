package core

// Transactions: sessions and tickets.

import (
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/secret"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/store"
)

// LockedIn locks a user and returns [ErrChanged] unless the session is still valid. Call it first in a transaction;
// [Core.AsEnded] converts the error for the client. [Core.Held] does both.
func (tx *Tx) LockedIn(userID int64, session string) error { return tx.rows.LockedIn(userID, session) }

// EndAllSessions ends all sessions and personal tokens of a user. Logins in progress fail.
func (tx *Tx) EndAllSessions(userID int64) error { return tx.rows.EndAllSessions(userID) }

// EndSession is [Core.EndSession] within a transaction.
func (tx *Tx) EndSession(userID int64, id string, personal bool) error {
	if !secret.IsID(id) {
		return store.ErrNotFound
	}
	return tx.rows.EndSession(userID, id, personal)
}

// EndSessions ends all sessions and personal tokens of a user, except the session with the ID except.
func (tx *Tx) EndSessions(userID int64, except string) error {
	return tx.rows.EndSessions(userID, except)
}

// EndOtherSessions ends the sessions of a user, except the one with the ID except, the logins that wait for a second factor, and
// the trust in browsers. Personal tokens end with them only if config.Token.EndWithSessions is set.
func (tx *Tx) EndOtherSessions(userID int64, except string) error {
	return tx.endOthers(userID, except, tx.core.cfg.Token.EndWithSessions)
}

func (tx *Tx) endOthers(userID int64, except string, tokens bool) error {
	if err := tx.rows.EndOtherSessions(userID, except, tokens); err != nil {
		return err
	}
	return tx.EndTrust(userID)
}

// EndSessionsBy ends the sessions of a user that began with a method, or in which the user has proven it since then. See
// models.Session.Method. It also ends the logins that wait for a second factor, whatever their method. Personal tokens remain.
func (tx *Tx) EndSessionsBy(userID int64, method string) error {
	if err := tx.rows.EndSessionsBy(userID, method); err != nil {
		return err
	}
	return tx.endWaiting(userID)
}

// EndTickets invalidates the tickets of a user, except those of the kind keep that were made until the given time.
// With an empty kind it keeps none.
func (tx *Tx) EndTickets(userID int64, keep string, until time.Time) error {
	return tx.rows.EndTickets(userID, keep, until)
}

// DisownTickets invalidates the tickets of a user and leaves them as those of an unknown address, so that a later
// request does not reveal that the user gave the address up.
func (tx *Tx) DisownTickets(userID int64) error {
	return tx.core.tickets.Disown(tx.rows, userID)
}
