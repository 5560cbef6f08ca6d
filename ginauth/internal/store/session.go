package store

// Sessions and personal tokens: read together with their user, created, changed, ended and swept.

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config/ratelimit"
	"github.com/ginauth/gin-rest-auth/models"
)

// table of the sessions
var sessions = models.Session{}.TableName()

// EndAllSessions ends all sessions of a user, and makes logins in progress fail.
func (tx *Tx) EndAllSessions(id int64) error {
	if err := tx.user(id).Updates(map[string]any{"session_epoch": gorm.Expr("session_epoch + 1")}).Error; err != nil {
		return err
	}
	return tx.EndSessions(id, "")
}

// SessionByKey returns the session with this key hash and its user, in one query, whether or not they are valid. ErrNotFound
// means that there is no such row.
func (s *Store) SessionByKey(ctx context.Context, keyHash string) (*models.Session, models.Account, error) {
	session, account, err := s.findLive(ctx, &s.statements.liveByKey, keyHash)
	if err == nil && session.KeyHash != keyHash {
		return nil, nil, ErrNotFound
	}
	return session, account, err
}

// SessionByID returns the session with this public ID and its user, as SessionByKey does.
func (s *Store) SessionByID(ctx context.Context, id string) (*models.Session, models.Account, error) {
	session, account, err := s.findLive(ctx, &s.statements.liveByID, id)
	if err == nil && session.ID != id {
		return nil, nil, ErrNotFound
	}
	return session, account, err
}

// CreateSession inserts a session. If keep is positive, it ends the user's least recently seen sessions until keep are left.
func (tx *Tx) CreateSession(session *models.Session, keep int) error {
	texts, row := &tx.store.statements, reflect.ValueOf(session).Elem()
	values := make([]any, len(texts.session))
	for i, field := range texts.session {
		values[i], _ = field.ValueOf(tx.db.Statement.Context, row)
	}
	if err := tx.runner().insert(&texts.addSession, values...); err != nil {
		return fmt.Errorf("create session: %w", err)
	}
	if keep < 1 {
		return nil
	}
	var old []string // never the new one, even if clocks differ
	scan := func(rows *sql.Rows) error {
		old = append(old, "")
		return rows.Scan(&old[len(old)-1])
	}
	err := tx.runner().each(&texts.oldSessions, scan, session.UserID, false, session.ID, 100, keep-1)
	if err != nil || len(old) == 0 {
		return err
	}
	for _, id := range old {
		tx.changed = append(tx.changed, id)
	}
	return tx.endSessions("id IN ?", old).Error
}

// EndSessionByKey ends the session with this key hash. ErrNotFound means that there is no such session.
func (s *Store) EndSessionByKey(ctx context.Context, keyHash string) error {
	err := s.retry(ctx, func() error {
		return orNotFound(s.db.WithContext(ctx).Where("key_hash = ?", keyHash).Delete(&models.Session{}))
	})
	if !errors.Is(err, ErrNotFound) { // strangers can send made-up keys
		s.changed(keyHash)
	}
	return err
}

// EndSessionByKey ends the session with this key hash, if it exists.
func (tx *Tx) EndSessionByKey(keyHash string) error {
	tx.changed = append(tx.changed, keyHash)
	return tx.endSessions("key_hash = ?", keyHash).Error
}

// Rotate makes the next refresh token of a session the current one, if the one of generation still is. If several callers
// try, it succeeds for one.
func (s *Store) Rotate(ctx context.Context, id string, generation int64, at time.Time) (bool, error) {
	var won bool
	defer s.changed(id)
	err := s.retry(ctx, func() error {
		r := s.db.WithContext(ctx).Table(sessions).Where("id = ? AND refresh_generation = ?", id, generation).
			Updates(map[string]any{"refresh_generation": generation + 1, "refreshed_at": at, "last_seen_at": at})
		won = r.RowsAffected == 1
		return r.Error
	})
	return won, err
}

// LowerSessions makes the sessions of a user ones that have proven one factor.
func (tx *Tx) LowerSessions(userID int64) error {
	tx.changed = append(tx.changed, userID)
	return tx.db.Table(sessions).Where("user_id = ? AND factors > ?", userID, 1).Update("factors", 1).Error
}

// EndSessionByID ends the session with this ID. ErrNotFound means that there is no such session.
func (s *Store) EndSessionByID(ctx context.Context, id string) error {
	defer s.changed(id)
	return s.retry(ctx, func() error {
		return orNotFound(s.db.WithContext(ctx).Where("id = ?", id).Delete(&models.Session{}))
	})
}

// EndSession ends one session, or one personal token, of a user. ErrNotFound means that this user has none with this ID
// (T015).
func (s *Store) EndSession(ctx context.Context, userID int64, id string, personal bool) error {
	defer s.changed(id)
	return s.retry(ctx, func() error {
		return orNotFound(s.db.WithContext(ctx).Where(oneSession, id, userID, personal).Delete(&models.Session{}))
	})
}

// EndSession is Store.EndSession within a transaction.
func (tx *Tx) EndSession(userID int64, id string, personal bool) error {
	tx.changed = append(tx.changed, id)
	return orNotFound(tx.endSessions(oneSession, id, userID, personal))
}

const (
	oneSession    = "id = ? AND user_id = ? AND personal = ?"
	otherSessions = "user_id = ? AND id <> ? AND personal IN ?"
)

// EndSessions ends all sessions and personal tokens of a user except one.
func (tx *Tx) EndSessions(userID int64, except string) error {
	tx.changed = append(tx.changed, userID)
	return tx.endSessions("user_id = ? AND id <> ?", userID, except).Error
}

// EndOtherSessions ends all sessions of a user except one and, if tokens is true, the user's personal tokens.
func (s *Store) EndOtherSessions(ctx context.Context, userID int64, except string, tokens bool) error {
	defer s.changed(userID)
	return s.retry(ctx, func() error {
		return s.db.WithContext(ctx).Where(otherSessions, userID, except, []bool{false, tokens}).Delete(&models.Session{}).Error
	})
}

// EndOtherSessions is Store.EndOtherSessions within a transaction.
func (tx *Tx) EndOtherSessions(userID int64, except string, tokens bool) error {
	tx.changed = append(tx.changed, userID)
	return tx.endSessions(otherSessions, userID, except, []bool{false, tokens}).Error
}

// EndSessionsBy ends the sessions of a user that began with a method, or that have its proof.
func (tx *Tx) EndSessionsBy(userID int64, method string) error {
	tx.changed = append(tx.changed, userID)
	return tx.endSessions("user_id = ? AND personal = ? AND (method = ? OR proofs LIKE ?)", userID, false, method, "%"+method+"@%").Error
}

// RekeySession gives a session the ID, key and epoch of renewed and, if proven is true, its proofs. With a new ID, it also
// gets renewed's number of refreshes: refreshes in between returned tokens of the old ID.
func (tx *Tx) RekeySession(id string, renewed *models.Session, proven bool) error {
	tx.changed = append(tx.changed, id)
	columns := map[string]any{"id": renewed.ID, "key_hash": renewed.KeyHash, "epoch": renewed.Epoch}
	if proven {
		columns["factors"], columns["proofs"], columns["proven_at"] = renewed.Factors, renewed.Proofs, renewed.ProvenAt
	}
	if renewed.ID != id {
		columns["refresh_generation"] = renewed.RefreshGeneration
	}
	return tx.db.Table(sessions).Where("id = ?", id).Updates(columns).Error
}

// EndSessionByID ends the session with this ID, if it exists.
func (tx *Tx) EndSessionByID(id string) error {
	tx.changed = append(tx.changed, id)
	return tx.endSessions("id = ? AND personal = ?", id, false).Error
}

// EndedSession ends the session with this ID, and reports whether it existed. OnActingEnd is not called.
func (tx *Tx) EndedSession(id string) (bool, error) {
	tx.changed = append(tx.changed, id)
	r := tx.db.Where("id = ?", id).Delete(&models.Session{})
	return r.RowsAffected == 1, r.Error
}

// Refresh records that the user of a session has authenticated again, with the proofs that the session has then.
func (s *Store) Refresh(ctx context.Context, id, proofs string, at time.Time) error {
	defer s.changed(id)
	return s.retry(ctx, func() error {
		return s.db.WithContext(ctx).Table(sessions).Where("id = ?", id).Updates(map[string]any{"proven_at": at, "proofs": proofs}).Error
	})
}

// Touch records that a session was used, unless a later use is recorded. A use that is too far in the future to be one is replaced.
func (s *Store) Touch(ctx context.Context, id string, at time.Time) error {
	defer s.changed(id)
	return s.retry(ctx, func() error {
		return s.db.WithContext(ctx).Table(sessions).Where("id = ? AND (last_seen_at < ? OR last_seen_at > ?)", id, at, at.Add(ratelimit.Skew)).
			Updates(map[string]any{"last_seen_at": at}).Error
	})
}

// Sessions lists the valid sessions, or personal tokens, of a user: they have the user's epoch, have not expired and, for
// sessions, were seen after idleSince. The most recently seen comes first.
func (s *Store) Sessions(ctx context.Context, u *models.User, personal bool, now, idleSince time.Time) ([]models.Session, error) {
	var all []models.Session
	err := s.retry(ctx, func() error {
		q := s.db.WithContext(ctx).Where("user_id = ? AND epoch = ? AND expires_at > ? AND personal = ?", u.ID, u.SessionEpoch, now, personal)
		if !personal {
			q = q.Where("last_seen_at > ?", idleSince)
		}
		return q.Order("last_seen_at DESC, created_at DESC").Find(&all).Error
	})
	return all, err
}

// Sweep deletes the sessions that expired by now or were last seen before idleSince. It returns how many.
func (s *Store) Sweep(ctx context.Context, now, idleSince time.Time) (int64, error) {
	return deleteBatches[string](ctx, s, &models.Session{}, "id", func(db *gorm.DB) *gorm.DB {
		return db.Where("expires_at <= ? OR personal = ? AND last_seen_at <= ?", now, false, idleSince)
	})
}

// CreateToken inserts a personal token, or returns ErrTooMany if the user has reached the limit. The user must be locked, so
// that concurrent calls cannot exceed it.
func (tx *Tx) CreateToken(token *models.Session, now time.Time, most int) error {
	var n int64
	err := tx.db.Table(sessions).Where("user_id = ? AND personal = ? AND expires_at > ?", token.UserID, true, now).Count(&n).Error
	if err != nil {
		return err
	}
	if n >= int64(most) {
		return ErrTooMany
	}
	return tx.db.Create(token).Error
}

// StillIn returns ErrChanged unless this session exists and has the user's epoch. It is for transactions that have changed
// or locked the user: the result then holds until they end.
func (tx *Tx) StillIn(userID int64, session string) error {
	var n int64
	quote := (&gorm.Statement{DB: tx.db}).Quote
	err := tx.db.Table(sessions+" s").Joins("JOIN "+quote(tx.store.users)+" u ON u.id = s.user_id AND u.session_epoch = s.epoch").
		Where("s.id = ? AND u.id = ?", session, userID).Count(&n).Error
	if err == nil && n == 0 {
		err = ErrChanged
	}
	return err
}

// LockedIn is StillIn for a transaction that begins with it. It locks the user first.
func (tx *Tx) LockedIn(userID int64, session string) error {
	if err := tx.LockUser(userID); err != nil {
		return err
	}
	return tx.StillIn(userID, session)
}
