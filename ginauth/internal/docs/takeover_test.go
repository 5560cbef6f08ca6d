package docs_test

import (
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
)

// djangoDatabase has the tables that Django 5, allauth and DRF make on SQLite, as far as they refer to users.
var djangoDatabase = []string{
	`CREATE TABLE "auth_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "password" varchar(128) NOT NULL, "last_login" datetime NULL, "is_superuser" bool NOT NULL, "username" varchar(150) NOT NULL UNIQUE, "last_name" varchar(150) NOT NULL, "email" varchar(254) NOT NULL, "is_staff" bool NOT NULL, "is_active" bool NOT NULL, "date_joined" datetime NOT NULL, "first_name" varchar(150) NOT NULL)`,
	`CREATE TABLE "auth_user_groups" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, "group_id" integer NOT NULL)`,
	`CREATE TABLE "auth_user_user_permissions" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, "permission_id" integer NOT NULL)`,
	`CREATE TABLE "django_admin_log" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "object_id" text NULL, "object_repr" varchar(200) NOT NULL, "action_flag" smallint unsigned NOT NULL CHECK ("action_flag" >= 0), "change_message" text NOT NULL, "content_type_id" integer NULL, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, "action_time" datetime NOT NULL)`,
	`CREATE TABLE "authtoken_token" ("key" varchar(40) NOT NULL PRIMARY KEY, "created" datetime NOT NULL, "user_id" integer NOT NULL UNIQUE REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED)`,
	`CREATE TABLE "account_emailaddress" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "verified" bool NOT NULL, "primary" bool NOT NULL, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, "email" varchar(254) NOT NULL)`,
	`CREATE TABLE "account_emailconfirmation" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "created" datetime NOT NULL, "sent" datetime NULL, "key" varchar(64) NOT NULL UNIQUE, "email_address_id" integer NOT NULL REFERENCES "account_emailaddress" ("id") DEFERRABLE INITIALLY DEFERRED)`,
	`CREATE UNIQUE INDEX "unique_verified_email" ON "account_emailaddress" ("email") WHERE "verified"`,
	`INSERT INTO auth_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined) VALUES
		(1, '!x', 0, 'Ann', '', '', 'Ann@Example.com', 0, 1, '2020-01-02 03:04:05.123456'), (2, '!x', 0, 'ann', '', '', 'ann2@example.com', 0, 1, '2021-01-02 03:04:05'),
		(3, '!x', 0, 'bob', '', '', 'bob@old.example', 0, 1, '2022-01-02 03:04:05'), (4, 'pbkdf2_sha256$1$a$b', 0, 'cyd', '', '', 'ann@example.com', 0, 1, '2022-01-02 03:04:05')`,
	`INSERT INTO account_emailaddress (email, verified, "primary", user_id) VALUES ('bob@new.example', 1, 0, 3), ('bob@old.example', 1, 1, 3),
		('Ann@Example.com', 1, 1, 1), ('ann@example.com', 1, 1, 4), ('ann2@example.com', 0, 1, 2)`,
}

// TestTakeover runs the program in models/README.md on a database of Django's, and wants the lines that the document explains.
func TestTakeover(t *testing.T) {
	t.Parallel()
	program, file := buildTakeover(t), filepath.Join(t.TempDir(), "db.sqlite3")
	db, err := gorm.Open(sqlite.Open(file), &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range djangoDatabase {
		if err := db.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	secret := rand.Text() + rand.Text()
	for _, c := range []struct {
		command string
		want    []string
	}{
		{"sql", []string{"ALTER TABLE `auth_user` ADD `username_key` text;", "CREATE TABLE `auth_session`"}},
		{"takeover", []string{
			"users cannot log in by name", "ids=[2]", `user 4: "ann@example.com" was not confirmed: invalid: email taken`,
			"error: Cookie.InsecureHTTP",
		}},
	} {
		run := exec.CommandContext(t.Context(), program, c.command)
		run.Env = append(os.Environ(), "DATABASE_URL=sqlite:"+file, "AUTH_SECRET="+secret)
		out, err := run.CombinedOutput()
		for _, text := range c.want {
			if err != nil || !strings.Contains(string(out), text) {
				t.Errorf("%s: %v, want %s in %s", c.command, err, text, out)
			}
		}
	}
	for query, want := range map[string]string{
		"SELECT user_id || ' ' || address FROM auth_email WHERE verified_key IS NOT NULL ORDER BY 1": "1 Ann@Example.com, 3 bob@new.example, 3 bob@old.example",
		"SELECT email FROM auth_user ORDER BY id":                                                    "Ann@Example.com, ann2@example.com, bob@old.example, ",
	} {
		var got []string
		if err := db.Raw(query).Scan(&got).Error; err != nil || strings.Join(got, ", ") != want {
			t.Errorf("%s: %q, %v", query, got, err)
		}
	}
}

// buildTakeover builds the program in models/README.md.
func buildTakeover(t *testing.T) string {
	t.Helper()
	blocks := goBlocks(t, "models/README.md")
	at := slices.IndexFunc(blocks, func(b block) bool { return b.main && strings.Contains(b.code, "func confirmAddresses(") })
	if at < 0 {
		t.Fatal("models/README.md has no program with confirmAddresses")
	}
	source, err := os.MkdirTemp(".", "block_") // inside the module, so that it finds it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(source) })
	write(t, source, "main.go", blocks[at].code)
	program := filepath.Join(t.TempDir(), "shop")
	run(t, nil, "build", "-o", program, "./"+source)
	return program
}
