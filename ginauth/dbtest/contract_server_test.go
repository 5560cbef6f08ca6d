package dbtest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/testdb"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// contractProfiles are the settings of the recorded servers.
var contractProfiles = map[string]func(*config.Config){
	"token": func(cfg *config.Config) {
		cfg.LoginMethods = []config.LoginMethod{config.LoginByUsername}
		cfg.AllowPasswordChangeWithoutOld = true
		both(cfg)
	},
	"tokenonly": func(cfg *config.Config) { cfg.Login = []config.Credential{config.OpaqueToken} },
	"strict": func(cfg *config.Config) {
		cfg.LoginMethods = []config.LoginMethod{config.LoginByEmail}
		cfg.SignUpFields.Username = config.FieldOff
		cfg.LogoutOnPasswordChange = true
		both(cfg)
	},
	"jwt":     jwtCookies,
	"jwtcsrf": jwtCookies,
	"jwtbody": func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.JSONWebToken}
		cfg.JWT = config.JWT{Transport: config.InCookies, AllowCookieTokensInBody: true, ReturnExpiration: true}
	},
	"jwtheader": func(cfg *config.Config) { cfg.Login = []config.Credential{config.JSONWebToken} },
	"jwtsecure": func(cfg *config.Config) {
		cfg.Login = []config.Credential{config.JSONWebToken}
		cfg.JWT.Transport = config.InCookies
		cfg.JWT.AccessCookie = config.JWTCookie{Domain: "example.com", SameSite: http.SameSiteStrictMode}
		cfg.JWT.RefreshCookie = config.JWTCookie{Domain: "example.com", Path: "/auth/token/refresh"}
	},
	"both": both,
	"logoutget": func(cfg *config.Config) {
		both(cfg)
		cfg.AllowLogoutOnGet = true
	},
	"session":  func(*config.Config) {},
	"throttle": both,
	"verify": func(cfg *config.Config) {
		cfg.LoginMethods = []config.LoginMethod{config.LoginByUsername}
		both(cfg)
		cfg.EmailVerification = config.VerifyMandatory
	},
	"jwtverify": func(cfg *config.Config) {
		jwtCookies(cfg)
		cfg.EmailVerification = config.VerifyMandatory
	},
}

// mailerOfDjRestAuth turns off mails that dj-rest-auth does not send.
func (s *contractServer) mailerOfDjRestAuth(cfg *config.Config) {
	s.box.Configure(cfg)
	cfg.Mail.AllowSilentChanges, cfg.Mail.URLs.Notice = true, ""
}

// jwtCookies is USE_JWT with cookies. dj-rest-auth then also opens a session.
func jwtCookies(cfg *config.Config) {
	cfg.LoginMethods = []config.LoginMethod{config.LoginByUsername}
	cfg.AllowPasswordChangeWithoutOld = true
	cfg.Login = []config.Credential{config.SessionCookie, config.JSONWebToken}
	cfg.JWT.Transport, cfg.JWT.AllowCookieTokensInBody = config.InCookies, false
}

// both is the default of dj-rest-auth: a token and a session.
func both(cfg *config.Config) {
	cfg.Login, cfg.AllowTokensWithCookies = []config.Credential{config.SessionCookie, config.OpaqueToken}, true
}

// contractServer is one of the recorded servers, with its users.
type contractServer struct {
	*authtest.App
	// browser returns a new browser. Each response must match the OpenAPI document.
	browser func() *authtest.Client
	db      *gorm.DB
	box     *authtest.Mailbox
	users   map[string]int64
	keys    map[string]string    // of the latest login
	pairs   map[string]tokenPair // of the latest login
}

type tokenPair struct{ access, refresh, session string }

func newContractServer(t *testing.T, profile func(*config.Config)) *contractServer {
	db := testdb.SQLite(t)
	s := &contractServer{
		box: &authtest.Mailbox{}, db: db, users: map[string]int64{}, keys: map[string]string{}, pairs: map[string]tokenPair{},
	}
	s.App = authtest.New(t, db, s.mailerOfDjRestAuth, profile)
	s.browser = browsers(t, s.App)
	for name, email := range map[string]string{
		"alice": "alice@example.com", "inactive": "inactive@example.com", "unverified": "unverified@example.com",
		"noaddr": "noaddr@example.com", "nomail": "", "twin": "twin@example.com", "MixedCase": "Mixed.Case@Example.com",
		"super": "Super.Case@example.com", "user01": "user01@example.com",
	} {
		s.create(t, name, email, "Wonderland-42!")
	}
	for _, name := range []string{"user08", "user11", "user12", "user13", "user30", "user31"} {
		s.create(t, name, name+"@example.com", "Wonderland-42!")
	}
	s.create(t, "nopw", "nopw@example.com", "")
	s.deactivate(t, "inactive")
	return s
}

func (s *contractServer) create(t *testing.T, name, email, password string) {
	t.Helper()
	u := &models.User{Username: name, Email: email}
	if err := s.Auth.CreateUser(t.Context(), u, password); err != nil {
		t.Fatal(err)
	}
	s.users[name] = u.ID
	if email == "" || name == "noaddr" || name == "super" || name == "unverified" || strings.HasPrefix(name, "user3") {
		return
	}
	if err := s.Auth.ConfirmEmail(t.Context(), u.ID, email); err != nil {
		t.Fatal(err)
	}
}

// requestMail has a mail sent to a user, and returns it.
func (s *contractServer) requestMail(t *testing.T, what string) authtest.Mail {
	t.Helper()
	s.Clock.Advance(13 * time.Minute) // within MaxPerHour
	kind, name, _ := strings.Cut(what, ":")
	if s.users[name] == 0 && strings.HasPrefix(name, "user") {
		s.create(t, name, name+"@example.com", "Wonderland-42!")
	}
	path := map[string]string{"reset": "/auth/password/reset/", "verify": "/auth/registration/resend-email/"}[kind]
	s.Mails(t, s.box)
	s.browser().Post(path, map[string]string{"email": strings.Replace(name, "dup1", "dup", 1) + "@example.com"}).Want(200)
	mails := s.Mails(t, s.box)
	if len(mails) != 1 {
		t.Fatalf("%s: %d mails", what, len(mails))
	}
	return mails[0]
}

// sent counts the mails that go out.
func (s *contractServer) sent(t *testing.T) (n int64) {
	t.Helper()
	if err := s.db.Model(&models.OutboxMail{}).Where("state <> ?", models.MailVoid).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func (s *contractServer) deactivate(t *testing.T, name string) {
	t.Helper()
	if err := s.Auth.SetActive(t.Context(), s.users[name], false); err != nil {
		t.Fatal(err)
	}
}
