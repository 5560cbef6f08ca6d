package main

// Many users and sessions at once: the database copies the rows of one real user.

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

const batch = 100_000 // rows per statement

// fill creates the tables and n users, each with an address and a session. All have the same password hash.
func fill(ctx context.Context, d database, n int, hash config.Hash) error {
	db, pool, err := d.open()
	if err != nil {
		return err
	}
	defer pool.Close()
	db = db.WithContext(ctx)
	if err := addFirst(ctx, db, hash); err != nil {
		return err
	}
	key := "CONCAT(" + fmt.Sprintf(ascending[d.kind], (1<<32)/(n+1)) + ", SUBSTR(" + random[d.kind] + ", 9))"
	name, email := "CONCAT('user', s.n)", "CONCAT('user', s.n, '@example.com')"
	for model, values := range map[any]map[string]string{
		&models.User{}:    {"id": "s.n", "username": name, "username_key": name, "email": email, "email_key": email},
		&models.Email{}:   {"id": "s.n", "user_id": "s.n", "address": email, "email_key": email, "verified_key": email},
		&models.Session{}: {"id": "SUBSTR(" + key + ", 1, 26)", "user_id": "s.n", "key_hash": key},
	} {
		for from := 2; from <= n; from += batch {
			if err := copyRow(db, d.kind, model, values, from, min(from+batch-1, n)); err != nil {
				return err
			}
		}
	}
	return settle(db, d.kind)
}

// addFirst makes user 1 with a confirmed address and a session.
func addFirst(ctx context.Context, db *gorm.DB, hash config.Hash) error {
	withHash := func(cfg *config.Config) { cfg.Hash = hash }
	auth, err := newAuth(db, withHash)
	if err != nil {
		return err
	}
	if err := auth.Migrate(ctx); err != nil {
		return err
	}
	user := &models.User{FirstName: "Ann", LastName: "Liddell"}
	user.SetUsername(username(1))
	user.SetEmail(username(1) + "@example.com")
	if err := auth.CreateUser(ctx, user, password); err != nil {
		return err
	}
	if err := auth.ConfirmEmail(ctx, user.ID, user.Email); err != nil {
		return err
	}
	ours, err := newOurs(db, mode{name: "the first session", credential: cookies, configure: withHash})
	if err != nil {
		return err
	}
	_, err = ours.logInAll(1)
	return err
}

// copyRow copies the table's first row once for each n, with different values in some columns.
func copyRow(db *gorm.DB, kind string, model any, values map[string]string, from, to int) error {
	parsed, err := schema.Parse(model, &sync.Map{}, db.NamingStrategy)
	if err != nil {
		return err
	}
	var expressions []string
	for _, column := range parsed.DBNames {
		expression, ok := values[column]
		if !ok {
			expression = "t." + column
		}
		expressions = append(expressions, expression)
	}
	first := "t.id = 1"
	if parsed.Table == "auth_session" || parsed.Table == "auth_ticket" { // their IDs are random
		first = "t.user_id = 1"
	}
	return db.Exec(fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s s, %s t WHERE %s", parsed.Table,
		strings.Join(parsed.DBNames, ", "), strings.Join(expressions, ", "), series(kind, from, to), parsed.Table, first)).Error
}

// series is a table of the numbers n.
func series(kind string, from, to int) string {
	switch kind {
	case "postgres":
		return fmt.Sprintf("(SELECT n FROM generate_series(%d, %d) n)", from, to)
	case "mysql":
		return fmt.Sprintf("(SELECT seq n FROM seq_%d_to_%d)", from, to)
	}
	return fmt.Sprintf("(WITH RECURSIVE r(n) AS (SELECT %d UNION ALL SELECT n + 1 FROM r WHERE n < %d) SELECT n FROM r)", from, to)
}

// random is 64 hexadecimal digits that look random, and differ for each n.
var random = map[string]string{
	"sqlite":   "LOWER(HEX(RANDOMBLOB(32)))",
	"postgres": "ENCODE(SHA256(CONCAT('session', s.n)::bytea), 'hex')",
	"mysql":    "SHA2(CONCAT('session', s.n), 256)",
}

// ascending is the first 8 digits instead of random ones, with steps of a given size: indexes are filled in order, which is
// many times faster, and end up as evenly filled as with random keys.
var ascending = map[string]string{
	"sqlite":   "PRINTF('%%08x', s.n * %d)",
	"postgres": "LPAD(TO_HEX(s.n::bigint * %d), 8, '0')",
	"mysql":    "LOWER(LPAD(HEX(s.n * %d), 8, '0'))",
}

// settle does what the database would later do automatically.
func settle(db *gorm.DB, kind string) error {
	return db.Exec(map[string]string{
		"sqlite": "PRAGMA wal_checkpoint(TRUNCATE)", "postgres": "VACUUM ANALYZE",
		"mysql": "ANALYZE TABLE auth_user, auth_email, auth_session",
	}[kind]).Error
}
