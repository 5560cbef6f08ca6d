package main

// The command rows: how many bytes each table that grows takes per row, with its indexes.

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/models"
)

func rows(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench rows", flag.ContinueOnError)
	n := flags.Int("rows", 100_000, "`number` of rows of each table")
	kinds := flags.String("databases", "postgres,mysql", "`list` of postgres and mysql")
	if err := flags.Parse(args); err != nil {
		return err
	}
	fmt.Printf("%s, %d rows of each table\n", machine(), *n)
	for kind := range strings.SplitSeq(*kinds, ",") {
		if err := rowsOn(ctx, kind, *n); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}

// grows are the tables that grow with users, logins and mails, and the values of a copy. Keys are random, in random order, as those of real logins are.
func grows(kind string) map[any]map[string]string {
	key, name, email := random[kind], "CONCAT('user', s.n)", "CONCAT('user', s.n, '@example.com')"
	return map[any]map[string]string{
		&models.User{}:       {"id": "s.n", "username": name, "username_key": name, "email": email, "email_key": email},
		&models.Email{}:      {"id": "s.n", "user_id": "s.n", "address": email, "email_key": email, "verified_key": email},
		&models.Session{}:    {"id": "SUBSTR(" + key + ", 1, 26)", "user_id": "s.n", "key_hash": key},
		&models.Event{}:      {"id": "s.n", "user_id": "s.n"},
		&models.OutboxMail{}: {"id": "s.n", "user_id": "s.n", "recipient": email},
		&models.Ticket{}:     {"selector": "SUBSTR(" + key + ", 1, 26)", "user_id": "s.n", "address": email, "email_key": email},
	}
}

func rowsOn(ctx context.Context, kind string, n int) error {
	d, drop, err := create(ctx, kind, os.TempDir())
	if err != nil {
		return err
	}
	defer drop()
	db, pool, err := d.open()
	if err != nil {
		return err
	}
	defer pool.Close()
	db = db.WithContext(ctx)
	if err := addFirst(ctx, db, cheapHash); err != nil {
		return err
	}
	if err := addOthers(db); err != nil {
		return err
	}
	for model, values := range grows(kind) {
		progress(os.Stderr, "%s, filling %T", kind, model)
		if err := copyRow(db, kind, model, values, 2, n); err != nil {
			return err
		}
	}
	progress(os.Stderr, "")
	return printSizes(db, kind, n)
}

// addOthers adds the first event, mail and ticket, as a login and a sign-up leave them, and a browser to the session.
func addOthers(db *gorm.DB) error {
	const browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
	now, hash := time.Now().UTC().Truncate(time.Millisecond), strings.Repeat("0123456789abcdef", 4)
	address := username(1) + "@example.com"
	for _, row := range []any{
		&models.Event{CreatedAt: now, Event: "login", UserID: 1, SessionID: strings.Repeat("A", 26), Method: "password", IP: "203.0.113.57", UserAgent: browser},
		&models.OutboxMail{
			MessageID: strings.Repeat("A", 26), UserID: 1, Kind: "verify", Recipient: address, Ticket: strings.Repeat("A", 26), Lang: "en",
			State: models.MailSent, Priority: models.MailLast, Tries: 1, NextTryAt: now, CreatedAt: now, SentAt: &now,
		},
		&models.Ticket{
			Selector: strings.Repeat("A", 26), Purpose: "verify", UserID: 1, Address: address, Key: models.Key(address), State: hash,
			VerifierHash: hash, CodeHash: hash, CreatedAt: now, ExpiresAt: now, CodeExpiresAt: now, UsedAt: &now,
		},
	} {
		if err := db.Create(row).Error; err != nil {
			return err
		}
	}
	return db.Exec("UPDATE auth_session SET user_agent = ?, ip = ?", browser, "203.0.113.57").Error
}

// sizes are queries for the bytes of a table and of its indexes. InnoDB keeps the rows in the index of the primary key, which counts
// as the table.
var sizes = map[string]string{
	"postgres": "SELECT pg_table_size(?::text::regclass) AS data, pg_indexes_size(?::text::regclass) AS indexes",
	"mysql": "SELECT data_length AS data, index_length AS indexes FROM information_schema.tables " +
		"WHERE table_schema = DATABASE() AND table_name = ? AND table_name = ?",
}

func printSizes(db *gorm.DB, kind string, n int) error {
	table := [][]string{{"table", "row", "its part of the indexes", "both"}}
	for _, name := range []string{"auth_user", "auth_email", "auth_session", "auth_event", "auth_outbox", "auth_ticket"} {
		settled := map[string]string{"postgres": "VACUUM ANALYZE ", "mysql": "ANALYZE TABLE "}[kind]
		if err := db.Exec(settled + name).Error; err != nil {
			return err
		}
		var size struct{ Data, Indexes int }
		if err := db.Raw(sizes[kind], name, name).Scan(&size).Error; err != nil {
			return err
		}
		bytes := func(all int) string { return fmt.Sprintf("%d bytes", all/n) }
		table = append(table, []string{name, bytes(size.Data), bytes(size.Indexes), bytes(size.Data + size.Indexes)})
	}
	fmt.Printf("\n%s:\n\n", kind)
	writeTable(os.Stdout, table)
	return nil
}
