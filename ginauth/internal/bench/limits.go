package main

// Lower limits for anything that queries a database or reads a cookie.

import (
	"context"
	"crypto/rand"
	"database/sql"
	"time"

	"github.com/gorilla/sessions"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/cookiestore"
)

const sevenColumns = "SELECT id, username, email, password, first_name, last_name, is_active FROM accounts WHERE id = ?"

// limits returns parts of requests as separate subjects. closeAll closes their statements.
func limits(ctx context.Context, db *gorm.DB, users int) (subjects []subject, closeAll func(), err error) {
	pool, err := db.DB()
	if err != nil {
		return nil, nil, err
	}
	row, err := pool.PrepareContext(ctx, sevenColumns)
	if err != nil {
		return nil, nil, err
	}
	if _, err = pool.ExecContext(ctx, "CREATE TABLE bench_row (id INTEGER PRIMARY KEY, text TEXT)"); err != nil {
		return nil, nil, err
	}
	insert, err := pool.PrepareContext(ctx, "INSERT INTO bench_row (text) VALUES (?)")
	if err != nil {
		return nil, nil, err
	}
	cookie, err := cookieDecode()
	if err != nil {
		return nil, nil, err
	}
	prepared, id := db.Session(&gorm.Session{PrepareStmt: true}), func(i int) int { return 1 + i%users }
	encoded, err := hasher.Hash(ctx, password)
	if err != nil {
		return nil, nil, err
	}
	return []subject{
		{"one row of 7 columns, database/sql, prepared", func(i int) error { return scan(row.QueryRowContext(ctx, id(i))) }},
		{"one row of 7 columns, GORM Raw().Row(), prepared", func(i int) error {
			return scan(prepared.WithContext(ctx).Raw(sevenColumns, id(i)).Row())
		}},
		{"one INSERT, committed", func(int) error { _, err := insert.ExecContext(ctx, "text"); return err }},
		{"our session cookie, decoded", cookie},
		{"the password hash", func(int) error {
			if !matches(ctx, encoded, password) {
				return errWrongPassword
			}
			return nil
		}},
	}, func() { _, _ = row.Close(), insert.Close() }, nil
}

func scan(row *sql.Row) error {
	var a account
	return row.Scan(&a.ID, &a.Username, &a.Email, &a.Password, &a.FirstName, &a.LastName, &a.IsActive)
}

// cookieDecode reads a cookie with the values of a login.
func cookieDecode() (func(int) error, error) {
	store, err := cookiestore.New("session", []string{"a secret that only the benchmark has"}, time.Hour, rand.Reader, time.Now)
	if err != nil {
		return nil, err
	}
	store.Options = &sessions.Options{Path: "/"}
	encoded, err := store.Codecs[0].Encode("session", map[any]any{"_ginauth": "0123456789012345678901234567890123456789012"})
	return func(int) error {
		values := map[any]any{}
		return store.Codecs[0].Decode("session", encoded, &values)
	}, err
}
