package upgrade_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/passkey"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/ginauth/social"
	"github.com/ginauth/gin-rest-auth/ginauth/social/socialtest"
	"github.com/ginauth/gin-rest-auth/ginauth/webhook"
)

// accounts are the credentials of the users in a database, as their browsers and programs keep them.
type accounts struct {
	Browser  map[string]string // cookies of ann
	Key      string            // her opaque token
	Access   string            // her tokens of another login
	Refresh  string
	Personal string // her personal token
	ResetUID string // of a mail that hal got
	Reset    string
	Secret   string // of bob's authenticator app
	Recovery []string
	Trusted  map[string]string // cookies of bob's trusted browser
	Dee      int64             // who logs in by a provider
}

type application struct {
	*authtest.App
	box      *authtest.Mailbox
	idp      *socialtest.IDP
	received *int // web-hooks
}

var google = social.Google("client-id", "client-secret")

// open returns the application on a database, with more features. It does not migrate.
func open(t *testing.T, db *gorm.DB, more ...core.Feature) application {
	t.Helper()
	a := application{box: &authtest.Mailbox{}, idp: socialtest.New(t), received: new(int)}
	features := append([]core.Feature{
		mfa.Feature(mfa.Options{TrustDays: 30}),
		passkey.Feature(passkey.Options{Origins: []string{authtest.Site}}),
		a.idp.Feature(google),
		roles.Feature(roles.Options{
			Permissions: []roles.Permission{{Name: "orders.change_order"}},
			Groups:      []roles.Group{{Name: "Sales", Permissions: []string{"orders.change_order"}}},
		}),
		webhook.Feature(webhook.Options{Transport: a, Endpoints: []webhook.Endpoint{{
			URL: "https://crm.example.com/", Secrets: []config.Secret{"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD2rEyZAGFJvI="},
			Events: []webhook.Event{webhook.UserCreated},
		}}}),
	}, more...)
	a.App = authtest.With(features...).Unmigrated(t, db, a.box.Configure, func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.SessionCookie, config.OpaqueToken, config.JSONWebToken}
		cfg.Limits = config.Limits{}
		cfg.Audit = config.Audit{Keep: 90 * 24 * time.Hour, ShowToUsers: true}
		cfg.LoginByCode = true
	})
	if err := a.Auth.Register(a.Router); err != nil {
		t.Fatal(err)
	}
	return a
}

// RoundTrip is the receiver of web-hooks.
func (a application) RoundTrip(r *http.Request) (*http.Response, error) {
	*a.received++
	return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Request: r}, nil
}

// databases are the engines with which a test runs, by the names of their files.
var databases = map[string]func(*testing.T) *gorm.DB{
	"sqlite":   func(t *testing.T) *gorm.DB { return testdb.SQLite(t) },
	"postgres": func(t *testing.T) *gorm.DB { return testdb.Postgres(t, "").Open(t) },
	"mysql":    func(t *testing.T) *gorm.DB { return testdb.MySQL(t, "GINAUTH_TEST_MYSQL", "utf8mb4").Open(t) },
}

// tables returns the number of rows of each table.
func tables(t *testing.T, db *gorm.DB) map[string]int64 {
	t.Helper()
	names, err := db.Migrator().GetTables()
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int64{}
	for _, name := range names {
		var n int64
		if err := db.WithContext(context.Background()).Table(name).Count(&n).Error; err != nil {
			t.Fatal(err)
		}
		rows[name] = n
	}
	delete(rows, "sqlite_sequence")
	return rows
}
