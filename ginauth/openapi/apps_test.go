package openapi_test

import (
	"path/filepath"
	"testing"

	"github.com/gin-gonic/gin"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// openDB returns an empty database in a file.
func openDB(t testing.TB) *gorm.DB {
	t.Helper()
	db, err := gorm.Open(sqlite.Open(filepath.Join(t.TempDir(), "test.db")+"?_busy_timeout=5000&_journal_mode=WAL&_txlock=immediate"),
		&gorm.Config{Logger: logger.Discard})
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

type change = func(*config.Config)

func defaults(*config.Config) {}

// everything switches on all routes and all kinds of tokens, in the body.
func everything(box *authtest.Mailbox) change {
	return func(cfg *config.Config) {
		box.Configure(cfg)
		cfg.Login = []config.Credential{config.SessionCookie, config.OpaqueToken, config.JSONWebToken}
		cfg.AllowTokensWithCookies = true
		cfg.JWT.ReturnExpiration = true
		cfg.Token.Scopes = []string{"orders:read", "orders:write"}
		cfg.LoginByCode, cfg.LoginOnVerify, cfg.LoginOnReset, cfg.AllowLogoutOnGet = true, true, true, true
		cfg.Mail.MaxPerHour = -1
	}
}

// cookies has JSON Web Tokens in cookies and mandatory verification.
func cookies(box *authtest.Mailbox) change {
	return func(cfg *config.Config) {
		box.Configure(cfg)
		cfg.Login = []config.Credential{config.JSONWebToken}
		cfg.JWT.Transport = config.InCookies
		cfg.EmailVerification = config.VerifyMandatory
		cfg.LoginMethods = []config.LoginMethod{config.LoginByEmail}
		cfg.SignUpFields.Username = config.FieldOff
	}
}

// The types of an application with its own user, forms, views and errors.
type (
	member struct {
		models.User
		Company string `gorm:"size:80"`
		Seats   int
	}

	SignUp struct {
		binding.Register
		Company string `json:"company" binding:"required,max=80"`
		Seats   int    `json:"seats" binding:"omitempty,min=1,max=100"`
	}

	Profile struct {
		binding.UpdateUser
		Company *string `json:"company" binding:"omitnil,max=80"`
	}

	Plan struct {
		Name  string `json:"name"`
		Seats int    `json:"seats,omitempty"`
	}

	MyUser struct {
		ID      int64  `json:"id"`
		Name    string `json:"name"`
		Company string `json:"company"`
		Plan    *Plan  `json:"plan"`
	}

	MyLogin struct {
		Token   string   `json:"token"`
		Company string   `json:"company"`
		Rights  []string `json:"rights"`
	}

	MyError struct {
		Error  binding.Code      `json:"error"`
		Text   string            `json:"text"`
		Fields map[string]string `json:"fields,omitempty"`
	}
)

func (member) TableName() string { return "members" }

// customised uses these types.
func customised(cfg *config.Config) {
	cfg.Login, cfg.AllowTokensWithCookies = []config.Credential{config.SessionCookie, config.OpaqueToken}, true
	cfg.NewUser = config.Model[member]()
	cfg.Forms.SignUp = config.Form(func(f *SignUp, m *member) error {
		if f.Company == "Evil Corp" {
			return binding.Invalid("company", binding.Problem{Code: "not_welcome", Message: "We know you."})
		}
		m.Company, m.Seats = f.Company, f.Seats
		return nil
	})
	cfg.Forms.Profile = config.Form(func(f *Profile, m *member) error {
		if f.Company != nil {
			m.Company = *f.Company
		}
		return nil
	})
	cfg.Views = config.Views{
		config.UserView(func(r binding.LoginResponse, m *member) MyLogin { return MyLogin{Token: r.Key, Company: m.Company} }),
		config.UserView(func(u binding.User, m *member) MyUser {
			return MyUser{ID: u.PK, Name: u.Username, Company: m.Company, Plan: &Plan{Name: "team", Seats: m.Seats}}
		}),
		config.View(func(e binding.Error) MyError {
			out := MyError{Error: e.Code, Text: e.Message, Fields: map[string]string{}}
			for _, name := range e.FieldNames() {
				out.Fields[name] = e.Fields[name][0].Message
			}
			return out
		}),
	}
}

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode) // the mode is global; debug mode prints every route
	m.Run()
}
