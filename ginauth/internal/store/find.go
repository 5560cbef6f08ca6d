package store

// Accounts, alone or with a session, found by written queries.

import (
	"context"
	"database/sql"
	"fmt"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

// findUser runs a written query for a user.
func (s *Store) findUser(ctx context.Context, w *written, values ...any) (account models.Account, err error) {
	err = s.retry(ctx, func() error {
		account = s.newUser()
		scan := func(rows *sql.Rows) error { return s.statements.user.scan(ctx, rows, account, nil) }
		if err := s.runner(ctx).first(w, scan, values...); err != nil {
			return err
		}
		return s.afterFind(ctx, account)
	})
	if err != nil {
		return nil, err
	}
	return account, nil
}

// findLive runs a written query for a session and its user.
func (s *Store) findLive(ctx context.Context, w *written, value string) (session *models.Session, account models.Account, err error) {
	err = s.retry(ctx, func() error {
		session, account = &models.Session{}, s.newUser()
		scan := func(rows *sql.Rows) error { return s.statements.live.scan(ctx, rows, account, session) }
		if err := s.runner(ctx).first(w, scan, value); err != nil {
			return err
		}
		return s.afterFind(ctx, account)
	})
	if err != nil {
		return nil, nil, wrap("find session", err)
	}
	return session, account, nil
}

// afterFind calls the GORM hook AfterFind of the application's user.
func (s *Store) afterFind(ctx context.Context, account models.Account) error {
	hook, found := account.(interface{ AfterFind(*gorm.DB) error })
	if !found {
		return nil
	}
	if err := hook.AfterFind(s.db.WithContext(ctx)); err != nil {
		return fmt.Errorf("AfterFind of %T: %w", account, err)
	}
	return nil
}
