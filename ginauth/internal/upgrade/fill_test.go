package upgrade_test

// A database of this commit, as statements.

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
)

// TestFill writes databases of this commit to the folder in GINAUTH_FILL.
func TestFill(t *testing.T) {
	folder := os.Getenv("GINAUTH_FILL")
	if folder == "" {
		t.Skip("set GINAUTH_FILL, or use .ci/olddatabase")
	}
	for name, openDB := range databases {
		t.Run(name, func(t *testing.T) {
			db := openDB(t)
			a := open(t, db)
			if err := a.Auth.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			filled, err := json.MarshalIndent(a.fill(t), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			for table, n := range tables(t, db) {
				if n == 0 && table != "auth_social_code" { // of logins that take seconds
					t.Errorf("%s has no rows", table)
				}
			}
			write(t, filepath.Join(folder, name+".json"), filled)
			var packed bytes.Buffer
			packer := gzip.NewWriter(&packed)
			if _, err := packer.Write([]byte(dump(t, db, name))); err != nil {
				t.Fatal(err)
			}
			if err := packer.Close(); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(folder, name+".sql.gz"), packed.Bytes())
		})
	}
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// fill uses the application so that every table has rows.
func (a application) fill(t *testing.T) (out accounts) {
	ann, bob, cho, eve := a.signUp(t, "ann"), a.signUp(t, "bob"), a.signUp(t, "cho"), a.signUp(t, "eve")
	out.Browser = ann.Cookies
	logIn := func(name, credential string, into any) *authtest.Client {
		browser := a.Client(t)
		browser.Do("POST", "/auth/login/", authtest.Login(name), "Auth-Credential", credential).Want(200).JSON(into)
		return browser
	}
	var token struct{ Key, Access, Refresh string }
	logIn("ann", "token", &token)
	out.Key = token.Key
	logIn("ann", "jwt", &token)
	out.Access, out.Refresh = token.Access, token.Refresh
	ann.Post("/auth/tokens/", map[string]any{"name": "backup"}).Want(201).JSON(&token)
	out.Personal = token.Key

	a.signUp(t, "hal")
	a.Mails(t, a.box)
	a.Client(t).Post("/auth/password/reset/", map[string]string{"email": "hal@example.com"}).Want(200)
	for _, m := range a.Mails(t, a.box) {
		out.ResetUID, out.Reset = m.UID(t), m.Key(t)
	}

	app := a.TOTP(t, bob)
	out.Secret, out.Recovery = app.Secret, app.RecoveryCodes
	browser := a.Client(t)
	var asked struct {
		Token string `json:"ephemeral_token"`
	}
	browser.Post("/auth/login/", authtest.Login("bob")).Want(200).JSON(&asked)
	browser.Post("/auth/mfa/verify/", map[string]any{"ephemeral_token": asked.Token, "code": app.Code(), "trust": true}).Want(200)
	out.Trusted = browser.Cookies

	a.Passkey(t, cho)
	if err := errors.Join(
		roles.Grant(t.Context(), a.Auth, a.id(t, cho), "orders.change_order"), roles.AddToGroups(t.Context(), a.Auth, a.id(t, cho), "Sales"),
	); err != nil {
		t.Fatal(err)
	}
	dee := a.idp.Login(a.App, google, socialtest.Claims{"sub": "1", "email": "dee@gmail.com", "email_verified": true})
	out.Dee = a.id(t, dee)

	a.Client(t).Post("/auth/login/", map[string]string{"username": "ann", "password": "a wrong one"}).Want(400)
	if err := a.Auth.Ban(t.Context(), a.id(t, eve), "spam", time.Time{}); err != nil {
		t.Fatal(err)
	}
	a.Mails(t, a.box)
	a.signUp(t, "fay") // whose mail and web-hook wait
	return out
}

func (a application) signUp(t *testing.T, name string) *authtest.Client {
	t.Helper()
	browser := a.Client(t)
	browser.Post("/auth/registration/", authtest.SignUp(name)).Want(201)
	return browser
}

func (a application) id(t *testing.T, browser *authtest.Client) int64 {
	t.Helper()
	var user struct{ PK int64 }
	browser.Get("/auth/user/").Want(200).JSON(&user)
	return user.PK
}

// dump returns the statements that make the database again.
func dump(t *testing.T, db *gorm.DB, name string) string {
	t.Helper()
	var schema string
	switch name {
	case "postgres":
		if err := db.Raw("SELECT current_schema()").Scan(&schema).Error; err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(testdb.DSN(t, "GINAUTH_TEST_POSTGRES"))
		if err != nil {
			t.Fatal(err)
		}
		text := output(t, "pg_dump", "--inserts", "--no-owner", "--no-privileges", "--schema="+schema, u.String())
		text = regexp.MustCompile(`(?m)^(--|SET |\\|SELECT pg_catalog.set_config|CREATE SCHEMA).*\n`).ReplaceAllString(text, "")
		return regexp.MustCompile(`\n{2,}`).ReplaceAllString(strings.ReplaceAll(text, schema+".", ""), "\n")
	case "mysql":
		cfg, err := mysqldriver.ParseDSN(testdb.DSN(t, "GINAUTH_TEST_MYSQL"))
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Raw("SELECT DATABASE()").Scan(&schema).Error; err != nil {
			t.Fatal(err)
		}
		host, port, _ := strings.Cut(cfg.Addr, ":")
		args := []string{"--compact", "--skip-extended-insert", "--hex-blob", "--complete-insert", "--host=" + host, "--port=" + port, "--user=" + cfg.User}
		if cfg.Passwd != "" {
			args = append(args, "--password="+cfg.Passwd)
		}
		return "SET FOREIGN_KEY_CHECKS = 0;\n" + output(t, "mariadb-dump", append(args, schema)...)
	}
	return dumpSQLite(t, db)
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func dumpSQLite(t *testing.T, db *gorm.DB) string {
	t.Helper()
	var text strings.Builder
	var objects []struct{ Type, Name, SQL string }
	if err := db.Raw(`SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid`).Scan(&objects).Error; err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		fmt.Fprintf(&text, "%s;\n", o.SQL)
		if o.Type != "table" {
			continue
		}
		columns, err := db.Migrator().ColumnTypes(o.Name)
		if err != nil {
			t.Fatal(err)
		}
		var names, values []string
		for _, c := range columns {
			names, values = append(names, `"`+c.Name()+`"`), append(values, `quote("`+c.Name()+`")`)
		}
		var rows []string
		if err := db.Raw("SELECT " + strings.Join(values, ` || ', ' || `) + ` FROM "` + o.Name + `"`).Scan(&rows).Error; err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			fmt.Fprintf(&text, "INSERT INTO %q (%s) VALUES (%s);\n", o.Name, strings.Join(names, ", "), row)
		}
	}
	return text.String()
}
