package dbtest_test

import (
	"testing"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/plugin/dbresolver"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

// TestReadsComeFromTheSource: with gorm.io/plugin/dbresolver and a replica that lags so far that it has no tables yet,
// all routes work, whether or not the source is named.
func TestReadsComeFromTheSource(t *testing.T) {
	t.Parallel()
	for name, sources := range map[string]bool{"only replicas": false, "sources too": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := testdb.SQLite(t)
			replicas := dbresolver.Config{Replicas: []gorm.Dialector{sqlite.Open("file:" + t.TempDir() + "/replica.db")}}
			if sources {
				replicas.Sources = []gorm.Dialector{sqlite.Open("file:" + t.TempDir() + "/source.db?_busy_timeout=10000&_txlock=immediate")}
			}
			if err := db.Use(dbresolver.Register(replicas)); err != nil {
				t.Fatal(err)
			}
			var mailbox authtest.Mailbox
			app := authtest.New(t, db, mailbox.Configure)
			ann := browsers(t, app)()
			ann.Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
			for _, path := range []string{"/auth/user/", "/auth/sessions/", "/auth/emails/"} {
				ann.Get(path).Want(200)
			}
			ann.Post("/auth/login/", authtest.Login("ann")).Want(200)
			ann.Post("/auth/password/reset/", binding.ResetPassword{Email: "ann@example.com"}).Want(200)
			if _, err := app.Auth.SendOutbox(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := app.Auth.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
			ann.Post("/auth/logout/", nil).Want(200)
		})
	}
}
