package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
)

// checked runs `example check` and returns what it printed.
func checked(t *testing.T, env map[string]string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out bytes.Buffer
	err := run(ctx, []string{"check"}, func(n string) string { return env[n] }, strings.NewReader(""), &out, io.Discard)
	return out.String(), err
}

// TestCheck: the defaults are for development. check names the variables that change them, and creates no tables.
func TestCheck(t *testing.T) {
	t.Parallel()
	for name, database := range databases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if file, ok := strings.CutPrefix(database["DATABASE_URL"], "sqlite:"); ok { // as a first start creates them
				if err := errors.Join(os.WriteFile(file, nil, 0o600), os.WriteFile(file+".secret", []byte(rand.Text()+rand.Text()), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			out, err := checked(t, database)
			if err == nil || !strings.Contains(err.Error(), "fix the 4 errors above") {
				t.Errorf("got %v", err)
			}
			for _, want := range []string{
				"error: Cookie.InsecureHTTP (PUBLIC_URL): ", "error: Mail.Sender (MAIL_URL): ", "error: Mail.URLs (FRONTEND_URL): ",
				"error: auth.Migrate: missing in the database: auth_user, auth_session, ", ", auth_totp, ", "auth_passkey", "warning: Mail.From (MAIL_FROM): ",
				"note: TrustedProxies (TRUSTED_PROXIES): ", "set PUBLIC_URL=https://", "MAIL_URL=smtp://",
			} {
				if !strings.Contains(out, want) {
					t.Errorf("%q is missing in:\n%s", want, out)
				}
			}
			if n := strings.Count(out, "\n"); n != 6 {
				t.Errorf("%d lines:\n%s", n, out)
			}
			checkLive(t, database)
		})
	}
}

// checkLive checks a database with tables and the settings of a server on the internet.
func checkLive(t *testing.T, database map[string]string) {
	t.Helper()
	s := start(t, database) // creates the tables
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	live := map[string]string{
		"PUBLIC_URL": "https://app.example.com", "MAIL_URL": "smtp://u:canary@smtp.example.com", "MAIL_FROM": "Acme <no-reply@acme.example>",
		"TRUSTED_PROXIES": "10.0.0.1", "DATABASE_URL": database["DATABASE_URL"], "AUTH_SECRET": database["AUTH_SECRET"],
	}
	if out, err := checked(t, live); err != nil || out != "No problems found.\n" {
		t.Errorf("%v:\n%s", err, out)
	}
	live["AUTH_SECRET"], live["FRONTEND_URL"] = "8c4f1b7a60d92e53b8f7c4d1a0e9263f", "http://localhost:5173"
	out, err := checked(t, live)
	if err == nil || !strings.Contains(out, "warning: Secret (AUTH_SECRET): ") || strings.Contains(out, "canary") || strings.Contains(out, live["AUTH_SECRET"]) {
		t.Errorf("%v:\n%s", err, out)
	}
	live["FRONTEND_URL"], live["MAIL_URL"] = "", "dir:"+t.TempDir()
	if out, err := checked(t, live); err == nil || !strings.Contains(out, "error: Mail.Sender (MAIL_URL): writes mails to files, and sends none") {
		t.Errorf("%v:\n%s", err, out)
	}
	live["MAIL_URL"] = "smtp://u:canary@smtp.example.com"
	if out, err := checked(t, live); err != nil || !strings.HasPrefix(out, "warning: ") { // warnings alone do not fail
		t.Errorf("%v:\n%s", err, out)
	}
}

func TestCheckReportsErrorsOfNew(t *testing.T) {
	t.Parallel()
	env := sqliteEnv(t)
	if err := os.WriteFile(strings.TrimPrefix(env["DATABASE_URL"], "sqlite:"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"AUTH_SECRET": "short", "AUTH_MODES": "session,magic", "AUTH_HASH": "md5", "DEFAULT_LOCALE": "tlh", "JWT_TRANSPORT": "both",
		"TRUSTED_PROXIES": "0.0.0.0/0", "FRONTEND_URL": "http://app.example.com",
	} {
		env[name] = value
	}
	out, err := checked(t, env)
	if err == nil || err.Error() != "not ready to go live: fix the 13 errors above" {
		t.Errorf("got %v", err)
	}
	for _, want := range []string{
		"error: Secret (AUTH_SECRET): must have at least 32 bytes, has 5; make one with: openssl rand -base64 48\n",
		`error: Login (AUTH_MODES): "magic" is invalid; `, "error: Hash.Algorithm (AUTH_HASH): ", "error: JWT.Transport (JWT_TRANSPORT): ",
		`error: DefaultLocale (DEFAULT_LOCALE): the default language "tlh" is not among `, "error: TrustedProxies (TRUSTED_PROXIES): ",
		"error: Mail.URLs.Verify (FRONTEND_URL): \"http://app.example.com/account/verify-email/{key}\" must be https", // and three others
		"error: Cookie.InsecureHTTP (PUBLIC_URL): ", "error: Mail.Sender (MAIL_URL): ", "error: auth.Migrate: missing ",
		"warning: TrustedOrigins (PUBLIC_URL, FRONTEND_URL): ", "warning: Mail.From (MAIL_FROM): ",
	} {
		if strings.Count(out, want) != 1 {
			t.Errorf("%q is missing in:\n%s", want, out)
		}
	}
	if n := strings.Count(out, "\n"); n != 15 {
		t.Errorf("%d lines:\n%s", n, out)
	}
}

// TestCheckCreatesNothing: check does not create a missing database or secret.
func TestCheckCreatesNothing(t *testing.T) {
	t.Parallel()
	env := sqliteEnv(t)
	file := strings.TrimPrefix(env["DATABASE_URL"], "sqlite:")
	for _, secret := range []string{"", rand.Text() + rand.Text()} {
		env["AUTH_SECRET"] = secret
		out, err := checked(t, env)
		if err == nil || err.Error() != "there is no database "+file+"; start the server once, or set DATABASE_URL" || out != "" {
			t.Errorf("%v: %s", err, out)
		}
		if files, err := os.ReadDir(filepath.Dir(file)); err != nil || len(files) != 0 {
			t.Errorf("%v, %v", files, err)
		}
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	env["AUTH_SECRET"] = ""
	out, err := checked(t, env)
	if err == nil || err.Error() != "AUTH_SECRET is not set, and there is no "+file+".secret yet" || out != "" {
		t.Errorf("%v: %s", err, out)
	}
	if files, err := os.ReadDir(filepath.Dir(file)); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
}

// TestCheckOfMySQLTimes: check finds a DSN with wrong time settings, even before the tables exist.
func TestCheckOfMySQLTimes(t *testing.T) {
	t.Parallel()
	base := os.Getenv("GINAUTH_TEST_MYSQL")
	if base == "" {
		t.Skip("GINAUTH_TEST_MYSQL is not set")
	}
	for _, c := range []struct {
		parse bool
		zone  *time.Location
		want  string
	}{
		{true, time.UTC, ""},
		{true, time.FixedZone("Asia/Tokyo", 9*3600), `stored in the zone "Asia/Tokyo"`},
		{false, time.UTC, "the MySQL DSN needs parseTime=true&loc=UTC"},
	} {
		dsn, err := mysqldriver.ParseDSN(base)
		if err != nil {
			t.Fatal(err)
		}
		dsn.ParseTime, dsn.Loc = c.parse, c.zone
		db, err := gorm.Open(mysql.Open(dsn.FormatDSN()), &gorm.Config{Logger: logger.Discard})
		if err != nil {
			t.Fatal(err)
		}
		if pool, err := db.DB(); err == nil {
			defer pool.Close()
		}
		auth, err := ginauth.New(db, config.Config{Secret: config.Secret(rand.Text() + rand.Text())})
		if err != nil {
			t.Fatal(err)
		}
		said := fmt.Sprint(auth.Check(t.Context()))
		if !strings.Contains(said, c.want) || (c.want == "") == strings.Contains(said, "parseTime=true&loc=UTC") || strings.Contains(said, "the clock") {
			t.Errorf("parseTime %v, loc %s: %s", c.parse, c.zone, said)
		}
	}
}
