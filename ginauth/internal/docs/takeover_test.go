package docs_test

import (
	"cmp"
	"crypto/rand"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
)

// djangoDatabase has the tables that Django 5, allauth, simplejwt, DRF and an application make on SQLite, as far as they refer to users.
var djangoDatabase = []string{
	`CREATE TABLE "auth_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "password" varchar(128) NOT NULL, "last_login" datetime NULL, "is_superuser" bool NOT NULL, "username" varchar(150) NOT NULL UNIQUE, "last_name" varchar(150) NOT NULL, "email" varchar(254) NOT NULL, "is_staff" bool NOT NULL, "is_active" bool NOT NULL, "date_joined" datetime NOT NULL, "first_name" varchar(150) NOT NULL)`,
	`CREATE TABLE "auth_user_groups" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, "group_id" integer NOT NULL)`,
	`CREATE TABLE "auth_user_user_permissions" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, "permission_id" integer NOT NULL)`,
	`CREATE TABLE "django_admin_log" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "object_id" text NULL, "object_repr" varchar(200) NOT NULL, "action_flag" smallint unsigned NOT NULL CHECK ("action_flag" >= 0), "change_message" text NOT NULL, "content_type_id" integer NULL, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, "action_time" datetime NOT NULL)`,
	`CREATE TABLE "authtoken_token" ("key" varchar(40) NOT NULL PRIMARY KEY, "created" datetime NOT NULL, "user_id" integer NOT NULL UNIQUE REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED)`,
	`CREATE TABLE "account_emailaddress" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "verified" bool NOT NULL, "primary" bool NOT NULL, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED, "email" varchar(254) NOT NULL)`,
	`CREATE TABLE "account_emailconfirmation" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "created" datetime NOT NULL, "sent" datetime NULL, "key" varchar(64) NOT NULL UNIQUE, "email_address_id" integer NOT NULL REFERENCES "account_emailaddress" ("id") DEFERRABLE INITIALLY DEFERRED)`,
	`CREATE TABLE "socialaccount_socialaccount" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "provider" varchar(200) NOT NULL, "uid" varchar(191) NOT NULL, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED)`,
	`CREATE TABLE "socialaccount_socialtoken" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "token" text NOT NULL, "account_id" integer NOT NULL REFERENCES "socialaccount_socialaccount" ("id") DEFERRABLE INITIALLY DEFERRED)`,
	`CREATE TABLE "token_blacklist_outstandingtoken" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "token" text NOT NULL, "user_id" integer NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED)`,
	`CREATE TABLE "mfa_authenticator" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "type" varchar(20) NOT NULL, "data" text NOT NULL, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED)`,
	`CREATE TABLE "shop_order" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED)`,
	`CREATE TABLE "shop_orderline" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "order_id" integer NOT NULL REFERENCES "shop_order" ("id") DEFERRABLE INITIALLY DEFERRED)`,
	`CREATE TABLE "shop_review" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "author_id" integer NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED)`,
	`CREATE UNIQUE INDEX "unique_verified_email" ON "account_emailaddress" ("email") WHERE "verified"`,
	`INSERT INTO auth_user (id, password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined) VALUES
		(1, '` + ofDjango + `', false, 'Ann', '', '', 'Ann@Example.com', false, true, '2020-01-02 03:04:05.123456'), (2, '!x', false, 'ann', '', '', 'ann2@example.com', false, true, '2021-01-02 03:04:05'),
		(3, '` + ofDjango + `', false, 'bob', '', '', 'bob@old.example', false, true, '2022-01-02 03:04:05'), (4, 'pbkdf2_sha256$1$a$b', false, 'cyd', '', '', 'ann@example.com', false, true, '2022-01-02 03:04:05'),
		(5, '` + ofDjango + `', false, 'dan', '', '', 'Bob@New.example', false, true, '2022-01-02 03:04:05')`,
	`INSERT INTO account_emailaddress (email, verified, "primary", user_id) VALUES ('bob@new.example', true, false, 3), ('bob@old.example', true, true, 3),
		('Ann@Example.com', true, true, 1), ('ann@example.com', true, true, 4), ('ann2@example.com', false, true, 2)`,
	`INSERT INTO auth_user_groups (user_id, group_id) VALUES (1, 1)`, `INSERT INTO authtoken_token VALUES ('k', '2022-01-02 03:04:05', 1)`,
	`INSERT INTO account_emailconfirmation (created, key, email_address_id) SELECT '2022-01-02 03:04:05', email, id FROM account_emailaddress`,
	`INSERT INTO shop_order (id, user_id) VALUES (7, 1), (8, 3)`, `INSERT INTO shop_orderline (order_id) VALUES (7), (8)`, `INSERT INTO shop_review (author_id) VALUES (1), (3)`,
	`INSERT INTO socialaccount_socialaccount (id, provider, uid, user_id) VALUES (9, 'google', 'x', 1)`, `INSERT INTO socialaccount_socialtoken (token, account_id) VALUES ('x', 9)`,
}

// ofDjango is the password "Looking-Glass-7" as Django stores it.
const ofDjango = "pbkdf2_sha256$1000$NaClNaClNaCl$BSsUMlS/EHAAM8DrC+paLZIA9p77LO55tA2WkcBNoNA="

// takeover is the program in models/README.md with a database of Django's.
type takeover struct {
	*testing.T
	db                    *gorm.DB
	program, addr, folder string
	env                   []string
}

// TestTakeover runs the program in models/README.md on a database of Django's, and wants the lines that the document explains.
func TestTakeover(t *testing.T) {
	t.Parallel()
	addr := freeAddress(t)
	program := buildTakeover(t, addr)
	t.Run("SQLite", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "db.sqlite3")
		newTakeover(t, program, addr, sqlite.Open(file), "sqlite:"+file).all()
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		dsn := emptyPostgres(t)
		newTakeover(t, program, addr, postgres.Open(dsn), dsn).all()
	})
}

func newTakeover(t *testing.T, program, addr string, dialector gorm.Dialector, database string) *takeover {
	t.Helper()
	db, err := gorm.Open(dialector, &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	m := &takeover{T: t, db: db, program: program, addr: addr, folder: t.TempDir()}
	m.env = append(os.Environ(), "DATABASE_URL="+database, "AUTH_SECRET="+rand.Text()+rand.Text(), "GIN_MODE=release")
	dialect := strings.NewReplacer()
	if db.Name() == "postgres" {
		dialect = strings.NewReplacer("integer NOT NULL PRIMARY KEY AUTOINCREMENT", "serial PRIMARY KEY", "datetime", "timestamptz", " unsigned", "")
	}
	for _, statement := range djangoDatabase {
		m.exec(dialect.Replace(statement))
	}
	if err := os.MkdirAll(filepath.Join(m.folder, "texts", "locales"), 0o700); err != nil {
		t.Fatal(err)
	}
	messages := regexp.MustCompile("(?s)```json\n(\\{\n  \"done\\..*?)```").FindStringSubmatch(docs.Read(t, "ginauth/mailer/README.md"))
	write(t, filepath.Join(m.folder, "texts", "locales"), "en.json", messages[1])
	return m
}

func (m *takeover) all() {
	m.Helper()
	m.exec(`CREATE TABLE shop_invoice (id integer PRIMARY KEY, order_id integer NOT NULL REFERENCES shop_order (id))`)
	m.exec(`ALTER TABLE shop_review RENAME TO shop_opinion`)
	m.command("takeover", false, "djangoRows has no statement for shop_invoice.order_id, which refers to shop_order",
		"djangoRows has no statement for shop_opinion.author_id, which refers to auth_user", "shop_review")
	if m.db.Migrator().HasTable("auth_session") {
		m.Error("takeover changed the database although djangoRows is not complete")
	}
	m.exec(`DROP TABLE shop_invoice`)
	m.exec(`ALTER TABLE shop_opinion RENAME TO shop_review`)
	m.command("sql", true, "auth_user", "username_key", "auth_session")
	m.command("takeover", true, "users cannot log in by name", "ids=[2]", `user 4: "ann@example.com" was not confirmed: invalid: email taken`,
		`user 5: the address is now ""`, "error: Cookie.InsecureHTTP", "error: Mail.Sender", "warning: auth.Migrate", "ids 2", "note: TrustedProxies")
	m.want("SELECT user_id || ' ' || address FROM auth_email WHERE verified_key IS NOT NULL ORDER BY 1", "1 Ann@Example.com, 3 bob@new.example, 3 bob@old.example")
	m.want("SELECT email FROM auth_user ORDER BY id", "Ann@Example.com, ann2@example.com, bob@old.example, , ")
	m.exec(`UPDATE auth_user SET username = 'ann2', username_key = NULL WHERE id = 2`)
	m.serve(func() {
		m.want("SELECT username_key FROM auth_user WHERE id = 2", "ann2")
		m.post("login/", "", `{"username": "ann", "password": "x"}`, "Unable to log in with provided credentials.")
		m.post("login/", "", `{"username": "bob", "password": "Looking-Glass-7"}`, `"refresh"`)
		login := m.post("login/", "", `{"username": "Ann", "password": "Looking-Glass-7"}`, `"access"`)
		m.want("SELECT password FROM auth_user WHERE id IN (1, 3)", ofDjango+", "+ofDjango)
		access := regexp.MustCompile(`"access":"([^"]+)"`).FindStringSubmatch(login)
		m.post("user/delete/", access[1], `{"password": "Looking-Glass-7"}`, "Your account was deleted.")
		m.want("SELECT id FROM auth_user ORDER BY id", "2, 3, 4, 5")
		m.want("SELECT order_id FROM shop_orderline", "8")
		m.want("SELECT coalesce(author_id, 0) FROM shop_review ORDER BY 1", "0, 3")
		m.exec(`INSERT INTO mfa_authenticator (type, data, user_id) VALUES ('totp', '', 3)`)
		m.post("login/", "", `{"username": "bob", "password": "Looking-Glass-7"}`, "Please log in at https://shop.example/login/.")
	})
}

func (m *takeover) exec(statement string) {
	m.Helper()
	if err := m.db.Exec(statement).Error; err != nil {
		m.Fatal(err)
	}
}

func (m *takeover) want(query, want string) {
	m.Helper()
	var got []string
	if err := m.db.Raw(query).Scan(&got).Error; err != nil || strings.Join(got, ", ") != want {
		m.Errorf("%s: %q, %v", query, got, err)
	}
}

func (m *takeover) run(command ...string) *exec.Cmd {
	run := exec.CommandContext(m.Context(), m.program, command...)
	run.Env, run.Dir = m.env, m.folder
	return run
}

func (m *takeover) command(name string, ok bool, want ...string) {
	m.Helper()
	out, err := m.run(name).CombinedOutput()
	for _, text := range want {
		if (err == nil) != ok || !strings.Contains(string(out), text) {
			m.Errorf("%s: %v, want %s in %s", name, err, text, out)
		}
	}
}

// serve runs the server until the function returns.
func (m *takeover) serve(use func()) {
	m.Helper()
	server := m.run()
	if err := server.Start(); err != nil {
		m.Fatal(err)
	}
	defer func() { _, _ = server.Process.Kill(), server.Wait() }()
	for range 200 {
		if c, err := (&net.Dialer{}).DialContext(m.Context(), "tcp", m.addr); err == nil {
			_ = c.Close()
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	use()
}

func (m *takeover) post(path, access, body, want string) string {
	m.Helper()
	r, err := http.NewRequestWithContext(m.Context(), http.MethodPost, "http://"+m.addr+"/api/v1/auth/"+path, strings.NewReader(body))
	if err != nil {
		m.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if access != "" {
		r.Header.Set("Authorization", "Bearer "+access)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		m.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(text), want) {
		m.Errorf("%s: %v, %s, want %s", path, err, text, want)
	}
	return string(text)
}

// emptyPostgres creates a database on the server of GINAUTH_TEST_POSTGRES and returns its URL.
func emptyPostgres(t *testing.T) string {
	t.Helper()
	server, err := url.Parse(cmp.Or(os.Getenv("GINAUTH_TEST_POSTGRES"), "none"))
	if err != nil || server.Host == "" {
		t.Skip("GINAUTH_TEST_POSTGRES is not a URL")
	}
	db, err := gorm.Open(postgres.Open(server.String()), &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	name := "takeover_" + strings.ToLower(rand.Text())
	if err := db.Exec("CREATE DATABASE " + name).Error; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Exec("DROP DATABASE " + name + " WITH (FORCE)").Error; err != nil {
			t.Error(err)
		}
	})
	server.Path = "/" + name
	return server.String()
}

// buildTakeover builds the program in models/README.md, with another address to listen on.
func buildTakeover(t *testing.T, addr string) string {
	t.Helper()
	blocks := goBlocks(t, "models/README.md")
	at := slices.IndexFunc(blocks, func(b block) bool { return b.main && strings.Contains(b.code, "func confirmAddresses(") })
	if at < 0 {
		t.Fatal("models/README.md has no program with confirmAddresses")
	}
	source := scratch(t, "_block_takeover")
	write(t, source, "main.go", strings.Replace(blocks[at].code, "127.0.0.1:8080", addr, 1))
	program := filepath.Join(t.TempDir(), "shop")
	run(t, nil, "build", "-o", program, "./"+source)
	return program
}
