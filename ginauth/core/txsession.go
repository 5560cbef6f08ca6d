package core

// Transactions: sessions and tickets.

import "time"

// LockedIn locks a user and returns [ErrChanged] unless the session is still valid. Call it first in a transaction;
// [Core.AsEnded] converts the error for the client. [Core.Held] does both.
func (tx *Tx) LockedIn(userID int64, session string) error { return tx.rows.LockedIn(userID, session) }

// EndAllSessions ends all sessions and personal tokens of a user. Logins in progress fail.
func (tx *Tx) EndAllSessions(userID int64) error { return tx.rows.EndAllSessions(userID) }

// EndSessions ends all sessions and personal tokens of a user, except the session with the ID except.
func (tx *Tx) EndSessions(userID int64, except string) error {
	return tx.rows.EndSessions(userID, except)
}

// EndOtherSessions ends the sessions of a user, except the one with the ID except. Personal tokens end with them only if
// config.Token.EndWithSessions is set.
func (tx *Tx) EndOtherSessions(userID int64, except string) error {
	return tx.rows.EndOtherSessions(userID, except, tx.core.cfg.Token.EndWithSessions)
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
