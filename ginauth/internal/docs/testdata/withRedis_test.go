package snippet

import (
	"crypto/rand"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// play signs up and logs in on a database, and wants no error of Check about it.
func play(t *testing.T, db *gorm.DB, change ...func(*config.Config)) {
	t.Helper()
	app := authtest.New(t, db, change...)
	name := strings.ToLower(rand.Text())
	client := app.Client(t)
	client.Post("/auth/registration/", authtest.SignUp(name)).Want(201)
	client.Post("/auth/logout/", nil).Want(200)
	client.Post("/auth/login/", authtest.Login(name)).Want(200)
	client.Get("/auth/user/").Want(200)
}

func opened(t *testing.T, db *gorm.DB, err error) *gorm.DB {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if pool, err := db.DB(); err == nil {
			_ = pool.Close()
		}
	})
	return db
}

func variable(t *testing.T, name string) string {
	t.Helper()
	if os.Getenv(name) == "" {
		t.Skip("set " + name)
	}
	return os.Getenv(name)
}

func TestOpenSQLite(t *testing.T) {
	db, err := openSQLite(filepath.Join(t.TempDir(), "app.db"))
	opened(t, db, err)
	if err := withPool(db, 4); err != nil {
		t.Fatal(err)
	}
	play(t, db)
}

// TestOpenPostgres makes a database of its own, since several packages test at once.
func TestOpenPostgres(t *testing.T) {
	admin, err := gorm.Open(postgres.Open(variable(t, "GINAUTH_TEST_POSTGRES")), &gorm.Config{})
	opened(t, admin, err)
	name := "recipes_" + strings.ToLower(rand.Text())
	if err := admin.Exec("CREATE DATABASE " + name).Error; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Exec("DROP DATABASE " + name + " WITH (FORCE)") })
	u, err := url.Parse(os.Getenv("GINAUTH_TEST_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	direct, _, _ := strings.Cut(strings.TrimPrefix(u.String(), "postgres://"), "?")
	db, err := openPostgres(direct)
	opened(t, db, err)
	if err := withReplicas(db, postgres.Open(u.String())); err != nil {
		t.Fatal(err)
	}
	play(t, db)
	db, err = openPgbouncer(direct)
	play(t, opened(t, db, err))
}

func TestOpenMariaDB(t *testing.T) {
	address := variable(t, "GINAUTH_TEST_MYSQL")
	admin, err := openMariaDB(address)
	opened(t, admin, err)
	name := "recipes_" + strings.ToLower(rand.Text())
	if err := admin.Exec("CREATE DATABASE " + name).Error; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Exec("DROP DATABASE " + name) })
	server, _, _ := strings.Cut(address, "/")
	db, err := openMariaDB(server + "/" + name)
	play(t, opened(t, db, err))
	if err := admin.Exec("SET SESSION wsrep_sync_wait = 15").Error; err == nil { // MariaDB has the variable even without a cluster
		db, err = openGalera(server + "/" + name)
		play(t, opened(t, db, err))
	}
}

func TestWithRedis(t *testing.T) {
	db, err := openSQLite(filepath.Join(t.TempDir(), "app.db"))
	opened(t, db, err)
	play(t, db, func(cfg *config.Config) {
		if err := withRedis(cfg, variable(t, "GINAUTH_TEST_REDIS"), []byte("for tests only: thirty-two bytes")); err != nil {
			t.Fatal(err)
		}
	})
}
