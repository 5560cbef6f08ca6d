package dbtest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// contractProfiles are the settings of the recorded servers.
var contractProfiles = map[string]func(*config.Config){
	"token": func(cfg *config.Config) {
		cfg.LoginMethods = []config.LoginMethod{config.LoginByUsername}
		cfg.AllowPasswordChangeWithoutOld = true
		cfg.Login = both
	},
	"tokenonly": func(cfg *config.Config) { cfg.Login = []config.Credential{config.OpaqueToken} },
	"strict": func(cfg *config.Config) {
		cfg.LoginMethods = []config.LoginMethod{config.LoginByEmail}
		cfg.SignUpFields.Username = config.FieldOff
		cfg.LogoutOnPasswordChange = true
		cfg.Login = both
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
	"both":      func(cfg *config.Config) { cfg.Login = both },
	"logoutget": func(cfg *config.Config) { cfg.AllowLogoutOnGet, cfg.Login = true, both },
	"session":   func(*config.Config) {},
	"throttle":  func(cfg *config.Config) { cfg.Login = both },
	"verify": func(cfg *config.Config) {
		cfg.LoginMethods = []config.LoginMethod{config.LoginByUsername}
		cfg.Login, cfg.EmailVerification = both, config.VerifyMandatory
	},
	"jwtverify": func(cfg *config.Config) {
		jwtCookies(cfg)
		cfg.EmailVerification = config.VerifyMandatory
	},
}

// silent is a mailer without what dj-rest-auth does not have.
func (s *contractServer) silent(cfg *config.Config) {
	s.box.Configure(cfg)
	cfg.Mail.AllowSilentChanges, cfg.Mail.URLs.Notice = true, ""
}

// jwtCookies is USE_JWT with cookies, beside which dj-rest-auth also opens a session.
func jwtCookies(cfg *config.Config) {
	cfg.LoginMethods = []config.LoginMethod{config.LoginByUsername}
	cfg.AllowPasswordChangeWithoutOld = true
	cfg.Login = []config.Credential{config.SessionCookie, config.JSONWebToken}
	cfg.JWT.Transport, cfg.JWT.AllowCookieTokensInBody = config.InCookies, false
}

// both is dj-rest-auth's default: a token and a session.
var both = []config.Credential{config.SessionCookie, config.OpaqueToken}

// contractServer is one of the recorded servers, with its users.
type contractServer struct {
	*authtest.App
	// browser returns a new one. Every answer it gets must be as the OpenAPI document says.
	browser func() *authtest.Client
	db      *gorm.DB
	box     *authtest.Mailbox
	users   map[string]int64
	keys    map[string]string // of the latest login
	pairs   map[string]pair   // of the latest login
}

type pair struct{ access, refresh, session string }

func newContractServer(t *testing.T, profile func(*config.Config)) *contractServer {
	db := openSQLite(t)
	s := &contractServer{
		box: &authtest.Mailbox{}, db: db, users: map[string]int64{}, keys: map[string]string{}, pairs: map[string]pair{},
	}
	s.App = authtest.New(t, db, s.silent, profile)
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

// ask has a mail sent to a user, and returns it.
func (s *contractServer) ask(t *testing.T, what string) authtest.Mail {
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

// browserOf returns who sends a request: a user with a live session, made on demand, or
// one to whose session something happened.
func (s *contractServer) browserOf(t *testing.T, as string, token bool) *authtest.Client {
	t.Helper()
	event, name, found := strings.Cut(as, ":")
	if !found {
		event, name = "", as
	}
	if name == "" {
		return s.browser()
	}
	browser := s.login(t, name)
	if token {
		browser.Header.Set("Authorization", "Token "+s.keys[name])
		browser.Cookies = map[string]string{}
	}
	before := browser.Clone()
	switch event {
	case "ended":
		browser.Post("/auth/logout/", nil).Want(200)
	case "changed":
		body := map[string]string{
			"old_password": "Wonderland-42!", "new_password1": "Looking-Glass-7", "new_password2": "Looking-Glass-7",
		}
		s.login(t, name).Post("/auth/password/change/", body).Want(200)
	case "reset":
		m := s.ask(t, as)
		s.browser().Post("/auth/password/reset/confirm/", map[string]string{
			"uid": m.UID(t), "token": m.Key(t), "new_password1": "Looking-Glass-7", "new_password2": "Looking-Glass-7",
		}).Want(200)
	case "deactivated":
		s.deactivate(t, name)
	case "deleted":
		if err := s.db.Exec("DELETE FROM auth_user WHERE id = ?", s.users[name]).Error; err != nil {
			t.Fatal(err)
		}
	case "expired":
		s.Clock.Advance(6 * time.Minute)
	case "expired-refresh":
		s.Clock.Advance(15 * 24 * time.Hour)
	case "other":
		s.login(t, name).Post("/auth/logout/", nil).Want(200)
	}
	return before
}

func (s *contractServer) login(t *testing.T, name string) *authtest.Client {
	t.Helper()
	if s.users[name] == 0 {
		s.create(t, name, name+"@example.com", "Wonderland-42!")
	}
	browser := s.browser()
	body := map[string]string{"username": name, "email": name + "@example.com", "password": "Wonderland-42!"}
	var out binding.LoginResponse
	browser.Post("/auth/login/", body).Want(200).JSON(&out)
	s.keys[name] = out.Key
	p := pair{session: browser.Cookies["__Host-session"], access: browser.Cookies["access"], refresh: browser.Cookies["refresh"]}
	if out.Tokens != nil && out.Access != "" {
		p.access, p.refresh = out.Access, out.Refresh
	}
	s.pairs[name] = p
	return browser
}

func (s *contractServer) play(t *testing.T, c contractCase) answer {
	t.Helper()
	var mail authtest.Mail
	if c.Ask != "" {
		mail = s.ask(t, c.Ask)
	}
	if c.Confirm != "" {
		key := s.ask(t, "verify:"+c.Confirm).Key(t)
		s.browser().Post("/auth/registration/verify-email/", map[string]string{"key": key}).Want(200)
	}
	browser := s.browserOf(t, c.As, c.Token)
	browser.Header.Del("Accept")
	fill := s.filler(t, c, mail)
	if c.Cookies != nil {
		browser.Cookies = map[string]string{}
		for name, value := range c.Cookies {
			browser.Cookies[name] = fill(value)
		}
	}
	if strings.HasPrefix(c.As, "ended:") && strings.HasPrefix(c.Profile, "jwt") {
		browser.Clone().Do("POST", "/auth/logout/", fill(`{"refresh":"{refresh}"}`), "Content-Type", "application/json").Want(200)
	}
	header := []string{}
	for name, value := range c.Header {
		header = append(header, name, fill(value))
	}
	body := any(fill(c.Body))
	switch {
	case c.Padding > 0:
		body = `{"username": "alice", "password": "` + strings.Repeat("x", c.Padding) + `"}`
	case c.Fields > 0:
		var form strings.Builder
		for i := range c.Fields {
			fmt.Fprintf(&form, "f%d=%d&", i, i)
		}
		body = form.String()
	case c.Body == "":
		body = nil
	}
	path := "/auth" + c.Path
	if strings.HasPrefix(c.Path, "//") {
		path = "/" + path
	}
	for range c.Times - 1 {
		browser.Do(c.Method, path, body, header...)
	}
	before := s.sent(t)
	r := browser.Do(c.Method, path, body, header...)
	got := answer{Status: r.StatusCode, Shape: shapeOf(r.Text), Mails: int(s.sent(t) - before)}
	if c.Method == "HEAD" {
		got.Shape = "empty" // net/http drops the body, the recorder keeps it
	}
	var changed []string
	for _, cookie := range r.Cookies() {
		sign := "+"
		if cookie.MaxAge < 0 {
			sign = "-"
		}
		changed = append(changed, strings.TrimPrefix(cookie.Name, "__Host-")+sign)
	}
	slices.Sort(changed)
	got.Cookie = strings.Join(slices.Compact(changed), " ")
	return got
}

// filler replaces the names of credentials by those of the user of a case.
func (s *contractServer) filler(t *testing.T, c contractCase, mail authtest.Mail) func(string) string {
	t.Helper()
	var uid, key string
	if c.Ask != "" {
		uid, key = mail.UID(t), mail.Key(t)
	}
	_, name, found := strings.Cut(c.As, ":")
	if !found {
		name = c.As
	}
	own := s.pairs[name]
	if c.As != "" && strings.HasPrefix(c.Profile, "jwt") {
		if s.pairs["user19"].refresh == "" || strings.Contains(c.Cookies["refresh"], "{other}") {
			s.login(t, "user19")
		}
	}
	const foreign = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIn0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	return strings.NewReplacer("{access}", own.access, "{refresh}", own.refresh, "{session}", own.session,
		"{uid}", uid, "{token}", key, "{key}", key, "{tampered}", strings.TrimRight(key, key[max(len(key)-1, 0):])+"_",
		"{other}", s.pairs["user19"].refresh, "{foreign}", foreign).Replace
}
