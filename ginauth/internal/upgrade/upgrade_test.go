package upgrade_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/admin"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/impersonate"
	"github.com/ginauth/gin-rest-auth/ginauth/invite"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
)

// newer are the features that are newer than the databases.
func newer() []core.Feature {
	return []core.Feature{admin.Feature(admin.Options{}), invite.Feature(invite.Options{Page: authtest.Site + "/signup?invitation={key}"}), impersonate.Feature(impersonate.Options{})}
}

// TestUpgrade migrates databases of earlier commits. No row is lost, and what users have keeps working.
func TestUpgrade(t *testing.T) {
	commits, err := filepath.Glob("testdata/*")
	if err != nil || len(commits) == 0 {
		t.Fatal("no databases", err)
	}
	for _, commit := range commits {
		for name, openDB := range databases {
			t.Run(filepath.Base(commit)+"/"+name, func(t *testing.T) {
				t.Parallel()
				db := openDB(t)
				load(t, db, filepath.Join(commit, name+".sql.gz"))
				text, err := os.ReadFile(filepath.Join(commit, name+".json"))
				if err != nil {
					t.Fatal(err)
				}
				var have accounts
				if err := json.Unmarshal(text, &have); err != nil {
					t.Fatal(err)
				}
				a := open(t, db, newer()...)
				a.Clock.Advance(2 * time.Minute) // since the first step of TestFill
				a.migrate(t, db)
				a.use(t, have)
			})
		}
	}
}

// load runs the statements of a file.
func load(t *testing.T, db *gorm.DB, path string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacker, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacker)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pool.Conn(t.Context()) // one connection, because the statements set it up
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for statement := range strings.SplitSeq(string(text), ";\n") {
		if statement = strings.TrimSpace(statement); statement == "" {
			continue
		}
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%v in %s", err, statement)
		}
	}
}

// migrate wants all migrations to run, and every row to stay.
func (a application) migrate(t *testing.T, db *gorm.DB) {
	t.Helper()
	before := tables(t, db)
	for table, n := range before {
		if n == 0 && table != "auth_social_code" {
			t.Errorf("%s had no rows", table)
		}
	}
	pending, err := a.Auth.PendingMigrations(t.Context())
	if err != nil || len(pending) == 0 || slices.Contains(pending, "0001_tables") {
		t.Errorf("pending were %q, %v", pending, err)
	}
	if err := a.Auth.Ready(t.Context()); err == nil {
		t.Error("it was ready before")
	}
	if err := a.Auth.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := tables(t, db)
	for table, n := range before {
		if table != "auth_migration" && table != "auth_permission" && table != "django_content_type" && after[table] != n {
			t.Errorf("%s had %d rows, and has %d", table, n, after[table])
		}
	}
	var left strings.Builder
	if err := a.Auth.MigrationSQL(t.Context(), &left); err != nil || left.Len() > 0 {
		t.Errorf("Migrate did not do:\n%s %v", left.String(), err)
	}
	if err := a.Auth.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

// use does what the users do the next day.
func (a application) use(t *testing.T, have accounts) {
	with := func(header string) *authtest.Client {
		c := a.Client(t)
		c.Header.Set("Authorization", header)
		return c
	}
	browser := a.Client(t)
	browser.Cookies = have.Browser
	browser.Get("/auth/sessions/").Want(200)
	browser.Get("/auth/security/events/").Want(200)
	with("Token " + have.Key).Get("/auth/user/").Want(200)
	with("Bearer " + have.Access).Get("/auth/user/").Want(200)
	with("Token " + have.Personal).Get("/auth/user/").Want(200)
	var next struct{ Access string }
	a.Client(t).Post("/auth/token/refresh/", map[string]string{"refresh": have.Refresh}).Want(200).JSON(&next)
	with("Bearer " + next.Access).Get("/auth/user/").Want(200)
	a.Client(t).Post("/auth/login/", authtest.Login("ann")).Want(200)
	a.secondFactor(t, have)

	a.Client(t).Post("/auth/login/", authtest.Login("eve")).WantProblems("non_field_errors account_banned")
	cho := a.Client(t)
	cho.Post("/auth/login/", authtest.Login("cho")).Want(200)
	var keys []map[string]any
	if cho.Get("/auth/passkeys/").Want(200).JSON(&keys); len(keys) != 1 {
		t.Errorf("passkeys: %v", keys)
	}
	rights, err := roles.Of(t.Context(), a.Auth, a.id(t, cho))
	if err != nil || !rights.In("Sales") || !rights.Can("orders.change_order") {
		t.Errorf("%+v, %v", rights, err)
	}
	dee := a.idp.Login(a.App, google, socialtest.Claims{"sub": "1", "email": "dee@gmail.com", "email_verified": true})
	if got := a.id(t, dee); got != have.Dee {
		t.Errorf("the account of the provider belongs to user %d, not %d", got, have.Dee)
	}

	waiting := a.Mails(t, a.box)
	if len(waiting) == 0 || *a.received == 0 {
		t.Fatalf("%d mails and %d web-hooks waited", len(waiting), *a.received)
	}
	of := slices.IndexFunc(waiting, func(m authtest.Mail) bool { return m.Kind == "verify" })
	a.Client(t).Post("/auth/registration/verify-email/", map[string]string{"key": waiting[of].Key(t)}).Want(200)
	reset := map[string]string{"uid": have.ResetUID, "token": have.Reset, "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}
	a.Client(t).Post("/auth/password/reset/confirm/", reset).Want(200)
	a.Client(t).Post("/auth/password/reset/confirm/", reset).Want(400)
	a.Client(t).Post("/auth/login/", map[string]string{"username": "hal", "password": "Mirror-Maze-88"}).Want(200)
	a.signUp(t, "gus").Post("/auth/logout/", nil).Want(200)
}

// secondFactor logs bob in with the app, a recovery code, and the trusted browser.
func (a application) secondFactor(t *testing.T, have accounts) {
	t.Helper()
	for _, code := range []string{a.TOTPWith(t, have.Secret).Code(), have.Recovery[0]} {
		browser := a.Client(t)
		var asked struct {
			Token string `json:"ephemeral_token"`
		}
		browser.Post("/auth/login/", authtest.Login("bob")).Want(200).JSON(&asked)
		browser.Post("/auth/mfa/verify/", map[string]any{"ephemeral_token": asked.Token, "code": code}).Want(200)
		browser.Get("/auth/user/").Want(200)
	}
	trusted := a.Client(t)
	trusted.Cookies = have.Trusted
	trusted.Get("/auth/user/").Want(200)
	trusted.Post("/auth/logout/", nil).Want(200)
	trusted.Post("/auth/login/", authtest.Login("bob")).Want(200)
	trusted.Get("/auth/user/").Want(200) // no code was asked for
}
